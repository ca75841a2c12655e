"""Which group and device an address belongs to, and whether it may ask at all."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Generic, TypeVar

DEFAULT = "default"

T = TypeVar("T")

_MAPPED = 96  # bits before the IPv4 address in ::ffff:0:0/96 (RFC 4291 section 2.5.5.2)
_MAPPED_PREFIX = bytes(10) + b"\xff\xff"

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address as sockets give it: a zone is dropped, an IPv4-mapped IPv6 address is the IPv4 one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def place(address: str) -> str:
    """Whose an address is, for all that is counted: an IPv6 client's is its /64 (RFC 6177 section 2), any address of
    which it could have; "" for what is no address."""
    address = address.partition("%")[0]
    try:
        if ":" not in address:
            return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, address))
        packed = socket.inet_pton(socket.AF_INET6, address)
    except (OSError, ValueError):
        return ""
    if packed[: _MAPPED // 8] == _MAPPED_PREFIX:
        return socket.inet_ntop(socket.AF_INET, packed[_MAPPED // 8 :])
    return f"{socket.inet_ntop(socket.AF_INET6, packed[:8] + bytes(8))}/64"


def parse_network(text: str) -> _Network:
    """A network or address as configs give it, brought to the form of `parse_address`. Raises ValueError."""
    address, slash, length = text.partition("/")
    network = ipaddress.ip_network(address.partition("%")[0] + slash + length, strict=False)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED))


def called(text: str) -> str:
    """An address or network as people are told of it: "address 192.0.2.7", "network 192.0.2.0/24"."""
    network = parse_network(text)
    single = network.num_addresses == 1
    return f"address {network.network_address}" if single else f"network {network}"


class ClientIndex(Generic[T]):
    """Addresses to what they belong to: the exact address first, then the longest prefix; of equal ones the last."""

    def __init__(self, members: Iterable[tuple[str, T]]) -> None:
        """`members` are addresses and CIDRs as text, with their owners. Raises ValueError."""
        self._exact: dict[str, T] = {}
        networks: dict[tuple[int, int], dict[int, T]] = {}
        for text, owner in members:
            network = parse_network(text)
            if network.num_addresses == 1:
                self._exact[str(network.network_address)] = owner
            else:
                shift = network.max_prefixlen - network.prefixlen
                alike = networks.setdefault((shift, network.version), {})
                alike[int(network.network_address) >> shift] = owner
        self._networks = sorted(networks.items(), key=lambda item: item[0])

    def of(self, address: str) -> T | None:
        """The owner of an address in its normal form; None when it has none."""
        owner = self._exact.get(address)
        if owner is not None or not self._networks:
            return owner
        parsed = ipaddress.ip_address(address)
        number = int(parsed)
        for (shift, version), alike in self._networks:
            if version == parsed.version and (owner := alike.get(number >> shift)) is not None:
                return owner
        return None


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
