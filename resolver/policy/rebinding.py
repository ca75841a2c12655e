"""Addresses that no public name should have: with one, a page anywhere could reach into the house (DNS rebinding).

An address of all zeros is not among them: it is how many upstreams say that they block a name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Container

from resolver.wire.name import suffixes

_V4 = [
    (int(network.network_address), int(network.netmask))
    for network in map(
        ipaddress.IPv4Network, ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
    )
]
_V4_FIRST = frozenset(network >> 24 for network, _ in _V4)
_WITH_V4 = (bytes(10) + b"\xff\xff", b"\x00\x64\xff\x9b" + bytes(8))  # IPv4-mapped (RFC 4291), NAT64 (RFC 6052)
_LOOPBACK = bytes(15) + b"\x01"


def is_local(address: bytes) -> bool:
    """Whether an address (4 or 16 bytes) is private, loopback or link-local, be it inside an IPv6 address."""
    if len(address) == 4:
        if address[0] not in _V4_FIRST:
            return False
        number = int.from_bytes(address, "big")
        return any(number & mask == network for network, mask in _V4)
    first = address[0]
    if first & 0xFE == 0xFC or (first == 0xFE and address[1] & 0xC0 == 0x80):  # RFC 4193, RFC 4291 section 2.5.6
        return True
    if first:
        return False
    return address == _LOOPBACK or (address[:12] in _WITH_V4 and is_local(address[12:]))


def is_exempt(name: str, local: Container[str]) -> bool:
    """Whether a name (text form), or one above it, may have any address."""
    return any(one in local for one in suffixes(name))
