"""What devices have to be told so that they use Lull: the addresses at which they reach it, as they do."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

import msgspec

from resolver.admin.parts import Parts
from resolver.admin.visitors import Visitor
from resolver.config.hosts import HOUSEHOLD
from resolver.config.leaves import is_address
from resolver.config.schema import Config
from resolver.config.values import Endpoint
from resolver.wire.name import from_text

DOMAIN, TLS, HTTPS, HTTP = 53, 853, 443, 80
"""The ports that devices take for granted (RFC 1035, 7858, 8484)."""

PATH = "/dns-query"

LATELY = 600.0
"""Seconds for which questions of a device are counted."""

_FAMILIES = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - how "every address" is written


class Reach(msgspec.Struct, frozen=True):
    """How a device in the house reaches Lull. `addresses` are those for unencrypted queries on the usual port, the best
    first, and `others` those with another one. `name` is what the certificate holds ("": not known), `tls` whether
    devices that know no port but the usual one get through, `url` that of queries over HTTPS ("": there is none), and
    `trial` whether the certificate is one for trying. `page` is where the admin is, `home` the same by a name that
    only Lull knows ("": there is no such way). `places` are the addresses for encrypted queries. `hidden`: no device
    but this machine reaches any of it. `outside` is the address at which somebody found this machine, and that is none
    of its own ("": it is one). `claimed`: an address is in it that nothing but the request says is ours."""

    addresses: tuple[str, ...]
    others: tuple[str, ...]
    name: str
    tls: bool
    url: str
    trial: bool
    page: str
    home: str
    hidden: bool
    places: tuple[str, ...]
    outside: str = ""
    claimed: bool = False

    @property
    def encrypted(self) -> bool:
        return bool(self.url) or self.tls


class Uses(msgspec.Struct, frozen=True):
    """How often the device at an address asked in the last minutes, and when last (Unix time; None: not at all);
    `told` says whether that can be known of it."""

    told: bool
    count: int = 0
    last: int | None = None


class Setup:
    """From memory."""

    def __init__(self, parts: Parts, config: Callable[[], Config]) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config

    def reach(self, here: str, host: str, scheme: str = "http") -> Reach:
        """For whoever came by the address `here` of this machine, and called it `host` (of the Host header)."""
        config = self._config()
        encrypted = config.encrypted
        outside = self._outside(host)
        plain = self._reached(config.dns.listen, here, outside)
        secure = self._reached(encrypted.https, here, outside)
        tls = [one for one in self._reached(encrypted.tls, here, outside) if one.port == TLS]
        usual = tuple(one.host for one in plain if one.port == DOMAIN)
        name = str(encrypted.names[0]).rstrip(".") if encrypted.names else ""
        admin = self._reached([config.admin.listen], here, outside)
        return Reach(
            addresses=usual,
            others=tuple(str(one) for one in plain if one.port != DOMAIN),
            name=name,
            tls=bool(tls and name),
            url=_url("https", name, secure[0].port, HTTPS) + PATH if secure and name else "",
            trial=encrypted.certificate is None,
            page=_url("http", _bracketed(admin[0].host), admin[0].port, HTTP) if admin else _as_called(scheme, host),
            home=self._home(admin),
            hidden=not plain and not secure and not tls,
            places=tuple(dict.fromkeys(one.host for one in (secure or tls))),
            outside=outside,
            claimed=bool(outside) or (not admin and is_address(_host_of(host))),
        )

    def uses(self, visitor: Visitor) -> Uses:
        """Whether the device that somebody sits at uses Lull."""
        if visitor.unknown not in {"", "unseen"} or not visitor.kept:
            return Uses(told=False)
        since = self._parts.clock.time() - LATELY
        count, last = self._parts.recent.asked(visitor.address, since)
        return Uses(told=True, count=count, last=last)

    def _reached(self, listening: Iterable[Endpoint], here: str, outside: str) -> list[Endpoint]:
        """Where devices reach those of these that are not for this machine alone, the way somebody came first."""
        machine = self._parts.devices.around.machine or tuple(filter(_is_of_house, [here]))
        found: list[Endpoint] = []
        for one in listening:
            if one.host in _FAMILIES.values():
                mine = [address for address in (outside, *machine) if address and _same_family(address, one.host)]
                found += [Endpoint(address, one.port) for address in mine]
            elif _is_of_house(one.host):
                found.append(one)
        order = {outside: -2, here: -1}
        return sorted(dict.fromkeys(found), key=lambda one: (order.get(one.host, 0), ":" in one.host))

    def _outside(self, host: str) -> str:
        """The address at which somebody found this machine, where it is none of its own: what stands before it (a
        container's host, say) passes on what comes there. "": it is not so."""
        address = _host_of(host)
        machine = self._parts.devices.around.machine
        return address if machine and _is_of_house(address) and address not in machine else ""

    def _home(self, admin: list[Endpoint]) -> str:
        """The admin by the name that every house has, if that leads here."""
        owner = from_text(HOUSEHOLD)
        known = any(one.owner == owner for one in self._parts.devices.host_records())
        return _url("http", HOUSEHOLD, admin[0].port, HTTP) if known and admin else ""


def _as_called(scheme: str, host: str) -> str:
    """The admin as somebody called it, where only what stands before it can be reached; "" on this very machine."""
    address = _host_of(host)
    here = address == "localhost" or (is_address(address) and not _is_of_house(address))
    return "" if here or not address else f"{scheme}://{host}"


def _host_of(host: str) -> str:
    """A Host header without its port (RFC 9110 section 7.2)."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).strip("[]")


def _is_of_house(address: str) -> bool:
    """Whether other machines reach an address, as far as that tells."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_link_local)


def _same_family(address: str, every: str) -> bool:
    return _FAMILIES[ipaddress.ip_address(address).version] == every


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _url(scheme: str, host: str, port: int, usual: int) -> str:
    return f"{scheme}://{host}" if port == usual else f"{scheme}://{host}:{port}"
