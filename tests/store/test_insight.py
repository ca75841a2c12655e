"""What the lists ask of the log, against a plain reading of the same rows."""

from __future__ import annotations

import itertools
import pathlib
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from resolver.errors import StoreError
from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.store import insight as module
from resolver.store import scans, terms
from resolver.store.face import Store
from resolver.store.insight import DAY, Allowing, Decided, Insight, Often, Passed
from tests.store.logged import emptied
from tests.store.making import NOON, row, store_all, waiting

_SEQ = itertools.count(1)


def put(database: Store, *rows: Row, second: int = NOON) -> None:
    store_all(database, [waiting(next(_SEQ), list(rows), second=second)])


def asked(name: str, *, type: int = 1, rcode: int = 0, verdict: str = "pass", client: str = "192.0.2.1") -> Row:
    return Row(client, "default", Exchange(name, type, rcode, "upstream", verdict), 1, 10)


def blocked(name: str, *, via: str = "", source: str = "ads", client: str = "192.0.2.1", group: str = "default") -> Row:
    return Row(client, group, Exchange(name, 1, 0, "local", "block", source, "||x^", via), 1, 10)


def test_names_resolved_often(database: Store) -> None:
    often = msgspec.structs.replace(asked("often.example"), count=20)
    for day in range(3):
        other = asked("allowed.example", verdict="allow", client=f"192.0.2.{day}")
        rows = [often, msgspec.structs.replace(other, count=17)]
        rows.append(msgspec.structs.replace(asked("seldom.example"), count=16))  # 48
        rows.append(msgspec.structs.replace(asked("none.example", rcode=3), count=100))
        rows.append(msgspec.structs.replace(asked("ads.example", verdict="block"), count=100))
        rows.append(msgspec.structs.replace(asked(""), count=100))
        if day < 2:
            rows.append(msgspec.structs.replace(asked("two.days.example"), count=100))
        put(database, *rows, second=NOON - day * DAY)
    insight = Insight(database)
    found = insight.often(NOON - 7 * DAY)
    assert found == [Often("often.example", ("default",)), Often("allowed.example", ("default",))]
    assert insight.often(NOON - DAY) == [], "two days are too few"


def test_the_names_resolved_most_often_come_first_and_are_few(database: Store) -> None:
    for day in range(3):
        rows = [msgspec.structs.replace(asked(f"n{number}.example"), count=20 + number) for number in range(300)]
        put(database, *rows, second=NOON - day * DAY)
    assert [one.name for one in Insight(database).often(0)] == [f"n{number}.example" for number in range(299, 99, -1)]


def test_the_groups_in_which_a_name_is_resolved_often(database: Store) -> None:
    for day in range(3):
        rows = [msgspec.structs.replace(asked("often.example"), group=group, count=9) for group in ("office", "lab")]
        rows.append(msgspec.structs.replace(blocked("often.example", group="kids"), count=90))
        put(database, *rows[day == 2 :], second=NOON - day * DAY)
    assert Insight(database).often(0) == []
    put(database, msgspec.structs.replace(asked("often.example"), group="office", count=9))
    assert Insight(database).often(0) == [Often("often.example", ("lab",))]


def test_what_passed(database: Store) -> None:
    put(database, asked("a.example"), asked("a.example", client="192.0.2.2"), asked("a.example", type=28))
    put(database, asked("a.example"), asked("b.example", verdict="allow"), blocked("c.example"), asked(""))
    put(database, asked("old.example"), second=NOON - 100)
    insight = Insight(database)
    assert sorted(insight.passed(NOON), key=repr) == [
        Passed("a.example", 1, "", 3),
        Passed("a.example", 28, "", 1),
        Passed("b.example", 1, "", 1),
    ]
    assert sorted(insight.passed(NOON, ["a.example", "c.example", "old.example"]), key=repr) == [
        Passed("a.example", 1, "192.0.2.1", 2),
        Passed("a.example", 1, "192.0.2.2", 1),
        Passed("a.example", 28, "192.0.2.1", 1),
    ]
    assert insight.passed(NOON, []) == []


def test_what_is_asked_most_comes_first_and_what_is_asked_seldom_not_at_all(database: Store) -> None:
    counts = {"a.example": 5, "b.example": 9, "c.example": 2, "d.example": 3}
    rows = [msgspec.structs.replace(asked(name), count=count) for name, count in counts.items()]
    put(database, *rows, msgspec.structs.replace(asked("b.example", type=28), count=4), blocked("ads.example"))
    put(database, msgspec.structs.replace(asked("old.example"), count=99), second=NOON - 2 * DAY)
    insight = Insight(database)
    assert insight.popular(NOON - DAY, 3, 3) == [("b.example", 1), ("a.example", 1), ("b.example", 28)]
    assert insight.popular(NOON - DAY, 3, 10)[3:] == [("d.example", 1)]


def test_what_met_a_rule(database: Store) -> None:
    put(database, blocked("a.example"), blocked("a.example", client="192.0.2.2"), blocked("b.example", via="t.example"))
    put(database, row("c.example", shadow="trial: ||c^"), row("d.example"), blocked("old.example"), second=NOON - 100)
    insight = Insight(database)
    assert sorted(insight.decided(NOON), key=repr) == [
        Decided("a.example", 1, "", "ads", "block", "", "", 2),
        Decided("b.example", 1, "t.example", "ads", "block", "", "", 1),
    ]
    (shadow,) = (one for one in insight.decided(NOON - 100) if one.shadow)
    assert (shadow.name, shadow.verdict, shadow.shadow, shadow.count) == ("c.example", "pass", "trial: ||c^", 1)
    assert [(one.client, one.count) for one in insight.decided(NOON, ["a.example"])] == [
        ("192.0.2.1", 1),
        ("192.0.2.2", 1),
    ]


def test_what_people_put_right_afterwards(database: Store) -> None:
    put(database, blocked("x.a.example"), blocked("a.example", via="t.example"), second=NOON - 10)
    put(database, blocked("xa.example"), asked("a.example"), blocked("a.example", source="old"), second=NOON - 100)
    put(database, blocked("a.example", client="192.0.2.2", group="kids"), second=NOON + 10)
    insight = Insight(database)

    def names(allowing: Allowing, since: float = NOON - 50) -> list[tuple[str, str, int]]:
        return sorted((one.name, one.source, one.count) for one in insight.before([allowing], since)[0])

    assert names(Allowing("a.example", NOON)) == [("a.example", "ads", 1), ("x.a.example", "ads", 1)]
    assert sum(count for *_, count in names(Allowing("a.example", NOON + 20))) == 3
    assert names(Allowing("a.example", NOON + 20, clients=("192.0.2.2", "192.0.2.250"))) == [("a.example", "ads", 1)]
    assert names(Allowing("a.example", NOON + 20, group="kids")) == [("a.example", "ads", 1)]
    assert names(Allowing("a.example", NOON, group="kids")) == []
    assert ("a.example", "old", 1) in names(Allowing("a.example", NOON), NOON - 1000)
    (via,) = (one for one in insight.before([Allowing("a.example", NOON)], NOON - 50)[0] if one.via)
    assert via == Decided("a.example", 1, "t.example", "ads", "block", "", "", 1)


def test_what_several_rules_put_right(database: Store) -> None:
    put(database, blocked("x.a.example"), blocked("b.example"), second=NOON - 10)
    put(database, blocked("a.example"), second=NOON + 10)
    rules = [Allowing("a.example", NOON), Allowing("example", NOON + 20), Allowing("c.example", NOON)]
    found = Insight(database).before(rules, NOON - 50)
    assert [sorted(one.name for one in of_one) for of_one in found] == [
        ["x.a.example"],
        ["a.example", "b.example", "x.a.example"],
        [],
    ]
    assert Insight(database).before([], NOON - 50) == []


def test_names_that_are_too_many_to_be_asked_for_one_by_one(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 2)
    put(database, *(blocked(f"n{number}.a.example") for number in range(5)), blocked("b.example"), second=NOON - 10)
    (found,) = Insight(database).before([Allowing("a.example", NOON)], NOON - 50)
    assert sorted(one.name for one in found) == [f"n{number}.a.example" for number in range(5)]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 2), st.integers(0, 9)), max_size=40), st.integers(1, 7)
)
def test_stretches_add_up(
    database: Store, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, int, int]], size: int
) -> None:
    """However rows are ordered in time, and wherever a stretch ends."""
    monkeypatch.setattr(scans, "BLOCKS", size)
    monkeypatch.setattr(terms, "BLOCK_BITS", 1)
    emptied(database, "log", "blocks", "postings")
    for name, type, second in rows:
        put(database, asked(f"{name}.example", type=type), second=NOON + second)
    expected = Counter((f"{name}.example", type) for name, type, second in rows if second >= 5)
    found = {(one.name, one.type): one.count for one in Insight(database).passed(NOON + 5)}
    assert found == expected


def test_of_too_many_kinds_those_asked_most_are_kept(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(50):
        put(database, msgspec.structs.replace(asked(f"n{number}.example"), count=1 + number % 10))
    assert [one.count for one in Insight(database).passed(0)] == [10, 10, 10]


def test_everybody_who_is_in_the_log(database: Store) -> None:
    put(database, asked("a.example", client="192.0.2.2"), asked("a.example", client=""), asked("b.example"))
    assert Insight(database).clients() == ["192.0.2.1", "192.0.2.2"]
    emptied(database, "postings")
    assert Insight(database).clients() == [], "known from the totals of days, but not from the log"


def test_reads_go_down_the_log_and_nowhere_else(path: pathlib.Path, database: Store) -> None:
    put(database, asked("a.example"), blocked("b.example"))
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("SELECT") and "FROM log JOIN" in statement:
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(str(step[3]) for step in steps))

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        insight = Insight(database)
        for work in (insight.often, insight.passed, insight.decided):
            work(0.0)
        insight.passed(0.0, ["a.example"])
        insight.decided(0.0, ["a.example"])
        insight.before([Allowing("example", NOON + 1)], 0.0)
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    down = [plan for plan in plans if "SEARCH log USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in plan]
    assert len(down) == 6, plans
    assert not [plan for plan in plans if "SCAN facets" in plan or "SCAN kinds" in plan]


def test_a_database_that_cannot_be_read_says_so(database: Store) -> None:
    database.close()
    for work in (Insight(database).often, Insight(database).passed, Insight(database).decided):
        with pytest.raises(StoreError):
            work(0.0)
