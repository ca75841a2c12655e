import os
import pathlib
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import StoreError
from resolver.store import engines
from resolver.store.database import Database
from resolver.store.rules import NewPause, NewRule, Rule, RulesStore
from tests.store.making import NOON, StillClock, look


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def store(database: Database, clock: StillClock) -> RulesStore:
    return RulesStore(database, clock)


def shown(rules: list[Rule]) -> list[tuple[str, str, float | None]]:
    return [(rule.action, rule.name, rule.until) for rule in rules]


def test_a_rule_is_stored_with_all_it_says(store: RulesStore, path: pathlib.Path, database: Database) -> None:
    new = NewRule("allow", "a.example", "192.0.2.1", "kids", NOON + 60, "for school", "command")
    added = store.add(new)
    assert (added.created, added.replaced) == (True, ())
    expected = Rule(*(getattr(new, field) for field in NewRule.__struct_fields__), id=1, created=NOON)
    assert added.rule == expected
    assert store.rules() == [expected]
    assert look(path, "SELECT * FROM rules") == [
        (1, "allow", "a.example", "192.0.2.1", "kids", NOON + 60.0, "for school", float(NOON), "command")
    ]
    assert RulesStore(database, StillClock()).rules() == [expected]


def test_what_already_holds_is_not_added_again(store: RulesStore) -> None:
    first = store.add(NewRule("deny", "a.example"))
    again = store.add(NewRule("deny", "a.example", comment="other"))
    assert (again.created, again.rule, again.replaced) == (False, first.rule, ())
    timed = store.add(NewRule("allow", "b.example", until=NOON + 600))
    shorter = store.add(NewRule("allow", "b.example", until=NOON + 60))
    assert (shorter.created, shorter.rule) == (False, timed.rule)
    assert len(store.rules()) == 2


def test_a_later_end_takes_the_place_of_a_sooner_one(store: RulesStore) -> None:
    sooner = store.add(NewRule("allow", "b.example", until=NOON + 60)).rule
    later = store.add(NewRule("allow", "b.example", until=NOON + 600))
    assert (later.created, later.replaced) == (True, (sooner,))
    assert shown(store.rules()) == [("allow", "b.example", NOON + 600)]


def test_the_opposite_takes_its_place(store: RulesStore) -> None:
    deny = store.add(NewRule("deny", "a.example")).rule
    allow = store.add(NewRule("allow", "a.example"))
    assert (allow.created, allow.replaced) == (True, (deny,))
    timed = store.add(NewRule("deny", "a.example", until=NOON + 60))
    assert timed.replaced == (), "an exception leaves the rule as it is"
    assert shown(store.rules()) == [("allow", "a.example", None), ("deny", "a.example", NOON + 60)]
    opposite = store.add(NewRule("allow", "a.example", until=NOON + 30))
    assert opposite.replaced == (timed.rule,)
    final = store.add(NewRule("deny", "a.example"))
    assert set(final.replaced) == {allow.rule, opposite.rule}
    assert shown(store.rules()) == [("deny", "a.example", None)]


def test_a_timed_rule_and_one_for_good_stand_side_by_side(store: RulesStore) -> None:
    """One with an end outranks schedules, one without does not."""
    assert store.add(NewRule("allow", "a.example")).created
    assert store.add(NewRule("allow", "a.example", until=NOON + 60)).created
    assert not store.add(NewRule("allow", "a.example")).created
    assert len(store.rules()) == 2


def test_other_names_and_scopes_are_other_rules(store: RulesStore) -> None:
    for rule in (
        NewRule("deny", "a.example"),
        NewRule("allow", "b.example"),
        NewRule("allow", "a.example", client="192.0.2.1"),
        NewRule("allow", "a.example", group="kids"),
    ):
        assert store.add(rule).replaced == ()
    assert len(store.rules()) == 4


def test_deleting(store: RulesStore, path: pathlib.Path) -> None:
    rule = store.add(NewRule("deny", "a.example")).rule
    assert store.delete(rule.id) == rule
    assert store.delete(rule.id) is None
    assert store.rules() == []
    assert store.add(NewRule("deny", "b.example")).rule.id != rule.id, "an old id must not delete another rule"


def test_what_has_ended_is_gone(store: RulesStore, clock: StillClock, path: pathlib.Path) -> None:
    ended = store.add(NewRule("allow", "a.example", until=NOON + 60)).rule
    store.add(NewRule("allow", "b.example"))
    store.pause(NewPause(NOON + 60))
    clock.now = NOON + 60
    assert shown(store.rules()) == [("allow", "b.example", None)]
    assert store.pauses() == []
    assert store.delete(ended.id) is None
    assert look(path, "SELECT name FROM rules") == [("b.example",)]
    assert look(path, "SELECT * FROM pauses") == []
    assert store.add(NewRule("allow", "a.example", until=NOON + 120)).created


def test_pauses(store: RulesStore) -> None:
    first = store.pause(NewPause(NOON + 60, group="kids"))
    assert first.created
    assert not store.pause(NewPause(NOON + 30, group="kids")).created
    longer = store.pause(NewPause(NOON + 90, group="kids"))
    assert longer.replaced == (first.pause,)
    everyone = store.pause(NewPause(NOON + 10))
    assert store.pauses() == [longer.pause, everyone.pause]
    assert store.end(longer.pause.id) == longer.pause
    assert store.end(longer.pause.id) is None
    assert store.pauses() == [everyone.pause]


def test_nothing_is_half_done_when_the_database_is_locked(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_WAIT", 0.05)
    database = Database.open(path)
    store = RulesStore(database)
    deny = store.add(NewRule("deny", "a.example")).rule
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    for change in (
        lambda: store.add(NewRule("allow", "a.example")),
        lambda: store.delete(deny.id),
        lambda: store.pause(NewPause(NOON * 2)),
        lambda: store.end(1),
    ):
        with pytest.raises(StoreError, match="another process holds the database locked"):
            change()
    assert store.rules() == [deny]
    assert store.pauses() == []
    blocker.close()
    assert look(path, "SELECT action FROM rules") == [("deny",)]
    assert store.add(NewRule("allow", "a.example")).replaced == (deny,)
    database.close()


def test_lists_that_were_never_read_are_an_error(path: pathlib.Path) -> None:
    path.mkdir()
    database = Database.open(path)
    store = RulesStore(database)
    with pytest.raises(StoreError):
        store.rules()
    path.rmdir()
    assert store.rules() == []
    database.close()


def test_rules_and_pauses_outlive_the_file(store: RulesStore, path: pathlib.Path) -> None:
    first = store.add(NewRule("deny", "a.example")).rule
    store.delete(first.id)
    kept = [store.add(NewRule("deny", "b.example")).rule, store.add(NewRule("allow", "c.example", until=NOON + 9)).rule]
    pause = store.pause(NewPause(NOON + 60, client="192.0.2.1")).pause
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
    assert store.rules() == kept
    new = store.add(NewRule("deny", "d.example")).rule
    assert store.rules() == [*kept, new]
    assert store.pauses() == [pause]
    assert look(path, "SELECT id, name FROM rules") == [(rule.id, rule.name) for rule in [*kept, new]]
    path.unlink()
    assert store.end(pause.id) == pause
    assert store.rules() == [*kept, new]


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_comes_back(store: RulesStore, name: str, client: str, group: str, comment: str) -> None:
    rule = store.add(NewRule("deny", name, client, group, None, comment)).rule
    assert (rule.name, rule.client, rule.group) == (name, client, group)
    assert rule in store.rules()
    assert store.delete(rule.id) == rule
