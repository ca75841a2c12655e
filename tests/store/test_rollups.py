from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from resolver.store import rollups
from resolver.store.face import Store
from resolver.store.interning import Interner
from tests.store.adding_up import DAY, HOUR, check
from tests.store.making import NOON, look, row, store_all, waiting

TODAY = NOON - NOON % DAY


def bites(database: Store, bite: Callable[[Connection], bool]) -> int:
    """Do all there is to do; how many bites it took."""
    for taken in range(1, 1000):
        if not database.run(bite):
            return taken
    raise AssertionError("there is no end to it")


def close_hours(database: Store, now: float) -> int:
    """Prune every hour that has to be; how many these were."""
    hours = database.read(lambda connection: rollups.crowded(connection, now))
    for hour in hours:
        database.run(functools.partial(rollups.close_hour, hour=hour))
    return len(hours)


def fill(database: Store, hours: dict[int, int]) -> None:
    """Hours with so many names each, the n-th asked for n times, every third of them blocked."""
    interner = Interner()
    for seq, (hour, count) in enumerate(hours.items(), 1):
        rows = [row(f"n{n}.example", count=n, verdict="pass" if n % 3 else "block") for n in range(1, count + 1)]
        store_all(database, [waiting(seq, rows, second=hour)], interner)


def names(database: Store, table: str, start: int) -> dict[str, int]:
    span = table.partition("_")[0]
    found = look(
        database, f"SELECT n.name, t.count FROM {table} t JOIN names n ON n.id = t.name WHERE {span} = {start}"
    )
    return {str(name): int(str(count)) for name, count in found}


def test_an_hour_that_is_over_keeps_what_is_asked_and_blocked_most(
    database: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "MOST", 10)
    fill(database, {NOON - HOUR: 60, NOON: 60, NOON - 2 * HOUR: 20})
    close_hours(database, NOON + 1800)
    most = {f"n{n}.example": n for n in (*range(51, 61), *range(33, 61, 3))}
    assert names(database, "hour_names", NOON - HOUR) == most
    assert len(names(database, "hour_names", NOON)) == 60, "it is not over"
    assert len(names(database, "hour_names", NOON - 2 * HOUR)) == 20, "few as they are"
    close_hours(database, NOON + HOUR)
    assert names(database, "hour_names", NOON) == most
    assert look(database, "SELECT sum(count) FROM hour_clients") == look(database, "SELECT sum(count) FROM log")


def test_names_that_are_not_blocked_take_no_place_of_those_that_are(
    database: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "MOST", 10)
    rows = [row(f"n{n}.example", count=n, verdict="block" if n < 3 else "pass") for n in range(1, 61)]
    store_all(database, [waiting(1, rows)])
    close_hours(database, NOON + HOUR)
    assert names(database, "hour_names", NOON) == {f"n{n}.example": n for n in (1, 2, *range(51, 61))}


def test_hours_are_closed_once(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "MOST", 5)
    fill(database, {NOON - hour * HOUR: 20 for hour in range(1, 10)})
    assert close_hours(database, NOON) == 9
    assert close_hours(database, NOON) == 0


def test_a_day_is_the_sum_of_its_hours(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = [TODAY - 3 * DAY + 1, TODAY - DAY, TODAY - 1, TODAY - DAY + 7 * HOUR, TODAY]
    fill(database, dict.fromkeys(hours, 9))
    assert bites(database, lambda connection: rollups.close_days(connection, TODAY + DAY - 1)) == 3
    made = frozenset({TODAY - 3 * DAY, TODAY - DAY})
    check(database, made=made)
    assert bites(database, lambda connection: rollups.close_days(connection, TODAY + DAY - 1)) == 1
    late = [waiting(100, [row("n1.example", verdict="block"), row("new.example")], second=TODAY - 5)]
    store_all(database, late)
    check(database, made=made)
    bites(database, lambda connection: rollups.close_days(connection, TODAY + DAY))
    check(database, made=made | {TODAY})


def test_a_day_keeps_what_is_asked_and_blocked_most(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "MOST", 2)
    fill(database, dict.fromkeys([TODAY - HOUR, TODAY - 2 * HOUR], 10))
    bites(database, lambda connection: rollups.close_days(connection, NOON))
    assert names(database, "day_names", TODAY - DAY) == {f"n{n}.example": 2 * n for n in (10, 9, 6)}
    assert len(names(database, "hour_names", TODAY - HOUR)) == 10


def test_old_hours_go_but_none_of_a_day_that_is_not_made(database: Store) -> None:
    hours = [TODAY - 2 * DAY + hour * HOUR for hour in range(60)]
    fill(database, dict.fromkeys(hours, 2))

    def left() -> list[int]:
        tables = ("hour_facets", "hour_clients", "hour_names")
        found = [{hour for (hour,) in look(database, f"SELECT hour FROM {table}")} for table in tables]
        assert found[0] == found[1] == found[2]
        return sorted(int(str(hour)) for hour in found[0])

    bites(database, lambda connection: rollups.forget_hours(connection, NOON, NOON))
    assert left() == hours
    database.run(lambda connection: rollups.close_days(connection, NOON))
    bites(database, lambda connection: rollups.forget_hours(connection, TODAY - 2 * DAY + 5 * HOUR, NOON))
    assert left() == hours[5:]
    bites(database, lambda connection: rollups.forget_hours(connection, NOON, NOON))
    assert left() == hours[24:], "the second day is not made"
    bites(database, lambda connection: rollups.close_days(connection, NOON))
    taken = bites(database, lambda connection: rollups.forget_hours(connection, NOON, NOON))
    assert left() == hours[48:], "today is not over"
    assert taken == 4
    days = Counter(day for (day,) in look(database, "SELECT day FROM day_names"))
    assert days == {TODAY - 2 * DAY: 2, TODAY - DAY: 2}


def test_many_old_hours_go_in_bites(database: Store) -> None:
    fill(database, dict.fromkeys([TODAY - hour * HOUR for hour in range(1, 101)], 1))
    bites(database, lambda connection: rollups.close_days(connection, NOON))
    assert bites(database, lambda connection: rollups.forget_hours(connection, NOON, NOON)) == 17
    assert look(database, "SELECT count(*) FROM hour_names") == [(0,)]


def test_old_days_go(database: Store) -> None:
    fill(database, dict.fromkeys([TODAY - day * DAY for day in (1, 399, 400, 401, 500)], 1))
    bites(database, lambda connection: rollups.close_days(connection, NOON))
    bites(database, lambda connection: rollups.forget_days(connection, NOON - rollups.DAYS_KEPT))
    for table in ("day_facets", "day_clients", "day_names"):
        found = [day for (day,) in look(database, f"SELECT DISTINCT day FROM {table} ORDER BY day")]
        assert found == [TODAY - 400 * DAY, TODAY - 399 * DAY, TODAY - DAY]


def test_nothing_to_do_in_an_empty_database(database: Store) -> None:
    def everything(connection: Connection) -> list[bool]:
        return [
            bool(rollups.crowded(connection, NOON)),
            rollups.close_days(connection, NOON),
            rollups.forget_hours(connection, NOON, NOON),
            rollups.forget_days(connection, NOON),
        ]

    assert database.run(everything) == [False] * 4
