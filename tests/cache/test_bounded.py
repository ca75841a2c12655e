"""A mapping that never grows beyond its capacity."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver.cache.bounded import Bounded


def test_what_came_first_goes_first() -> None:
    held: Bounded[str, int] = Bounded(2)
    for n, key in enumerate("abc"):
        held.put(key, n)
    assert held == {"b": 1, "c": 2}


def test_setting_again_makes_no_room_and_keeps_the_place() -> None:
    held: Bounded[str, int] = Bounded(2)
    for key in "abab":
        held.put(key, 0)
    assert list(held) == ["a", "b"]
    held.put("a", 9)
    held.put("c", 1)
    assert held == {"b": 0, "c": 1}


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 9), st.integers())))
def test_as_a_slow_one_does(capacity: int, puts: list[tuple[int, int]]) -> None:
    held: Bounded[int, int] = Bounded(capacity)
    slow: list[tuple[int, int]] = []
    for key, value in puts:
        held.put(key, value)
        if any(known == key for known, _ in slow):
            slow = [(known, value if known == key else old) for known, old in slow]
        else:
            slow = [*slow, (key, value)][-capacity:]
        assert list(held.items()) == slow
