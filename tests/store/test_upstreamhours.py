"""How the upstreams were by the hour, against a plain reading of the rows."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest

from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.store import rollups
from resolver.store.counting import HOUR
from resolver.store.face import Store
from resolver.store.speeds import speed
from resolver.store.statistics import percentile
from resolver.store.upstreamhours import AnsweredHour
from tests.store.logged import Log
from tests.store.making import NOON

ONE, TWO = "udp://192.0.2.53", "tls://192.0.2.54"


@pytest.fixture
def log(database: Store) -> Log:
    return Log(database)


def asked(upstream: str, ms: float, *, rcode: int = 0, count: int = 1, origin: str = "upstream", type: int = 1) -> Row:
    exchange = Exchange("a.example", type, rcode, origin, "pass", upstream=upstream)
    return Row("192.0.2.1", "default", exchange, count, int(ms * 1000))


def test_each_hour_and_upstream(log: Log) -> None:
    log.put(asked(ONE, 15, count=9), asked(ONE, 15, type=28), asked(ONE, 15, rcode=2), second=NOON - HOUR - 1)
    log.put(asked(ONE, 4, count=19), asked(ONE, 900), asked(TWO, 4, rcode=3), second=NOON)
    log.put(asked(TWO, 1, origin="cache", count=500), asked("", 90, origin="local"), second=NOON)
    old, one, two = log.queries.upstream_hours(NOON - HOUR - 1)
    assert (old.at, old.upstream, old.count, old.failed) == (NOON - 2 * HOUR, ONE, 11, 1)
    assert (two.at, two.upstream, two.count, two.failed) == (NOON, ONE, 20, 0)
    assert (one.upstream, one.count, one.failed) == (TWO, 1, 0), "what does not exist is an answer"
    assert 10 < old.p50 <= 20
    assert 2 < two.p50 <= two.p95 <= 5
    assert [found.at for found in log.queries.upstream_hours(NOON + 1800)] == [NOON, NOON], "from the hour it lies in"
    assert log.queries.upstream_hours(NOON - HOUR, NOON) == []
    assert log.queries.upstream_hours(NOON - 2 * HOUR, NOON - HOUR) == [old]


def test_what_nobody_answered(log: Log) -> None:
    log.put(asked("", 5001, rcode=2, count=7))
    assert log.queries.upstream_hours(NOON) == [AnsweredHour(NOON, "", 7, 7, 5000.0, 5000.0)]


def test_it_is_a_plain_sum_of_the_rows_and_days_change_nothing(database: Store, log: Log) -> None:
    chance = random.Random(7)
    steps: defaultdict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    failed = Counter[tuple[int, str]]()
    for hour in range(50):
        rows = [
            asked(chance.choice((ONE, TWO, "")), chance.uniform(0.1, 6000), rcode=chance.choice((0, 2, 3, 5)))
            for _ in range(chance.randrange(8))
        ]
        log.put(*rows, second=NOON - hour * HOUR + 60)
        for row in rows:
            key = NOON - hour * HOUR, row.exchange.upstream
            steps[key][speed(row.took_us)] += 1
            failed[key] += row.exchange.rcode in (2, 5)
    wanted = [
        AnsweredHour(*key, counts.total(), failed[key], percentile(counts, 0.5), percentile(counts, 0.95))
        for key, counts in sorted(steps.items())
    ]
    assert log.queries.upstream_hours(0) == wanted
    while database.run(lambda connection: rollups.close_days(connection, NOON)):
        pass
    assert log.queries.upstream_hours(0) == wanted
