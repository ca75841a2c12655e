"""Every kind of change taken back, taken back again, and refused where it no longer fits."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import ConflictError
from resolver.store.overrides import NewOverride
from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.sites import NewSite
from tests.store.making import NOON, StillClock


def everything(people: PeopleStore) -> list[Any]:
    return [people.rules(), people.pauses(), people.sites(), people.overrides()]


def begin(people: PeopleStore) -> None:
    """Something of every kind."""
    people.add(NewRule("deny", "a.example"))
    people.add(NewRule("allow", "b.example", until=NOON + 600))
    people.pause(NewPause(NOON + 60, group="kids"))
    people.put_site(NewSite("news.example", ("x.example",)))
    people.put_override(NewOverride("bedtime", False, NOON, NOON + 600))


CHANGES: list[Callable[[PeopleStore], object]] = [
    lambda people: people.add(NewRule("allow", "new.example")),
    lambda people: people.add(NewRule("allow", "a.example")),
    lambda people: people.add_many([NewRule("deny", "b.example"), NewRule("deny", "c.example")]),
    lambda people: people.delete(1),
    lambda people: people.pause(NewPause(NOON + 90, group="kids")),
    lambda people: people.pause(NewPause(NOON + 90)),
    lambda people: people.end(),
    lambda people: people.put_site(NewSite("news.example", ("y.example",), window=None)),
    lambda people: people.put_site(NewSite("other.example", everything=True)),
    lambda people: people.allow_names(NewSite("news.example", ("y.example",))),
    lambda people: people.remove_names("news.example", ["x.example"]),
    lambda people: people.put_override(NewOverride("bedtime", True, NOON, NOON + 60)),
    lambda people: people.end_overrides("bedtime"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_as_it_was(people: PeopleStore, change: Callable[[PeopleStore], object]) -> None:
    begin(people)
    before = everything(people)
    change(people)
    after = everything(people)
    made = people.changes(1)[0]
    assert after != before
    back = people.undo(made.id, "eve")
    assert back is not None
    assert everything(people) == before
    assert (back.who, back.what) == ("eve", f"take back: {made.what}")
    assert people.changes(2) == [back, *people.changes(1, back.id)]
    assert people.changes(1, back.id)[0].undone == back.id
    again = people.undo(back.id)
    assert again is not None
    assert everything(people) == after
    assert again.what == f"again: {made.what}"
    assert people.changes(1, back.id)[0].undone is None, "it holds again"
    third = people.undo(again.id)
    assert third is not None
    assert everything(people) == before
    assert [change.undone for change in people.changes(4)] == [None, third.id, None, back.id]
    with pytest.raises(ConflictError, match="taken back already"):
        people.undo(made.id)


def test_only_once(people: PeopleStore) -> None:
    people.add(NewRule("deny", "a.example"))
    people.undo(1)
    with pytest.raises(ConflictError, match=r"^change 1 was taken back already, by change 2$"):
        people.undo(1)
    assert people.undo(99) is None
    assert len(people.changes()) == 2


def test_what_was_changed_since_is_told(people: PeopleStore) -> None:
    rule = people.add(NewRule("deny", "a.example")).rule
    people.add(NewRule("deny", "z.example"))
    people.delete(rule.id, "bob")
    expected = (
        r"^change 1 \(deny a.example\) cannot be taken back: deny a.example was changed since, by change 3 "
        r"\(delete deny a.example\): take that back first$"
    )
    with pytest.raises(ConflictError, match=expected):
        people.undo(1)
    assert [found.name for found in people.rules()] == ["z.example"]
    people.undo(3)
    people.undo(1)
    assert [found.name for found in people.rules()] == ["z.example"]


def test_a_site_rule_that_somebody_else_changed(people: PeopleStore) -> None:
    people.put_site(NewSite("news.example", ("x.example",)))
    people.allow_names(NewSite("news.example", ("y.example",)))
    people.allow_names(NewSite("news.example", ("z.example",)))
    with pytest.raises(ConflictError, match="by change 3"):
        people.undo(2)
    with pytest.raises(ConflictError, match="by change 3"):
        people.undo(1)
    for number in (3, 2, 1):
        people.undo(number)
    assert people.sites() == []


@pytest.mark.parametrize(
    "others",
    [
        (lambda people: people.delete(1), lambda people: people.add(NewRule("allow", "a.example"))),
        (lambda people: people.end(), lambda people: people.pause(NewPause(NOON + 30, group="kids"))),
        (
            lambda people: people.delete_site("news.example"),
            lambda people: people.put_site(NewSite("news.example", everything=True)),
        ),
        (
            lambda people: people.end_overrides("bedtime"),
            lambda people: people.put_override(NewOverride("bedtime", True, NOON, NOON + 60)),
        ),
    ],
)
def test_nothing_comes_back_to_where_another_stands(
    people: PeopleStore, others: tuple[Callable[[PeopleStore], object], ...]
) -> None:
    begin(people)
    gone, came = others
    gone(people)
    deleted = people.changes(1)[0].id
    came(people)
    before = everything(people)
    with pytest.raises(ConflictError, match=rf"stands in its place, by change {deleted + 1} .*: take that back first$"):
        people.undo(deleted)
    assert everything(people) == before
    people.undo(deleted + 1)
    people.undo(deleted)


def test_a_rule_with_an_end_is_no_obstacle(people: PeopleStore) -> None:
    rule = people.add(NewRule("deny", "a.example")).rule
    people.delete(rule.id)
    people.add(NewRule("allow", "a.example", until=NOON + 60))
    people.undo(2)
    assert [found.action for found in people.rules()] == ["deny", "allow"]


def test_what_has_ended_by_itself(people: PeopleStore, clock: StillClock) -> None:
    people.add(NewRule("allow", "a.example", until=NOON + 60))
    people.pause(NewPause(NOON + 60))
    people.pause(NewPause(NOON + 600, client="tv"))
    people.end()
    clock.now += 61
    with pytest.raises(ConflictError, match=r"nothing is left to take back of change 1 \(allow a.example for 1 min\)"):
        people.undo(1)
    people.undo(4)
    assert [pause.client for pause in people.pauses()] == ["tv"], "the other is over"
    people.end()
    clock.now += 600
    with pytest.raises(ConflictError, match="it has ended by itself"):
        people.undo(6)
    assert people.pauses() == []


def test_what_an_exception_took_the_place_of_comes_back_after_it(people: PeopleStore, clock: StillClock) -> None:
    deny = people.add(NewRule("deny", "a.example", until=NOON + 900)).rule
    people.add(NewRule("allow", "a.example", until=NOON + 60))
    clock.now += 60
    assert people.rules() == []
    people.undo(2)
    assert people.rules() == [deny]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(CHANGES) - 1), st.integers(1, 30), st.booleans()), max_size=12))
def test_taking_all_back_from_the_last_on_leaves_nothing(
    people: PeopleStore, steps: list[tuple[int, int, bool]]
) -> None:
    """Whatever was done and undone in between."""
    base = max((change.id for change in people.changes()), default=0)
    begin(people)
    for which, number, undoing in steps:
        try:
            if undoing:
                people.undo(base + number)
            else:
                CHANGES[which](people)
        except ConflictError:
            continue
    for change in people.changes(1000):
        if change.id > base:
            assert people.undo(change.id) is not None
    assert everything(people) == [[], [], [], []]
