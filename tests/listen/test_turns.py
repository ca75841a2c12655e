"""Clients take turns."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.listen.turns import OF_ALL, OF_ONE, Turns


def test_each_client_has_its_turn() -> None:
    turns: Turns[str] = Turns()
    for item in ("a1", "a2", "a3", "b1", "c1", "b2"):
        assert turns.add(item[0], item)
    assert [turns.take() for _ in range(len(turns))] == ["a1", "b1", "c1", "a2", "b2", "a3"]
    with pytest.raises(StopIteration):
        turns.take()


def test_who_asks_too_much_waits_alone() -> None:
    turns: Turns[tuple[str, int]] = Turns()
    assert [turns.add("loud", ("loud", number)) for number in range(OF_ONE + 5)] == [True] * OF_ONE + [False] * 5
    assert turns.add("quiet", ("quiet", 1))
    turns.take()
    assert turns.take() == ("quiet", 1)


def test_all_together_have_a_bound() -> None:
    turns: Turns[int] = Turns()
    assert all(turns.add(number, number) for number in range(OF_ALL))
    assert not turns.add("one more", 0)
    turns.take()
    assert turns.add("one more", 0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=200))
def test_nothing_is_lost_or_doubled_and_nobody_overtaken_by_themselves(steps: list[tuple[str, bool]]) -> None:
    turns: Turns[tuple[str, int]] = Turns()
    put, got = [], []
    for number, (client, adds) in enumerate(steps):
        if adds:
            turns.add(client, (client, number))
            put.append((client, number))
        elif len(turns):
            got.append(turns.take())
    got += [turns.take() for _ in range(len(turns))]
    assert Counter(got) == Counter(put)
    for client in "abc":
        assert [item for item in got if item[0] == client] == [item for item in put if item[0] == client]
