"""EDNS Client Subnet, as far as a forwarder passes it on (RFC 7871). A value is what the option holds: family, source
prefix length, scope prefix length, and so many bytes of the address as the source prefix needs."""

from __future__ import annotations

OPTION = 8
_BITS = {1: 32, 2: 128}
_MOST = {1: 24, 2: 56}  # bits of a client's address that an upstream is told (RFC 7871 section 11.1)


def from_options(found: list[tuple[int, bytes]]) -> bytes:
    """The value of a client's option, scope 0; empty when there is none that is as it should be: to a forwarder that
    strips it, it does not matter why."""
    values = [value for code, value in found if code == OPTION]
    if len(values) != 1 or len(values[0]) < 4 or values[0][3]:
        return b""
    value = values[0]
    family, source = int.from_bytes(value[:2], "big"), value[2]
    if source > _BITS.get(family, -1) or len(value) != 4 + (source + 7) // 8 or value != _cut(value, source):
        return b""
    return value


def told(value: bytes) -> bytes:
    """The same with no more bits than an upstream is told."""
    return _cut(value, min(value[2], _MOST[value[1]]))


def _cut(value: bytes, source: int) -> bytes:
    """The value with this source prefix length, bits after it zero."""
    address = bytearray(value[4 : 4 + (source + 7) // 8])
    if source % 8:
        address[-1] &= 0xFF << (8 - source % 8) & 0xFF
    return value[:2] + bytes((source, value[3])) + bytes(address)


def scoped(value: bytes, scope: int) -> bytes:
    """A client's value as the answer has it: for which prefix of the address that holds."""
    return value[:3] + bytes((min(scope, value[2]),)) + value[4:]


def option(value: bytes) -> bytes:
    """The option in wire form."""
    return OPTION.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def attached(message: bytes, value: bytes) -> bytes:
    """A message that ends with an OPT without options, with this option in it."""
    made = option(value)
    return message[:-2] + len(made).to_bytes(2, "big") + made


def scope(found: list[tuple[int, bytes]]) -> int:
    """For which prefix length an upstream's answer holds: 0 is for everybody, and so is one that does not say."""
    return next((value[3] for code, value in found if code == OPTION and len(value) >= 4), 0)
