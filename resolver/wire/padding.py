"""Finished replies of ours with what only this client gets: an option more in their OPT, such as the padding of
transports that hide them, so that their length says little (RFC 7830, RFC 8467)."""

from __future__ import annotations

from struct import Struct

from resolver.model import Type

BLOCK = 468
"""Bytes that replies are padded to a multiple of (RFC 8467 section 4.1)."""

_COUNTS = Struct("!4H")
_RECORD = Struct("!HHLH")  # type, class, TTL, RDLENGTH
_OPTION = Struct("!HH")
_PADDING = 12
_LARGEST = 65_535


def padded(reply: bytes) -> bytes:
    """A reply of ours, whose last record is its OPT, padded to a multiple of 468 bytes; as it is when it has no OPT, as
    its query had none, or when there is no room."""
    zeros = -(len(reply) + _OPTION.size) % BLOCK
    return reply if len(reply) + _OPTION.size + zeros > _LARGEST else with_option(reply, _PADDING, bytes(zeros))


def with_option(reply: bytes, code: int, value: bytes) -> bytes:
    """A reply of ours, whose last record is its OPT, with an EDNS option more; as it is when it has no OPT, as its
    query had none."""
    opt = _opt(reply)
    if opt is None:
        return reply
    length = len(reply) - opt - 2 + _OPTION.size + len(value)
    return reply[:opt] + length.to_bytes(2, "big") + reply[opt + 2 :] + _OPTION.pack(code, len(value)) + value


def smallest_ttl(reply: bytes) -> int | None:
    """The smallest TTL of the records in a reply of ours; None when it has none (RFC 8484 section 5.1)."""
    ttls = [ttl for _, type, ttl in _records(reply) if type != Type.OPT]
    return min(ttls, default=None)


def _opt(reply: bytes) -> int | None:
    """The offset of the RDLENGTH of the OPT."""
    return next((end for end, type, _ in _records(reply) if type == Type.OPT), None)


def _records(reply: bytes) -> list[tuple[int, int, int]]:
    """Of each record the offset of its RDLENGTH, its type and its TTL."""
    questions, *others = _COUNTS.unpack_from(reply, 4)
    offset = 12
    found = []
    for _ in range(questions):
        offset = _after_name(reply, offset) + 4
    for _ in range(sum(others)):
        offset = _after_name(reply, offset)
        type, _, ttl, length = _RECORD.unpack_from(reply, offset)
        found.append((offset + 8, type, ttl))
        offset += _RECORD.size + length
    return found


def _after_name(reply: bytes, offset: int) -> int:
    while length := reply[offset]:
        if length >= 0xC0:
            return offset + 2
        offset += 1 + length
    return offset + 1
