"""Which hours and days make up a time, against adding up every hour."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from sqlalchemy import Connection

from resolver.store import rollups
from resolver.store.counting import DAY, HOUR
from resolver.store.face import Store
from resolver.store.spans import Span, span
from resolver.store.tables import day_facets, hour_facets
from tests.store.logged import Log
from tests.store.making import NOON, look, row

MIDNIGHT = NOON - NOON % DAY


@pytest.fixture
def hours(database: Store) -> Counter[int]:
    """Ten days of hours, of which nine are over and made; the queries of each hour."""
    log, counts = Log(database), Counter[int]()
    chance = random.Random(6)
    for hour in range(-9 * 24, 12):
        count = chance.randint(1, 9)
        log.put(row(count=count), second=MIDNIGHT + hour * HOUR + 7)
        counts[MIDNIGHT + hour * HOUR] = count
    while database.run(lambda connection: rollups.close_days(connection, NOON)):
        pass
    assert look(database, "SELECT count(DISTINCT day) FROM day_facets") == [(9,)]
    return counts


def counted(database: Store, since: float, until: float | None) -> int:
    def work(connection: Connection) -> int:
        within = span(connection, since, until)
        found = connection.execute(within.sums((hour_facets, day_facets), "facet", ("count",)))
        return sum(int(count) for _, count in found)

    return database.read(work)


def test_any_time_is_its_hours(database: Store, hours: Counter[int]) -> None:
    chance = random.Random(7)
    first, last = min(hours), max(hours) + HOUR
    times: list[tuple[float, float | None]] = [(first, None), (0, None), (NOON, NOON + 1), (last, None)]
    for _ in range(60):
        since = chance.uniform(first - DAY, last)
        times.append((since, chance.choice((None, since + chance.uniform(1, 4 * DAY)))))
    for since, until in times:
        expected = sum(
            count for hour, count in hours.items() if hour + HOUR > since and (until is None or hour < until)
        )
        assert counted(database, since, until) == expected, (since, until)


def test_whole_days_are_taken_from_days(database: Store, hours: Counter[int]) -> None:
    def spanned(since: float, until: float | None) -> Span:
        return database.read(lambda connection: span(connection, since, until))

    found = spanned(MIDNIGHT - 3 * DAY - 60, NOON - 60)
    assert found == Span(MIDNIGHT - 3 * DAY - HOUR, NOON, MIDNIGHT - 3 * DAY, MIDNIGHT)
    of_a_day = spanned(MIDNIGHT - 2 * DAY + HOUR, MIDNIGHT - 2 * DAY + 3 * HOUR)
    assert (of_a_day.days, of_a_day.days_end) == (of_a_day.ends, of_a_day.ends)
    assert spanned(MIDNIGHT - 2 * DAY, MIDNIGHT - DAY).days_end == MIDNIGHT - DAY


def test_where_hours_are_gone_the_day_counts_whole(database: Store, hours: Counter[int]) -> None:
    while database.run(lambda connection: rollups.forget_hours(connection, MIDNIGHT - 2 * DAY, NOON)):
        pass
    days = Counter[int]()
    for hour, count in hours.items():
        days[hour // DAY * DAY] += count
    old = MIDNIGHT - 5 * DAY
    assert counted(database, old + HOUR, old + 2 * HOUR) == days[old]
    assert counted(database, old + HOUR, None) == sum(count for day, count in days.items() if day >= old)
    assert counted(database, old - HOUR, old + HOUR) == days[old - DAY] + days[old]
    assert counted(database, 0, old + DAY) == sum(count for day, count in days.items() if day <= old)


def test_nothing_was_counted_yet(database: Store) -> None:
    assert counted(database, 0, None) == 0
