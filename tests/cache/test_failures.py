"""Failures hold for a second, then twice as long each time (RFC 9520; PROTOCOL, "Caching")."""

from __future__ import annotations

from resolver.cache import failures
from resolver.cache.failures import LONGEST, Failures
from resolver.model import Ede
from tests.support import StillClock, wire

KEY = (wire("a.example"), 1, False, False)
EDE = (Ede(22, "nobody"),)


def test_it_holds_for_a_second_with_its_reason() -> None:
    clock = StillClock()
    held = Failures(clock)
    assert held.get(KEY) is None
    held.put(KEY, 2, EDE, reach=False)
    failure = held.get(KEY)
    assert failure is not None
    assert (failure.rcode, failure.ede, failure.reach) == (2, EDE, False)
    assert held.get((KEY[0], 28, False, False)) is None
    assert held.get((KEY[0], 1, True, False)) is None
    clock.advance(0.99)
    assert held.get(KEY) is not None
    clock.advance(0.02)
    assert held.get(KEY) is None


def test_in_a_row_each_holds_twice_as_long_up_to_five_minutes() -> None:
    clock = StillClock()
    held = Failures(clock)
    pauses = []
    for _ in range(12):
        held.put(KEY, 2, EDE, reach=False)
        failure = held.get(KEY)
        assert failure is not None
        pauses.append(failure.pause)
        clock.advance(failure.pause)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert LONGEST == 300


def test_long_after_a_failure_the_next_is_the_first_again() -> None:
    clock = StillClock()
    held = Failures(clock)
    for _ in range(2):
        held.put(KEY, 2, EDE, reach=False)
        clock.advance(60)
    held.put(KEY, 2, EDE, reach=False)
    failure = held.get(KEY)
    assert failure is not None
    assert failure.pause == 1


def test_an_answer_ends_the_row() -> None:
    clock = StillClock()
    held = Failures(clock)
    held.put(KEY, 2, EDE, reach=False)
    held.forget(KEY)
    assert held.get(KEY) is None
    held.put(KEY, 2, EDE, reach=False)
    failure = held.get(KEY)
    assert failure is not None
    assert failure.pause == 1
    held.clear()
    assert held.get(KEY) is None


def test_when_somebody_answers_only_failures_of_reach_are_forgotten() -> None:
    held = Failures(StillClock())
    other = (wire("b.example"), 1, False, False)
    held.put(KEY, 2, EDE, reach=True)
    held.put(other, 2, EDE, reach=False)
    held.reachable()
    assert held.get(KEY) is None
    assert held.get(other) is not None


def test_they_are_bounded_and_the_oldest_go() -> None:
    held = Failures(StillClock())
    keys = [(wire(f"n{n}.example"), 1, False, False) for n in range(failures._MOST + 1)]
    for key in keys:
        held.put(key, 2, EDE, reach=False)
    assert len(held) <= failures._MOST
    assert held.get(keys[0]) is None
    assert held.get(keys[-1]) is not None
