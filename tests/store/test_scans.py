from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from resolver.store import scans, terms
from resolver.store.face import Store
from resolver.store.filters import LogFilter, matches
from resolver.store.scans import WITH_FACETS, planned, scan
from resolver.store.tables import facets, log
from tests.store.logged import Log, any_filter, any_row
from tests.store.making import NOON, look, row


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "BLOCK_BITS", 2)
    monkeypatch.setattr(scans, "BLOCKS", 3)
    monkeypatch.setattr(scans, "_LOOK_UP", 5)


def test_every_row_of_a_filter_oldest_first(database: Store) -> None:
    chance = random.Random(6)
    written = Log(database)
    for number in range(25):
        written.put(*(any_row(chance) for _ in range(6)), second=NOON + number)
    every = list(written.queries.each(LogFilter()))
    for _ in range(40):
        filter = any_filter(chance, NOON, NOON + 25)
        found = [id for (id,) in scan(database, filter, select(log.c.id).order_by(log.c.id))]
        assert found == [one.id for one in reversed(every) if matches(filter, one)], filter


def test_of_some_names_alone(database: Store) -> None:
    written = Log(database)
    for number in range(20):
        written.put(*(row(f"n{one}.example") for one in range(number % 4)))
    ids = [int(str(id)) for (id,) in look(database, "SELECT id FROM names WHERE name = 'n2.example'")]
    found = [name for (name,) in scan(database, LogFilter(), select(log.c.name), ids)]
    assert found == ids * 5
    assert list(scan(database, LogFilter(), select(log.c.id), [])) == []


def test_what_comes_later_is_not_among_them(database: Store) -> None:
    written = Log(database)
    written.put(*(row("a.example") for _ in range(20)))
    found = scan(database, LogFilter(), select(log.c.id).order_by(log.c.id))
    first = next(found)
    written.put(*(row("b.example") for _ in range(20)))
    assert [first, *found] == [(id,) for id in range(1, 21)]


def test_sums_come_in_parts(database: Store) -> None:
    written = Log(database)
    for number in range(40):
        written.put(row(verdict="block" if number % 2 else "pass", count=2))
    statement = select(facets.c.verdict, func.sum(log.c.count)).select_from(WITH_FACETS).group_by(facets.c.verdict)
    parts = list(scan(database, LogFilter(), statement))
    assert len(parts) > 4
    assert sum(count for verdict, count in parts if verdict == "block") == 40


def test_no_more_blocks_at_once_than_there_may_be(database: Store) -> None:
    written = Log(database)
    for number in range(60):
        written.put(row("every.example"), row("some.example" if number % 10 < 5 else "x.example"))
    plan = database.read(lambda connection: planned(connection, LogFilter(exact="some.example")))
    assert all(last - first < 3 for first, last in plan.runs)
    assert plan.below == 121
    some = list(scans._some(plan.runs))
    assert all(sum(last - first + 1 for first, last in runs) <= 3 for runs in some)
    assert [run for runs in some for run in runs] == plan.runs
