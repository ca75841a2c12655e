"""Upstream truth: RRsets and negative answers, aged (RFC 2181 section 5, RFC 2308; PROTOCOL, "Caching").

Nothing here knows policy. The key is name, type, DO and CD (the class is always IN), so that a client that asks for
signatures never gets an answer without them. What is too old stays until there is no room: it is better than nothing
while upstreams are silent (RFC 8767).
"""

from __future__ import annotations

import itertools

import msgspec

from resolver.cache.entry import Entry, Key, aged, together
from resolver.cache.lasting import Lasting
from resolver.cache.lookups import Lookups
from resolver.model import Clock, Question, Rcode, RRset, Type
from resolver.wire.rdata import soa_minimum
from resolver.wire.reply import CHAIN, MAX_TTL, Reply

MAX_NEGATIVE = 10_800  # three hours (RFC 2308 section 5)
CAPACITY = 16 << 20  # bytes: about 25,000 ordinary RRsets
STALE_TTL = 30  # seconds for which clients may keep what is too old (RFC 8767 section 4)
_WHOLE_NAME = -1  # the type under which an NXDOMAIN is kept: it speaks for every type of the name; no real type is it
_NOTHING = -1  # the RCODE of what is not to be given: a denial that may not be kept, in the place of what it denied
_PROOFS = frozenset({int(Type.RRSIG), int(Type.DNAME)})  # what comes with other RRsets, unless it was asked for
_LAST = 10  # an answer is about to end in the last tenth of its time

# What an upstream can truthfully say, with the type asked for in its answer and without.
_TRUTHS = {True: frozenset({int(Rcode.NOERROR)}), False: frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})}


class Found(msgspec.Struct, frozen=True):
    """An answer put together from entries: TTLs as of now; `lifetime` is the smallest of them, in seconds. `ad`: every
    part came authenticated. `ending`: it was asked for before, and is in the last tenth of its time."""

    rcode: int
    answer: tuple[RRset, ...]
    authority: tuple[RRset, ...]
    lifetime: int
    ad: bool = False
    ending: bool = False


class Peeked(msgspec.Struct, frozen=True):
    """What is known of a question, for people: RCODE, seconds since the oldest part of it came and until the first is
    too old (negative: since when), and the names that CNAMEs lead to, the last of which may be unknown."""

    rcode: int
    age: float
    left: float
    chain: tuple[bytes, ...]


class RRsetCache:
    """RRsets and negative answers that take at most about `capacity` bytes. `lookups` are counted there."""

    def __init__(self, clock: Clock, capacity: int = CAPACITY, lookups: Lookups | None = None) -> None:
        self._clock = clock
        self._lookups = lookups or Lookups()
        self._entries: Lasting[Key, Entry] = Lasting(capacity)
        self.longest = MAX_TTL  # seconds for which anything is fresh, whatever was said when it was put in

    def __len__(self) -> int:
        return len(self._entries)

    def resize(self, capacity: int) -> None:
        """Give it another number of bytes; with less room it shrinks as it is put into."""
        self._entries.capacity = capacity

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        return self._entries.weight

    @property
    def evicted(self) -> int:
        """How many had to go since it was last cleared; those before are in `lookups`."""
        return self._entries.evicted

    def clear(self) -> None:
        """Forget everything."""
        self._lookups.evicted += self._entries.evicted
        self._entries = Lasting(self._entries.capacity)

    def get(self, question: Question, *, do: bool, cd: bool, popular: int = 2) -> Found | None:
        """The whole answer, along CNAMEs, or None when any part of it is not known (any more). It is `ending` only if
        it was asked for so often."""
        found = self._find(question, do=do, cd=cd, popular=popular)
        if found is None:
            self._lookups.misses += 1
        else:
            self._lookups.hits += 1
        return found

    def _find(self, question: Question, *, do: bool, cd: bool, popular: int) -> Found | None:
        now = self._clock.monotonic()
        name, lifetime, ad, ending = question.name, MAX_NEGATIVE * 24, True, False
        answer: list[RRset] = []
        for _ in range(CHAIN + 1):
            for type in (question.type, Type.CNAME, _WHOLE_NAME):
                entry = self._entries.get((name, type, do, cd))
                if entry is not None and (left := min(entry.ttl, self.longest) - int(now - entry.stored)) > 0:
                    break
            else:
                return None
            entry.hits += 1
            lifetime = min(lifetime, left)
            ad = ad and entry.ad
            ending = ending or (left * _LAST <= entry.ttl and entry.hits >= popular)
            answer += aged(entry.answer, left)
            if not entry.answer or type == question.type:
                authority = tuple(aged(entry.authority, left))
                return Found(entry.rcode, tuple(answer), authority, lifetime, ad, ending)
            name = next(rrset.rdatas[0] for rrset in entry.answer if rrset.type == Type.CNAME)
        return None

    def _end(self, entry: Entry) -> float:
        """From when on it is too old."""
        return entry.stored + min(entry.ttl, self.longest)

    def holds(self, question: Question, *, do: bool, cd: bool) -> bool:
        """Whether anything is known of the name, however old."""
        entries, name = self._entries, question.name
        return (
            (name, question.type, do, cd) in entries
            or (name, Type.CNAME, do, cd) in entries
            or (name, _WHOLE_NAME, do, cd) in entries
        )

    def stale(self, question: Question, limit: float, *, do: bool, cd: bool) -> Found | None:
        """The same as `get`, with parts that are up to `limit` seconds too old, which have a TTL of STALE_TTL. Of each
        name what came last is told: an older answer does not come back when the name has gone since."""
        now = self._clock.monotonic()
        name, lifetime = question.name, STALE_TTL
        answer: list[RRset] = []
        for _ in range(CHAIN + 1):
            kinds = (question.type, Type.CNAME, _WHOLE_NAME)
            known = [(entry, type) for type in kinds if (entry := self._entries.get((name, type, do, cd))) is not None]
            entry, type = max(known, key=lambda one: one[0].stored, default=(None, 0))
            if entry is None or entry.rcode == _NOTHING or now >= self._end(entry) + limit:
                return None
            entry.hits += 1
            left = min(entry.ttl, self.longest) - int(now - entry.stored)
            left = left if left > 0 else STALE_TTL
            lifetime = min(lifetime, left)
            answer += aged(entry.answer, left)
            if not entry.answer or type == question.type:
                self._lookups.stale += 1
                return Found(entry.rcode, tuple(answer), tuple(aged(entry.authority, left)), lifetime)
            name = next(rrset.rdatas[0] for rrset in entry.answer if rrset.type == Type.CNAME)
        return None

    def ending(self, question: Question) -> list[tuple[bool, bool]]:
        """With which DO and CD a question is known whose answer is about to be too old."""
        flags = itertools.product((False, True), repeat=2)
        found = [(do, cd, self._find(question, do=do, cd=cd, popular=0)) for do, cd in flags]
        return [(do, cd) for do, cd, one in found if one is not None and (one.ending or one.lifetime <= 1)]

    def peek(self, question: Question) -> Peeked | None:
        """What is known of a question, as most clients ask it, be it too old to be given; None when nothing is."""
        now = self._clock.monotonic()
        name = question.name
        found: list[Entry] = []
        chain: list[bytes] = []
        while len(chain) <= CHAIN:
            kept = [self._entries.get((name, type, False, False)) for type in (question.type, Type.CNAME, _WHOLE_NAME)]
            entry = max(filter(None, kept), key=lambda one: (now < self._end(one), one.stored), default=None)
            if entry is None or entry.rcode == _NOTHING:
                break
            found.append(entry)
            aliases = [rrset.rdatas[0] for rrset in entry.answer if rrset.type == Type.CNAME != question.type]
            if not aliases:
                break
            name = aliases[0]
            chain.append(name)
        if not found:
            return None
        stored, ends = min(entry.stored for entry in found), min(map(self._end, found))
        return Peeked(found[-1].rcode, now - stored, ends - now, tuple(chain))

    def put(self, question: Question, reply: Reply, *, do: bool, cd: bool, ad: bool = False) -> int:
        """Keep what a reply says; returns for how many seconds the answer as a whole may be given again (0: not). `ad`:
        whoever says so is believed that it is authentic."""
        if reply.rcode not in _TRUTHS[reply.positive]:
            return 0
        now = self._clock.monotonic()
        lifetimes = []
        name = question.name
        for rrset in reply.answer:
            if rrset.type in _PROOFS and rrset.type != question.type:
                continue
            parts = together(rrset, reply.answer)
            proof = reply.authority if reply.positive and rrset.type == question.type else ()
            whole = parts + proof
            ttl = rrset.ttl if len(whole) == 1 else min([part.ttl for part in whole])
            lifetimes.append(ttl)
            if ttl:
                entry = Entry(now, ttl, Rcode.NOERROR, parts, proof, ad)
                self._entries.put((rrset.owner, rrset.type, do, cd), entry)
            if rrset.type == Type.CNAME:
                name = rrset.rdatas[0]
        if not reply.positive:
            key = (name, _WHOLE_NAME if reply.rcode == Rcode.NXDOMAIN else question.type, do, cd)
            lifetimes.append(self._put_negative(key, Question(name, question.type), reply, now, ad=ad))
        return min(lifetimes, default=0)

    def _put_negative(self, key: Key, end: Question, reply: Reply, now: float, *, ad: bool) -> int:
        """Keep a negative answer for min(SOA TTL, SOA MINIMUM); one without a SOA is not kept (RFC 2308 section 5), but
        what it denied is not told any more when that is too old."""
        ttl = negative_ttl(reply)
        if ttl:
            self._entries.put(key, Entry(now, ttl, reply.rcode, (), reply.authority, ad))
        elif self.holds(end, do=key[2], cd=key[3]):
            self._entries.put(key, Entry(now, 0, _NOTHING, (), ()))
        return ttl


def negative_ttl(reply: Reply) -> int:
    """For how many seconds a negative reply and its proofs hold; 0 without a SOA."""
    minimums = [soa_minimum(rrset.rdatas[0]) for rrset in reply.authority if rrset.type == Type.SOA]
    return min(*minimums, *(rrset.ttl for rrset in reply.authority), MAX_NEGATIVE) if minimums else 0


def negative_authority(reply: Reply) -> tuple[RRset, ...]:
    """The SOA and proofs of a negative reply, with the TTL for which it holds (RFC 2308 section 5)."""
    return tuple(aged(reply.authority, negative_ttl(reply)))
