"""How often caches are looked into, and what goes for want of room."""

from __future__ import annotations

from resolver.cache.bounded import Bounded
from resolver.cache.lookups import Lookups
from resolver.cache.rrsets import RRsetCache
from resolver.model import Question, RRset
from resolver.wire.reply import Reply
from tests.support import StillClock, wire

QUESTION = Question(wire("a.example"), 1)


def _put(cache: RRsetCache, name: str = "a.example", ttl: int = 60) -> None:
    question = Question(wire(name), 1)
    rrset = RRset(question.name, 1, ttl, (b"\xc0\0\2\1",))
    reply = Reply(0, truncated=False, ad=False, answer=(rrset,), authority=(), ede=(), positive=True)
    cache.put(question, reply, do=False, cd=False)


def test_hits_misses_and_stale_ones() -> None:
    lookups, clock = Lookups(), StillClock()
    cache = RRsetCache(clock, lookups=lookups)
    assert cache.get(QUESTION, do=False, cd=False) is None
    _put(cache)
    assert cache.get(QUESTION, do=False, cd=False) is not None
    assert cache.get(QUESTION, do=True, cd=False) is None
    assert (lookups.hits, lookups.misses, lookups.stale) == (1, 2, 0)
    clock.advance(100)
    assert cache.stale(QUESTION, 1000, do=False, cd=False) is not None
    assert cache.stale(QUESTION, 1, do=False, cd=False) is None
    assert (lookups.hits, lookups.misses, lookups.stale) == (1, 2, 1)


def test_looking_ahead_is_no_lookup() -> None:
    lookups = Lookups()
    cache = RRsetCache(StillClock(), lookups=lookups)
    _put(cache)
    cache.ending(QUESTION)
    cache.peek(QUESTION)
    assert (lookups.hits, lookups.misses, lookups.stale) == (0, 0, 0)


def test_what_goes_for_want_of_room_is_counted_across_clearing() -> None:
    lookups = Lookups()
    cache = RRsetCache(StillClock(), 20_000, lookups)
    for number in range(500):
        _put(cache, f"n{number}.example")
    first = cache.evicted
    assert first + len(cache) == 500
    assert 0 < cache.weight <= 20_000
    cache.clear()
    assert (lookups.evicted, cache.evicted, cache.weight) == (first, 0, 0)
    for number in range(500):
        _put(cache, f"n{number}.example")
    assert lookups.evicted + cache.evicted == 2 * first


def test_finished_answers_that_go_are_counted() -> None:
    bounded: Bounded[int, int] = Bounded(10)
    for number in range(25):
        bounded.put(number, number)
    assert (len(bounded), bounded.evicted) == (10, 15)
    bounded.put(24, 0)
    assert bounded.evicted == 15
