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


def test_what_weighs_more_takes_the_room_of_several() -> None:
    held: Bounded[str, str] = Bounded(6, len)
    for text in ("aa", "bb", "cc"):
        held.put(text[0], text)
    held.put("d", "ddd")
    assert held == {"c": "cc", "d": "ddd"}
    held.put("c", "c")
    held.put("e", "ee")
    assert held == {"c": "c", "d": "ddd", "e": "ee"}


def test_what_is_too_heavy_by_itself_is_not_kept_and_costs_nobody_a_place() -> None:
    held: Bounded[str, str] = Bounded(4, len)
    held.put("a", "aa")
    held.put("b", "bb")
    held.put("c", "ccccc")
    assert held == {"a": "aa", "b": "bb"}
    held.put("a", "aaaaa")
    assert held == {"b": "bb"}
    held.put("d", "dd")
    held.put("e", "e")
    assert sum(map(len, held.values())) <= 4
    assert held["e"] == "e"


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


@given(st.integers(1, 20), st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=12))))
def test_it_never_weighs_more_than_it_may_and_knows_what_it_weighs(
    capacity: int, puts: list[tuple[int, bytes]]
) -> None:
    held: Bounded[int, bytes] = Bounded(capacity, lambda value: 1 + len(value))
    for key, value in puts:
        held.put(key, value)
        assert held.weight == sum(1 + len(value) for value in held.values()) <= capacity
        assert held.get(key, value) == value
        assert key not in held or 1 + len(value) <= capacity


@given(st.integers(1, 5), st.lists(st.integers(0, 9)), st.integers(0, 9), st.lists(st.integers(0, 9)))
def test_what_is_taken_out_elsewhere_does_no_harm(capacity: int, before: list[int], out: int, after: list[int]) -> None:
    """Maps that are let go of are emptied bit by bit, while queries under way may still put something in."""
    held: Bounded[int, int] = Bounded(capacity)
    for key in before:
        held.put(key, key)
    for _ in range(min(out, len(held))):
        held.popitem()
    for key in after:
        held.put(key, key)
        assert len(held) <= capacity
