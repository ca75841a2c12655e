"""Upstream truth: RRsets and negative answers, aged (RFC 2181 section 5, RFC 2308; PROTOCOL, "Caching").

Nothing here knows policy. The key is name, type, DO and CD (the class is always IN), so that a client that asks for
signatures never gets an answer without them.
"""

from __future__ import annotations

import msgspec

from resolver.cache.bounded import Bounded
from resolver.model import Clock, Question, Rcode, RRset, Type
from resolver.wire.rdata import soa_minimum
from resolver.wire.reply import CHAIN, Reply

MAX_NEGATIVE = 10_800  # three hours (RFC 2308 section 5)
_WHOLE_NAME = 0  # the type under which an NXDOMAIN is kept: it speaks for every type of the name

_Key = tuple[bytes, int, bool, bool]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One RRset (its RRSIG after it; for a wildcard its proof), or one negative answer (`rcode`, `authority`)."""

    stored: float
    ttl: int
    rcode: int
    answer: tuple[RRset, ...]
    authority: tuple[RRset, ...]


class Found(msgspec.Struct, frozen=True):
    """An answer put together from entries: TTLs as of now; `lifetime` is the smallest of them, in seconds."""

    rcode: int
    answer: tuple[RRset, ...]
    authority: tuple[RRset, ...]
    lifetime: int


class RRsetCache:
    """At most `capacity` RRsets and negative answers."""

    def __init__(self, clock: Clock, capacity: int = 100_000) -> None:
        self._clock = clock
        self._entries: Bounded[_Key, Entry] = Bounded(capacity)

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        self._entries = Bounded(self._entries.capacity)

    def get(self, question: Question, *, do: bool, cd: bool) -> Found | None:
        """The whole answer, along CNAMEs, or None when any part of it is not known (any more)."""
        now = self._clock.monotonic()
        name, lifetime = question.name, MAX_NEGATIVE * 24
        answer: list[RRset] = []
        for _ in range(CHAIN + 1):
            for type in (question.type, Type.CNAME, _WHOLE_NAME):
                entry = self._entries.get((name, type, do, cd))
                if entry is not None and (left := entry.ttl - int(now - entry.stored)) > 0:
                    break
            else:
                return None
            lifetime = min(lifetime, left)
            answer += _aged(entry.answer, left)
            if not entry.answer or type == question.type:
                return Found(entry.rcode, tuple(answer), tuple(_aged(entry.authority, left)), lifetime)
            name = entry.answer[0].rdatas[0]
        return None

    def put(self, question: Question, reply: Reply, *, do: bool, cd: bool) -> int:
        """Keep what a reply says; returns for how many seconds the answer as a whole may be given again (0: not)."""
        now = self._clock.monotonic()
        lifetimes = []
        name = question.name
        for rrset in reply.answer:
            if rrset.type in {Type.RRSIG, Type.DNAME}:
                continue
            signatures = tuple(s for s in reply.answer if s.owner == rrset.owner and _goes_with(s, rrset))
            proof = reply.authority if reply.positive and rrset.type == question.type else ()
            lifetimes.append(rrset.ttl)
            if rrset.ttl:
                entry = Entry(now, rrset.ttl, Rcode.NOERROR, (rrset, *signatures), proof)
                self._entries.put((rrset.owner, rrset.type, do, cd), entry)
            if rrset.type == Type.CNAME:
                name = rrset.rdatas[0]
        if not reply.positive:
            lifetimes.append(self._put_negative(name, question.type, reply, now, do=do, cd=cd))
        return min(lifetimes, default=0)

    def _put_negative(self, name: bytes, type: int, reply: Reply, now: float, *, do: bool, cd: bool) -> int:
        """Keep a negative answer for min(SOA TTL, SOA MINIMUM); one without a SOA is not kept (RFC 2308 section 5)."""
        ttl = negative_ttl(reply)
        if ttl and reply.rcode in {Rcode.NOERROR, Rcode.NXDOMAIN}:
            kind = _WHOLE_NAME if reply.rcode == Rcode.NXDOMAIN else type
            authority = tuple(_capped(rrset, ttl) for rrset in reply.authority)
            self._entries.put((name, kind, do, cd), Entry(now, ttl, reply.rcode, (), authority))
        return ttl


def negative_ttl(reply: Reply) -> int:
    """For how many seconds a negative reply holds; 0 without a SOA."""
    soas = [rrset for rrset in reply.authority if rrset.type == Type.SOA]
    return min(soas[0].ttl, soa_minimum(soas[0].rdatas[0]), MAX_NEGATIVE) if soas else 0


def _goes_with(signature: RRset, rrset: RRset) -> bool:
    return signature.type == Type.RRSIG and signature.rdatas[0][:2] == rrset.type.to_bytes(2, "big")


def _capped(rrset: RRset, ttl: int) -> RRset:
    return RRset(rrset.owner, rrset.type, min(rrset.ttl, ttl), rrset.rdatas)


def _aged(rrsets: tuple[RRset, ...], left: int) -> list[RRset]:
    """What belongs to one entry shares its TTL (RFC 4035 section 2.2 says so of RRSIGs; proofs are capped by it)."""
    return [RRset(rrset.owner, rrset.type, left, rrset.rdatas) for rrset in rrsets]
