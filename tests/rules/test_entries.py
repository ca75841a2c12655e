"""Facts made ready to be asked."""

import msgspec
import pytest

from resolver.rules.entries import Entries, Reader
from resolver.rules.fact import Fact
from resolver.rules.rule import Action, Form, Options
from tests.rules.sets import A

EXACT = Fact(1, Action.BLOCK, Form.EXACT)
TREE = Fact(0, Action.BLOCK, Form.SUBTREE, 1)
BELOW = Fact(2, Action.ALLOW, Form.SUBDOMAINS)
CANCEL = msgspec.structs.replace(EXACT, index=3, cancels=True)


def test_entries_are_told_apart_by_place_and_stand_strongest_first() -> None:
    reader = Reader(4, [Options(types=(A,))])
    entries = Entries([[fact.pack() for fact in (TREE, EXACT, BELOW, CANCEL)], [EXACT.pack()]], reader)
    assert [(bit, fact) for bit, fact, _ in entries.inside[0]] == [(0b100, BELOW), (0b001, TREE), (0b010, EXACT)]
    assert [fact for _, fact, _ in entries.at[0]] == [TREE, EXACT]
    assert [fact for _, fact, _ in entries.below[0]] == [BELOW, TREE]
    assert entries.facts[:2] == [(TREE, EXACT, BELOW), (EXACT,)]
    conditions = {fact: condition for _, fact, condition in entries.inside[0]}
    assert conditions[BELOW] is None
    assert conditions[TREE] is not None
    cancelled = conditions[EXACT]
    assert cancelled is not None
    assert cancelled.unless == 0b1000
    ((_, _, condition),) = entries.at[1]
    assert condition is None


def test_ids_that_are_no_sets_speak_of_nothing() -> None:
    entries = Entries([[EXACT.pack()]] * 257, Reader(2, []))
    for by_id in (entries.facts, entries.at, entries.below, entries.inside):
        assert len(by_id) == 512
        assert not any(by_id[257:])


def test_equal_entries_are_made_once() -> None:
    entries = Entries([[EXACT.pack()], [EXACT.pack(), BELOW.pack()]], Reader(3, []))
    assert entries.at[0][0] is entries.at[1][0]


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (Fact(3, Action.BLOCK, Form.EXACT), "it speaks of list 3 of 3"),
        (Fact(0, Action.BLOCK, Form.EXACT, 2), "it speaks of options 2 of 1"),
    ],
)
def test_facts_about_what_is_not_there_are_refused(fact: Fact, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Entries([[fact.pack()]], Reader(3, [Options()]))
