"""Which group an address belongs to, and whether it may ask at all."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from resolver.policy.document import GroupEntry

DEFAULT = "default"

_MAPPED = 96  # bits before the IPv4 address in ::ffff:0:0/96 (RFC 4291 section 2.5.5.2)

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address as sockets give it: a zone is dropped, an IPv4-mapped IPv6 address is the IPv4 one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def parse_network(text: str) -> _Network:
    """A network or address as configs give it, brought to the form of `parse_address`. Raises ValueError."""
    address, slash, length = text.partition("/")
    network = ipaddress.ip_network(address.partition("%")[0] + slash + length, strict=False)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED))


class ClientIndex:
    """Addresses to groups: the exact address first, then the longest prefix, then the default group."""

    def __init__(self, groups: Sequence[GroupEntry]) -> None:
        self._exact: dict[str, str] = {}
        networks: list[tuple[_Network, str]] = []
        for group in groups:
            for text in group.clients:
                network = parse_network(text)
                if network.num_addresses == 1:
                    self._exact[str(network.network_address)] = group.name
                else:
                    networks.append((network, group.name))
        self._networks = sorted(networks, key=lambda item: -item[0].prefixlen)

    def group_of(self, address: str) -> str:
        """The name of the group of an address in its normal form."""
        group = self._exact.get(address)
        if group is None:
            parsed = ipaddress.ip_address(address)
            group = next((name for network, name in self._networks if parsed in network), DEFAULT)
        return group


class AccessList:
    """Who may ask: CIDRs, or the words `private` (every address that is not globally routable) and `any`."""

    def __init__(self, allow: Iterable[str]) -> None:
        words = set(allow)
        self._any = "any" in words
        self._private = "private" in words
        self._networks = [parse_network(text) for text in words - {"any", "private"}]

    def admits(self, address: str) -> bool:
        if self._any:
            return True
        parsed = parse_address(address)
        return (self._private and not parsed.is_global) or any(parsed in network for network in self._networks)
