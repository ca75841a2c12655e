"""Rows of the journal as dnstap messages: protobuf by hand, for there are fourteen fields (dnstap.proto). Pure.

Each is a CLIENT_RESPONSE: when, for whom, what was asked, and the header of what was answered. The log knows of an
answer its RCODE but not its records, and not the transport; so neither is told. What else it knows is JSON in `extra`.
Of whom privacy keeps no address there is none, and where no name is kept the messages have no question.
"""

from __future__ import annotations

import functools
import ipaddress
import struct
from collections.abc import Iterator

import msgspec

from resolver.errors import DomainError
from resolver.journal.frames import Row
from resolver.journal.redaction import PSEUDONYM
from resolver.wire.name import from_text

REPEATED = 100
"""Equal answers of one second are as many messages, but for those above this number: the last message stands for the
rest, as `count` in its `extra` says."""

_MESSAGE, _CLIENT_RESPONSE, _INET, _INET6 = 1, 6, 1, 2
_RD, _ANSWERED = 0x0100, 0x8180  # QR, RD and RA
_OPT = struct.Struct("!BHHLH")  # owner, type, class (payload size), extended RCODE and flags, length (RFC 6891)


class Extra(msgspec.Struct, frozen=True, omit_defaults=True):
    """What dnstap has no field for. `client` is the name for a day of somebody whose address is not kept, `prefix` how
    many bits of the address are kept where that is not all. The message stands for `count` answers."""

    verdict: str
    origin: str
    group: str
    list: str = ""
    rule: str = ""
    via: str = ""
    upstream: str = ""
    shadow: str = ""
    client: str = ""
    prefix: int | None = None
    count: int = 1


_json = msgspec.json.Encoder()


class Messages:
    """Makes messages of one server: `identity` and `version` say which it is."""

    def __init__(self, identity: str, version: str) -> None:
        self._head = _bytes(1, identity.encode()) + _bytes(2, version.encode())

    def of(self, row: Row, second: int) -> Iterator[bytes]:
        """The messages of a row of this Unix second."""
        message = _bytes(14, _message(row, second)) + _number(15, _MESSAGE)
        times = min(row.count, REPEATED)
        one = self._head + _bytes(3, _json.encode(_extra(row, 1))) + message
        for _ in range(times - 1):
            yield one
        rest = row.count - times + 1
        yield one if rest == 1 else self._head + _bytes(3, _json.encode(_extra(row, rest))) + message


def _extra(row: Row, count: int) -> Extra:
    one, _, bits = row.exchange, *_place(row.client)
    known = row.client if row.client.startswith(PSEUDONYM) else ""
    said = (one.verdict, one.origin, row.group, one.source, one.rule, one.via, one.upstream, one.shadow)
    return Extra(*said, known, bits, count)


def _message(row: Row, second: int) -> bytes:
    address, _ = _place(row.client)
    whom = b""
    if address:
        whom = _number(2, _INET if len(address) == 4 else _INET6) + _bytes(4, address)
    seconds, micro = divmod(second * 1_000_000 + row.took_us, 1_000_000)
    return b"".join(
        (
            _number(1, _CLIENT_RESPONSE),
            whom,
            _number(8, second) + _fixed(9, 0),
            _bytes(10, _asked(row.exchange.name, row.exchange.type)),
            _number(12, seconds) + _fixed(13, micro * 1000),
            _bytes(14, _answered(row.exchange.name, row.exchange.type, row.exchange.rcode)),
        )
    )


@functools.lru_cache(maxsize=4096)
def _place(client: str) -> tuple[bytes, int | None]:
    """The bytes of a client's address, and how many bits of it are kept where that is not all; none for whom the log
    does not know."""
    try:
        network = ipaddress.ip_network(client)
    except ValueError:
        return b"", None
    whole = network.prefixlen == network.max_prefixlen
    return network.network_address.packed, None if whole else network.prefixlen


@functools.lru_cache(maxsize=4096)
def _question(name: str, type: int) -> tuple[int, bytes]:
    """How many questions there are, and their bytes: none without a name."""
    try:
        return (1, from_text(name) + struct.pack("!2H", type, 1)) if name else (0, b"")
    except DomainError:  # what an older log has
        return 0, b""


def _asked(name: str, type: int) -> bytes:
    count, question = _question(name, type)
    return struct.pack("!6H", 0, _RD, count, 0, 0, 0) + question


def _answered(name: str, type: int, rcode: int) -> bytes:
    """The upper bits of an RCODE that has more than four stand in an OPT record (RFC 6891 section 6.1.3)."""
    count, question = _question(name, type)
    opt = _OPT.pack(0, 41, 1232, (rcode >> 4) << 24, 0) if rcode > 15 else b""
    return struct.pack("!6H", 0, _ANSWERED | rcode & 15, count, 0, 0, bool(opt)) + question + opt


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _fixed(field: int, number: int) -> bytes:
    return _varint(field << 3 | 5) + number.to_bytes(4, "little")


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value
