"""A DNS message as it came, for people to see: every record in its place, nothing dropped (RFC 1035 section 4.1)."""

from __future__ import annotations

from struct import Struct

import msgspec

from resolver.errors import WireError
from resolver.model import Ede, Type
from resolver.wire import edns, rdata, zone
from resolver.wire.name import read

_HEADER = Struct("!6H")
_RECORD = Struct("!HHLH")
_FLAGS = {"qr": 0x8000, "aa": 0x400, "tc": 0x200, "rd": 0x100, "ra": 0x80, "ad": 0x20, "cd": 0x10}
_CLASSES = {1: "IN", 3: "CH", 4: "HS"}

MEANINGS = (
    "other",
    "unsupported DNSKEY algorithm",
    "unsupported DS digest type",
    "stale answer",
    "forged answer",
    "DNSSEC indeterminate",
    "DNSSEC bogus",
    "signature expired",
    "signature not yet valid",
    "DNSKEY missing",
    "RRSIGs missing",
    "no zone key bit set",
    "NSEC missing",
    "cached error",
    "not ready",
    "blocked",
    "censored",
    "filtered",
    "prohibited",
    "stale NXDOMAIN answer",
    "not authoritative",
    "not supported",
    "no reachable authority",
    "network error",
    "invalid data",
)
"""The INFO-CODEs of RFC 8914 section 4 in words, from 0."""


class Record(msgspec.Struct, frozen=True):
    """A record as zone-file text."""

    name: str
    ttl: int
    klass: str = msgspec.field(name="class")
    type: str
    data: str

    def __str__(self) -> str:
        return f"{self.name} {self.ttl} {self.klass} {self.type} {self.data}".rstrip()


class Shown(msgspec.Struct, frozen=True):
    """A message; the OPT record is not among `additional`, its Extended DNS Errors are `ede`."""

    rcode: str
    flags: list[str]
    ede: list[Ede]
    answer: list[Record]
    authority: list[Record]
    additional: list[Record]


def parse(data: bytes) -> Shown:
    """The message in these bytes. Raises WireError."""
    if len(data) < _HEADER.size:
        raise WireError("a message shorter than its header")
    _, flags, questions, *counts = _HEADER.unpack_from(data)
    offset = _HEADER.size
    for _ in range(questions):
        offset = read(data, offset)[1] + 4
    high = 0
    ede: list[Ede] = []
    sections: list[list[Record]] = []
    for count in counts:
        section: list[Record] = []
        for _ in range(count):
            owner, type, klass, ttl, start, offset = _fixed(data, offset)
            if type == Type.OPT:
                high = ttl >> 24
                ede += edns.extended_errors(edns.options(data[start:offset]))
            else:
                section.append(_record(owner, type, klass, ttl, rdata.expand(data, start, offset - start, type)))
        sections.append(section)
    words = [word for word, bit in _FLAGS.items() if flags & bit]
    return Shown(zone.rcode_text(flags & 15 | high << 4), words, ede, *sections)


def _fixed(data: bytes, offset: int) -> tuple[bytes, int, int, int, int, int]:
    """Owner, type, class, TTL of the record at `offset`, where its RDATA begins and where it ends."""
    owner, offset = read(data, offset)
    start = offset + _RECORD.size
    if start > len(data):
        raise WireError("a record cut short")
    type, klass, ttl, length = _RECORD.unpack_from(data, offset)
    if start + length > len(data):
        raise WireError("RDATA cut short")
    return owner, type, klass, ttl, start, start + length


def _record(owner: bytes, type: int, klass: int, ttl: int, value: bytes) -> Record:
    return Record(
        name=zone.name_text(owner),
        ttl=ttl,
        klass=_CLASSES.get(klass, f"CLASS{klass}"),
        type=zone.type_text(type),
        data=zone.data_text(type, value),
    )
