"""Upstream truth: RRsets and negative answers, aged (RFC 2181 section 5, RFC 2308; PROTOCOL, "Caching").

Nothing here knows policy. The key is name, type, DO and CD (the class is always IN), so that a client that asks for
signatures never gets an answer without them.
"""

from __future__ import annotations

import msgspec

from resolver.cache.bounded import Bounded
from resolver.model import Clock, Question, Rcode, RRset, Type
from resolver.wire.name import within
from resolver.wire.rdata import soa_minimum
from resolver.wire.reply import CHAIN, Reply

MAX_NEGATIVE = 10_800  # three hours (RFC 2308 section 5)
CAPACITY = 64 << 20  # bytes: about 100,000 ordinary RRsets
_ENTRY = 550  # bytes of memory that an ordinary entry takes, measured
_RECORD = 60  # bytes that each record adds to its RDATA
_WHOLE_NAME = -1  # the type under which an NXDOMAIN is kept: it speaks for every type of the name; no real type is it
_PROOFS = frozenset({int(Type.RRSIG), int(Type.DNAME)})  # what comes with other RRsets, unless it was asked for

# What an upstream can truthfully say, with the type asked for in its answer and without.
_TRUTHS = {True: frozenset({int(Rcode.NOERROR)}), False: frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})}

_Key = tuple[bytes, int, bool, bool]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One RRset (its RRSIG after it, the DNAME of a CNAME before it; for a wildcard its proof), or one negative answer
    (`rcode`, `authority`)."""

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


class Peeked(msgspec.Struct, frozen=True):
    """What is known of a question, for people: RCODE, seconds since the oldest part of it came and until the first is
    too old (negative: since when), and the names that CNAMEs lead to, the last of which may be unknown."""

    rcode: int
    age: float
    left: float
    chain: tuple[bytes, ...]


class RRsetCache:
    """RRsets and negative answers that take at most about `capacity` bytes."""

    def __init__(self, clock: Clock, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._entries: Bounded[_Key, Entry] = Bounded(capacity, _weigh)

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        self._entries = Bounded(self._entries.capacity, _weigh)

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
            name = next(rrset.rdatas[0] for rrset in entry.answer if rrset.type == Type.CNAME)
        return None

    def peek(self, question: Question) -> Peeked | None:
        """What is known of a question, as most clients ask it, be it too old to be given; None when nothing is."""
        now = self._clock.monotonic()
        name = question.name
        found: list[Entry] = []
        chain: list[bytes] = []
        while len(chain) <= CHAIN:
            kept = [self._entries.get((name, type, False, False)) for type in (question.type, Type.CNAME, _WHOLE_NAME)]
            entry = max(filter(None, kept), key=lambda entry: entry.stored + entry.ttl, default=None)
            if entry is None:
                break
            found.append(entry)
            aliases = [rrset.rdatas[0] for rrset in entry.answer if rrset.type == Type.CNAME != question.type]
            if not aliases:
                break
            name = aliases[0]
            chain.append(name)
        if not found:
            return None
        stored, ends = min(entry.stored for entry in found), min(entry.stored + entry.ttl for entry in found)
        return Peeked(found[-1].rcode, now - stored, ends - now, tuple(chain))

    def put(self, question: Question, reply: Reply, *, do: bool, cd: bool) -> int:
        """Keep what a reply says; returns for how many seconds the answer as a whole may be given again (0: not)."""
        if reply.rcode not in _TRUTHS[reply.positive]:
            return 0
        now = self._clock.monotonic()
        lifetimes = []
        name = question.name
        for rrset in reply.answer:
            if rrset.type in _PROOFS and rrset.type != question.type:
                continue
            together = _together(rrset, reply.answer)
            proof = reply.authority if reply.positive and rrset.type == question.type else ()
            ttl = min(part.ttl for part in (*together, *proof))
            lifetimes.append(ttl)
            if ttl:
                entry = Entry(now, ttl, Rcode.NOERROR, together, proof)
                self._entries.put((rrset.owner, rrset.type, do, cd), entry)
            if rrset.type == Type.CNAME:
                name = rrset.rdatas[0]
        if not reply.positive:
            lifetimes.append(self._put_negative(name, question.type, reply, now, do=do, cd=cd))
        return min(lifetimes, default=0)

    def _put_negative(self, name: bytes, type: int, reply: Reply, now: float, *, do: bool, cd: bool) -> int:
        """Keep a negative answer for min(SOA TTL, SOA MINIMUM); one without a SOA is not kept (RFC 2308 section 5)."""
        ttl = negative_ttl(reply)
        if ttl:
            kind = _WHOLE_NAME if reply.rcode == Rcode.NXDOMAIN else type
            self._entries.put((name, kind, do, cd), Entry(now, ttl, reply.rcode, (), reply.authority))
        return ttl


def negative_ttl(reply: Reply) -> int:
    """For how many seconds a negative reply and its proofs hold; 0 without a SOA."""
    minimums = [soa_minimum(rrset.rdatas[0]) for rrset in reply.authority if rrset.type == Type.SOA]
    return min(*minimums, *(rrset.ttl for rrset in reply.authority), MAX_NEGATIVE) if minimums else 0


def negative_authority(reply: Reply) -> tuple[RRset, ...]:
    """The SOA and proofs of a negative reply, with the TTL for which it holds (RFC 2308 section 5)."""
    return tuple(_aged(reply.authority, negative_ttl(reply)))


def _weigh(entry: Entry) -> int:
    """About how many bytes an entry takes."""
    rrsets = (*entry.answer, *entry.authority)
    return _ENTRY + sum([len(rdata) + _RECORD for rrset in rrsets for rdata in rrset.rdatas])


def _together(rrset: RRset, answer: tuple[RRset, ...]) -> tuple[RRset, ...]:
    """An RRset with what came to prove it: the DNAME that a CNAME was made from, and signatures."""
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


def _aged(rrsets: tuple[RRset, ...], left: int) -> list[RRset]:
    """What belongs to one entry shares its TTL, the smallest of them (RFC 4035 section 2.2 says so of RRSIGs)."""
    return [RRset(rrset.owner, rrset.type, left, rrset.rdatas) for rrset in rrsets]
