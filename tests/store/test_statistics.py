"""Figures, against a plain reading of the rows that they are of."""

from __future__ import annotations

import random
from collections import Counter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.store import rollups
from resolver.store.counting import DAY, HOUR
from resolver.store.face import Store
from resolver.store.filters import LogFilter
from resolver.store.speeds import LIMITS_MS, speed
from resolver.store.statistics import BY, By, Counted, HourTotals, Latency, Top, percentile
from tests.store.logged import Log, any_row
from tests.store.making import NOON, row


@pytest.fixture
def log(database: Store) -> Log:
    return Log(database)


def test_totals(log: Log) -> None:
    log.put(row(count=3), row(verdict="block"), second=NOON - 7200)
    log.put(row(count=2), second=NOON + 5)
    totals = log.queries.totals(NOON - 7200)
    assert (totals.queries, totals.verdicts, totals.origins) == (6, {"pass": 5, "block": 1}, {"upstream": 6})
    assert totals.hours == [HourTotals(NOON - 7200, {"block": 1, "pass": 3}), HourTotals(NOON, {"pass": 2})]
    assert log.queries.totals(NOON + 1800).queries == 2, "from the hour it lies in"
    assert log.queries.totals(NOON - 7200, NOON).queries == 4
    assert log.queries.totals(NOON - 7200, NOON + 1).queries == 6, "to the hour it lies in"
    assert log.queries.totals(NOON + 3600).hours == []


def test_shares(log: Log) -> None:
    def answered(origin: str, verdict: str, count: int) -> Row:
        return Row("192.0.2.1", "default", Exchange("a.example", 1, 0, origin, verdict), count, 10)

    assert log.queries.totals(0).hit_ratio == log.queries.totals(0).blocked_share == 0.0
    log.put(answered("local", "block", 50))
    assert (log.queries.totals(0).hit_ratio, log.queries.totals(0).blocked_share) == (0.0, 1.0)
    log.put(answered("cache", "pass", 30), answered("stale", "pass", 10), answered("upstream", "pass", 10))
    assert (log.queries.totals(0).hit_ratio, log.queries.totals(0).blocked_share) == (0.8, 0.5)


def test_top(log: Log) -> None:
    log.put(row("old.example", count=100), second=NOON - 100)
    log.put(row("a.example", count=5, client="192.0.2.1"), row("b.example", count=3), row("b.example", count=4))
    log.put(row("c.example", verdict="block", count=2), row("", client="", count=50))
    assert log.queries.top("names", NOON, limit=2) == [Top("b.example", 7), Top("a.example", 5)]
    assert log.queries.top("blocked", NOON) == [Top("c.example", 2)]
    assert log.queries.top("clients", NOON) == [Top("192.0.2.10", 9), Top("192.0.2.1", 5)]
    assert log.queries.top("names", NOON - 100, limit=1) == [Top("old.example", 100)]
    assert log.queries.top("names", NOON - HOUR, NOON) == [Top("old.example", 100)]


def test_each_breakdown_is_a_plain_sum(database: Store, log: Log) -> None:
    chance = random.Random(6)
    for number in range(60):
        log.put(*(any_row(chance) for _ in range(8)), second=NOON - number * 3 * HOUR)
    while database.run(lambda connection: rollups.close_days(connection, NOON)):
        pass
    fields = {"device": "client", "list": "source"}
    for since, until in ((0, None), (NOON - 5 * DAY - HOUR, NOON - DAY + 1), (NOON - 4 * HOUR, None)):
        rows = [
            one
            for one in log.queries.each(LogFilter())
            if one.at // HOUR >= since // HOUR and (until is None or one.at // HOUR * HOUR < until)
        ]
        for by in BY:
            counts, blocked = Counter[str](), Counter[str]()
            for one in rows:
                value = str(getattr(one, fields.get(by, by)))
                counts[value] += one.count
                blocked[value] += one.count if one.verdict == "block" else 0
            del counts[""]
            found = log.queries.breakdown(by, since, until)
            assert {one.value: (one.count, one.blocked) for one in found} == {
                value: (count, blocked[value]) for value, count in counts.items()
            }
            assert [one.count for one in found] == sorted(counts.values(), reverse=True)
    assert set(BY) == set(get_args(By))


def test_a_breakdown_of_what_has_no_rows(log: Log) -> None:
    """Verdicts and origins are those of all queries, be it that privacy kept them out of the log."""
    log.put(row(count=3))
    log.database.run(lambda connection: connection.exec_driver_sql("UPDATE totals SET count = 10"))
    assert log.queries.breakdown("verdict", 0) == [Counted("pass", 10, 0)]
    assert log.queries.breakdown("type", 0) == [Counted("1", 3, 0)]
    assert log.queries.breakdown("type", 0, limit=0) == [Counted("1", 3, 0)], "one at least"


def test_latency_of_upstreams(log: Log) -> None:
    def answered(upstream: str, took_ms: float, count: int = 1, origin: str = "upstream") -> Row:
        return Row(
            "192.0.2.1",
            "default",
            Exchange("a.example", 1, 0, origin, "pass", upstream=upstream),
            count,
            int(took_ms * 1000),
        )

    log.put(*(answered("tls://one", ms) for ms in (4, 4, 4, 4, 4, 4, 4, 4, 4, 150)))
    log.put(answered("tls://two", 15, 3), answered("tls://two", 9000), answered("", 80, origin="local"))
    one, two = log.queries.latency(NOON)
    assert (one.upstream, one.count, two.upstream, two.count) == ("tls://one", 10, "tls://two", 4)
    assert 2 < one.p50 <= 5
    assert 100 < one.p95 <= one.p99 <= 200
    assert (two.p50 <= 20, two.p95, two.p99) == (True, 5000.0, 5000.0)
    assert log.queries.latency(NOON + HOUR) == []
    assert log.queries.latency(NOON)[0] == Latency("tls://one", 10, one.p50, one.p95, one.p99)


@given(st.lists(st.integers(1, 4_999_000), min_size=1, max_size=200), st.sampled_from((0.5, 0.95, 0.99)))
def test_a_percentile_is_as_near_as_its_step(times: list[int], share: float) -> None:
    steps = Counter(map(speed, times))
    exact = sorted(times)[max(0, -int(-share * len(times) // 1) - 1)]
    found = percentile(steps, share)
    step = speed(exact)
    assert (LIMITS_MS[step - 1] if step else 0) <= found <= LIMITS_MS[step]
