"""Which group and device an address belongs to, and whether it may ask at all."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Generic, TypeVar

DEFAULT = "default"

T = TypeVar("T")

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


class ClientIndex(Generic[T]):
    """Addresses to what they belong to: the exact address first, then the longest prefix, then `default`."""

    def __init__(self, members: Iterable[tuple[T, Iterable[str]]], default: T) -> None:
        """`members` are owners with their addresses and CIDRs as text. Raises ValueError."""
        self._default = default
        self._exact: dict[str, T] = {}
        networks: list[tuple[_Network, T]] = []
        for owner, texts in members:
            for text in texts:
                network = parse_network(text)
                if network.num_addresses == 1:
                    self._exact[str(network.network_address)] = owner
                else:
                    networks.append((network, owner))
        self._networks = sorted(networks, key=lambda item: -item[0].prefixlen)

    def of(self, address: str) -> T:
        """The owner of an address in its normal form."""
        owner = self._exact.get(address)
        if owner is None:
            parsed = ipaddress.ip_address(address) if self._networks else None
            owner = next((owner for network, owner in self._networks if parsed in network), self._default)
        return owner


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
