"""Which addresses a list may be downloaded from. URLs come from whoever may use the admin, redirects and answers to
DNS queries from strangers: none of them may make this machine ask itself, its neighbours on the link or its cloud.

What a name resolves to is judged where the connection takes its address from, so that nothing changes in between; a
host that is an address itself is judged before each request. Private networks (RFC 1918, RFC 4193) may be reached.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import urllib.request
from collections.abc import Collection, Iterator

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from resolver.errors import ListError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOOPBACK = "a loopback address (this machine itself)"
_METADATA = "an address of a cloud's metadata (they hold secrets)"
_LINK_LOCAL = "a link-local address"
_MULTICAST = "a multicast address"
_NOBODY = "no machine's address (a blocked name is answered so)"

_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), what)
    for network, what in (  # the first that fits
        ("127.0.0.0/8", _LOOPBACK),
        ("::1", _LOOPBACK),
        ("0.0.0.0/8", _NOBODY),  # the system takes 0.0.0.0 for itself
        ("::", _NOBODY),
        ("169.254.169.254", _METADATA),  # most clouds
        ("169.254.170.2", _METADATA),  # AWS: containers
        ("169.254.170.23", _METADATA),
        ("fd00:ec2::/32", _METADATA),  # AWS
        ("fd20:ce::254", _METADATA),  # Google
        ("192.0.0.192", _METADATA),  # Oracle
        ("fd00:c1::a9fe:a9fe", _METADATA),
        ("168.63.129.16", _METADATA),  # Azure
        ("100.100.100.200", _METADATA),  # Alibaba
        ("fd00:42::42", _METADATA),  # Scaleway
        ("169.254.0.0/16", _LINK_LOCAL),
        ("fe80::/10", _LINK_LOCAL),
        ("224.0.0.0/4", _MULTICAST),
        ("ff00::/8", _MULTICAST),
        ("255.255.255.255", "the broadcast address"),
    )
)
_HOLDERS = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48")))
"""Whose addresses end in the IPv4 address that they lead to (RFC 4291 section 2.5.5.1, RFC 6052, RFC 8215)."""

_LOCALHOST = ("127.0.0.1", "::1")


def refusal(address: Address, reach: Collection[Network], *, loopback: bool = False) -> str | None:
    """Why nothing may be downloaded from an address, beginning with it ("127.0.0.1, a loopback ..."); None when it may.

    What is in `reach` may always be reached; with `loopback`, so may this machine itself.
    """
    held = [address, *_held(address)]
    if any(one in network for one in held for network in reach):
        return None
    for one in held:
        what = next((what for network, what in _REFUSED if one in network), None)
        if what is None or (loopback and what == _LOOPBACK):
            continue
        where = f"{address}" if one is address else f"{address}, which is {one}"
        return f"{where}, {what}; if that is meant, add it to updates.reach in the config"
    return None


def check(url: yarl.URL, reach: Collection[Network], *, loopback: bool = False) -> None:
    """Raises ListError when the host of a URL is an address, or this machine's own name, and may not be reached."""
    host = url.raw_host or ""
    address = literal(host)
    if address is None:
        if "%" in host:  # a proxy may take it for what it encodes
            raise ListError("it leads to an address that is not valid")
        return
    reason = refusal(address, reach, loopback=loopback)
    if reason is not None:
        raise ListError(f"it leads to {reason}")
    if address.version == 4 and str(address) != host and not _is_localhost(host):
        raise ListError(f'it leads to "{host[:100]}", which is an unusual way to write {address}; write that')


def literal(host: str) -> Address | None:
    """The address that a URL's host is, in any spelling that a resolver may take for one; also of `localhost`."""
    if _is_localhost(host):
        return ipaddress.IPv4Address(_LOCALHOST[0])
    bare = host.rstrip(".").replace("%25", "%")
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(bare)
    with contextlib.suppress(OSError, ValueError):
        return ipaddress.IPv4Address(socket.inet_aton(bare))  # decimal, hexadecimal, octal, in fewer parts
    return None


def _held(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if int(address) > 1 and any(address in network for network in _HOLDERS):  # :: and ::1 hold none
        yield ipaddress.IPv4Address(address.packed[-4:])


def _is_localhost(host: str) -> bool:
    """Whether a name always is this machine's (RFC 6761 section 6.3)."""
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


class Judge(AbstractResolver):
    """Resolves names, and gives only addresses that may be reached. Raises ListError when there is no other."""

    def __init__(
        self, inner: AbstractResolver, reach: Collection[Network], proxies: Collection[tuple[str, int]]
    ) -> None:
        """`proxies`, host and port, may be anywhere: who set up this machine has chosen them."""
        self._inner = inner
        self._reach = reach
        self._proxies = proxies

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if _is_localhost(host):  # `check` has judged that name; nobody else may say where it leads to
            return [_result(host, port, address) for address in _LOCALHOST]
        found = await self._inner.resolve(host, port, family)
        if not found:
            raise OSError("it has no address")
        if (host, port) in self._proxies:
            return found
        reasons = [refusal(ipaddress.ip_address(one["host"]), self._reach) for one in found]
        good = [one for one, reason in zip(found, reasons, strict=True) if reason is None]
        if not good:
            raise ListError(f"the name {host[:253]} leads to {reasons[0]}")
        return good

    async def close(self) -> None:
        await self._inner.close()


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)


class Gate(aiohttp.TCPConnector):
    """Connections to where lists may come from. `reach` is what may be reached whatever it is."""

    def __init__(
        self,
        reach: Collection[Network] = (),
        *,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`resolver` and `tls` are the system's when left out."""
        judge = Judge(resolver or aiohttp.ThreadedResolver(), reach, _proxies())
        super().__init__(resolver=judge, use_dns_cache=False, ssl=tls or True)
        self.reach = tuple(reach)


def reach_of(session: aiohttp.ClientSession) -> tuple[Network, ...]:
    """What a session may reach whatever it is: nothing, when it has another connector."""
    return session.connector.reach if isinstance(session.connector, Gate) else ()


def _proxies() -> frozenset[tuple[str, int]]:
    """Host and port of the proxies of the environment."""
    found = set()
    for text in urllib.request.getproxies().values():
        with contextlib.suppress(ValueError):
            url = yarl.URL(text)
            if url.raw_host and url.port:
                found.add((url.raw_host, url.port))
    return frozenset(found)
