"""A mapping that never weighs more than it may, and in which what is used outlives what is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver.cache.lasting import Lasting


class Thing:
    def __init__(self, weight: int = 1, name: str = "") -> None:
        self.settled = False
        self.name = name
        self.asked = 0
        self._weight = weight

    def weight(self) -> int:
        return self._weight

    def used(self) -> bool:
        asked, self.asked = self.asked, 0
        return asked > 0

    def follow(self, old: Thing) -> None:
        self.asked = old.asked + 1


def ask(held: Lasting[int, Thing], key: int) -> bool:
    """Whether it was there; it is from now on."""
    found = held.get(key)
    if found is None:
        held.put(key, Thing())
        return False
    found.asked += 1
    return True


def test_what_nobody_asked_for_again_goes_first() -> None:
    held: Lasting[int, Thing] = Lasting(10)
    for key in range(10):
        held.put(key, Thing())
    for key in (0, 1, 2):
        held[key].asked += 1
    for key in range(10, 17):
        held.put(key, Thing())
    assert set(held) == {0, 1, 2, *range(10, 17)}


def test_a_flood_moves_nobody_out_who_is_asked_for() -> None:
    held: Lasting[int, Thing] = Lasting(100)
    wanted = range(80)
    for _ in range(3):
        for key in wanted:
            ask(held, key)
    for key in range(1000, 20_000):
        ask(held, key)
    assert sum(key in held for key in wanted) == 80


def test_what_is_not_asked_for_any_more_goes_in_the_end() -> None:
    held: Lasting[int, Thing] = Lasting(100)
    for base in (0, 1000):
        for _ in range(4):
            for key in range(base, base + 90):
                ask(held, key)
    assert sum(key < 1000 for key in held) < 15
    assert sum(key >= 1000 for key in held) > 80


def test_what_went_a_moment_ago_and_is_asked_for_again_stays() -> None:
    held: Lasting[int, Thing] = Lasting(100)
    for key in range(101):
        ask(held, key)
    assert 0 not in held
    ask(held, 0)
    assert held[0].settled
    for key in range(1000, 1200):
        ask(held, key)
    assert 0 in held


def test_a_new_value_takes_the_place_of_the_old_and_counts_as_asked_for() -> None:
    held: Lasting[int, Thing] = Lasting(4)
    for key in range(4):
        held.put(key, Thing())
    held.put(0, Thing(name="new"))
    assert (len(held), held.weight, held[0].name) == (4, 4, "new")
    held.put(4, Thing())
    assert 0 in held
    assert 1 not in held


def test_what_is_too_heavy_by_itself_is_not_kept_and_costs_nobody_a_place() -> None:
    held: Lasting[str, Thing] = Lasting(4)
    held.put("a", Thing(2))
    held.put("b", Thing(2))
    held.put("c", Thing(5))
    assert set(held) == {"a", "b"}
    held.put("a", Thing(5))
    assert set(held) == {"b"}
    assert held.weight == 2


@given(
    st.integers(1, 20),
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 12), st.booleans())),
)
def test_it_never_weighs_more_than_it_may_and_knows_what_it_weighs(
    capacity: int, puts: list[tuple[int, int, bool]]
) -> None:
    held: Lasting[int, Thing] = Lasting(capacity)
    for key, weight, asked in puts:
        value = Thing(weight)
        held.put(key, value)
        if asked and key in held:
            held[key].asked += 1
        assert held.weight == sum(value.weight() for value in held.values()) <= capacity
        assert held.get(key, value) is value
        assert key in held or weight > capacity or capacity < 2 * 12


@given(st.integers(1, 5), st.lists(st.integers(0, 9)), st.integers(0, 9), st.lists(st.integers(0, 9)))
def test_what_is_taken_out_elsewhere_does_no_harm(capacity: int, before: list[int], out: int, after: list[int]) -> None:
    """Maps that are let go of are emptied bit by bit, while queries under way may still put something in."""
    held: Lasting[int, Thing] = Lasting(capacity)
    for key in before:
        held.put(key, Thing())
    for _ in range(min(out, len(held))):
        held.popitem()
    for key in after:
        held.put(key, Thing())
        assert len(held) <= capacity


def test_what_is_remembered_of_those_who_went_is_bounded() -> None:
    held: Lasting[int, Thing] = Lasting(50)
    for key in range(10_000):
        ask(held, key)
    assert len(held._ghosts) <= 50
    assert len(held._known) <= 50


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), st.integers(1, 12), st.booleans()), max_size=200))
def test_a_value_under_several_keys_can_make_it_forget_but_not_hang(puts: list[tuple[int, int, int, bool]]) -> None:
    held: Lasting[int, Thing] = Lasting(40)
    for key, other, weight, asked in puts:
        value = held.get(key) or Thing(weight)
        value.asked += asked
        held.put(key, value)
        held.put(other, value)
        assert held.weight <= 40
