"""What the cache of upstream truth holds: an RRset with what proves it, or a denial."""

from __future__ import annotations

import msgspec

from resolver.model import RRset, Type
from resolver.wire.name import within

_ENTRY = 570  # bytes of memory that an ordinary entry takes, measured
_RECORD = 60  # bytes that each record adds to its RDATA
_MOST = 3  # turns that an entry has before it goes, however often it was asked for

Key = tuple[bytes, int, bool, bool]
"""Owner name, type, DO and CD."""


class Entry(msgspec.Struct, gc=False):
    """One RRset (its RRSIG after it, the DNAME of a CNAME before it; for a wildcard its proof), or one negative answer
    (`rcode`, `authority`). `ad`: it came authenticated. `hits` counts how often it was asked for."""

    stored: float
    ttl: int
    rcode: int
    answer: tuple[RRset, ...]
    authority: tuple[RRset, ...]
    ad: bool = False
    hits: int = 0
    settled: bool = False

    def weight(self) -> int:
        weight = _ENTRY
        for part in (self.answer, self.authority):
            for rrset in part:
                for rdata in rrset.rdatas:
                    weight += len(rdata) + _RECORD
        return weight

    def used(self) -> bool:
        hits, self.hits = self.hits, max(min(self.hits, _MOST) - 1, 0)
        return hits > 0

    def follow(self, old: Entry) -> None:
        self.hits = min(old.hits, _MOST) + 1


def together(rrset: RRset, answer: tuple[RRset, ...]) -> tuple[RRset, ...]:
    """An RRset with what came to prove it: the DNAME that a CNAME was made from, and signatures."""
    if len(answer) == 1:
        return answer
    origins = [other for other in answer if other.type == Type.DNAME and _is_made_from(rrset, other)]
    return tuple(part for base in (*origins, rrset) for part in (base, *_signatures(base, answer)))


def _is_made_from(rrset: RRset, dname: RRset) -> bool:
    return rrset.type == Type.CNAME and rrset.owner != dname.owner and within(rrset.owner, dname.owner)


def _signatures(rrset: RRset, answer: tuple[RRset, ...]) -> list[RRset]:
    covers = rrset.type.to_bytes(2, "big")
    return [
        other
        for other in answer
        if other.type == Type.RRSIG and other.owner == rrset.owner and other.rdatas[0][:2] == covers
    ]


def aged(rrsets: tuple[RRset, ...], left: int) -> list[RRset]:
    """What belongs to one entry shares its TTL, the smallest of them (RFC 4035 section 2.2 says so of RRSIGs)."""
    return [RRset(rrset.owner, rrset.type, left, rrset.rdatas) for rrset in rrsets]
