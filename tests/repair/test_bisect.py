"""Halving what is on trial: every culprit is found, nothing is tried twice, and one culprit takes few reloads."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.repair.bisect import Answer, Contradiction, Elsewhere, Found, Step, Try, candidates, step

NAMES = [f"n{number}.example" for number in range(64)]


def even(count: int) -> dict[str, float]:
    return dict.fromkeys(NAMES[:count], 1.0)


def play(weights: dict[str, float], needed: set[str]) -> tuple[Step, list[Answer]]:
    """The end of a repair of a site that needs these, and the answers on the way."""
    answers: list[Answer] = []
    while isinstance(next := step(weights, answers), Try):
        names = frozenset(next.names)
        assert names <= set(weights)
        assert list(next.names) == [name for name in weights if name in names], "the likeliest first"
        assert names not in [one.names for one in answers], "tried twice"
        answers.append(Answer(names, needed <= names))
    return next, answers


def test_the_whole_is_tried_first() -> None:
    assert step(even(5), []) == Try(tuple(NAMES[:5]))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 16, 33])
def test_one_culprit_is_found(count: int) -> None:
    reloads = []
    for name in NAMES[:count]:
        end, answers = play(even(count), {name})
        assert end == Found((name,))
        assert answers[-1].works or Answer(frozenset([name]), True) in answers, "it was seen to work"
        reloads.append(len(answers))
    assert max(reloads) <= 2 + math.ceil(math.log2(count))
    assert sum(reloads) / count <= 2 + math.log2(count)


def test_the_likely_are_found_sooner() -> None:
    weights = {name: 2.0**-place for place, name in enumerate(NAMES[:16])}
    assert [len(play(weights, {name})[1]) for name in NAMES[:3]] == [2, 3, 4]
    assert all(play(weights, {name})[0] == Found((name,)) for name in weights)


def test_several_culprits_are_found() -> None:
    for needed in itertools.chain(itertools.combinations(NAMES[:8], 2), itertools.combinations(NAMES[:6], 3)):
        end, answers = play(even(8), set(needed))
        assert end == Found(needed)
        assert len(answers) <= 16


@given(
    weights=st.dictionaries(st.sampled_from(NAMES), st.floats(1e-9, 1e9), min_size=1, max_size=40),
    data=st.data(),
)
def test_whatever_is_needed_is_found(weights: dict[str, float], data: st.DataObject) -> None:
    needed = data.draw(st.sets(st.sampled_from(sorted(weights)), min_size=1, max_size=5))
    end, _ = play(weights, needed)
    assert isinstance(end, Found)
    assert set(end.names) == needed


def test_it_lies_elsewhere() -> None:
    end, answers = play(even(4), {"other.example"})
    assert end == Elsewhere()
    assert len(answers) == 1
    assert step({}, []) == Elsewhere()


def test_answers_that_cannot_be() -> None:
    few, many = frozenset(NAMES[:1]), frozenset(NAMES[:3])
    answers = [Answer(frozenset(NAMES[:4]), True), Answer(many, False), Answer(few, True)]
    assert step(even(4), answers) == Contradiction()
    assert step(even(4), [Answer(few, True), Answer(few, False)]) == Contradiction()


def test_it_works_without_any() -> None:
    assert step(even(2), [Answer(frozenset(), True)]) == Found(())


def test_what_it_can_still_be() -> None:
    weights = even(4)
    whole = Answer(frozenset(weights), True)
    assert candidates(weights, []) == NAMES[:4]
    assert candidates(weights, [whole, Answer(frozenset(NAMES[:2]), False)]) == NAMES[2:4]
    halves = [whole, Answer(frozenset(NAMES[:2]), False), Answer(frozenset(NAMES[2:4]), False)]
    assert candidates(weights, halves) == NAMES[:4], "more than one, then"
