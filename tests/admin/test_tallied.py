"""What is counted of queries."""

from __future__ import annotations

from resolver.admin.tallied import LIMITS, OTHER, RCODES, TYPES, Tallied
from resolver.journal.frames import Batch, Row
from resolver.model import Exchange


def _row(took_us: int = 0, *, type: int = 1, rcode: int = 0, source: str = "", count: int = 1) -> Row:
    verdict = "block" if source else "pass"
    exchange = Exchange("a.example", type, rcode, "upstream", verdict, source, "||a.example^" if source else "")
    return Row("192.0.2.1", "default", exchange, count, took_us)


def _taken(*rows: Row) -> Tallied:
    tallied = Tallied()
    tallied.take(Batch("feed", 1, 0, list(rows), {}))
    return tallied


def test_every_query_counts_with_or_without_a_row() -> None:
    tallied = Tallied()
    tallied.take(Batch("feed", 1, 0, [], {"block/local": 3, "pass/cache": 4}, 2))
    tallied.take(Batch("feed", 2, 1, [], {"pass/cache": 1}, 1))
    assert tallied.queries == {("block", "local"): 3, ("pass", "cache"): 5}
    assert tallied.dropped == 3


def test_a_batch_that_comes_again_does_not_count_again() -> None:
    tallied = Tallied()
    for seq in (1, 2, 2, 1):
        tallied.take(Batch("feed", seq, 0, [_row()], {"pass/upstream": 1}, 1))
    tallied.take(Batch("another", 1, 0, [_row()], {"pass/upstream": 1}))
    assert tallied.queries["pass", "upstream"] == 3
    assert tallied.types["A"] == 3
    assert tallied.dropped == 2


def test_latency_has_a_bucket_for_each_step() -> None:
    limits = [int(limit * 1e6) for limit in LIMITS]
    tallied = _taken(*map(_row, limits), *(_row(limit + 1) for limit in limits), _row(0, count=5))
    latency = tallied.latency["upstream"]
    assert latency.buckets == [6, *[2] * (len(LIMITS) - 1), 1]
    assert round(latency.seconds, 6) == round((2 * sum(limits) + len(limits)) / 1e6, 6)


def test_types_and_codes_are_of_a_few_words() -> None:
    tallied = _taken(*(_row(type=number, rcode=number % 30) for number in range(70_000 // 7)))
    assert set(tallied.types) == TYPES | {OTHER}
    assert set(tallied.rcodes) == RCODES | {OTHER}
    assert sum(tallied.types.values()) == sum(tallied.rcodes.values()) == 10_000


def test_sources_are_bounded() -> None:
    tallied = _taken(*(_row(source=f"list-{number}") for number in range(2000)), _row(source="list-0", count=7))
    assert tallied.blocked["list-0"] == 8
    assert tallied.blocked[OTHER] == 1500
    assert len(tallied.blocked) == 501


def test_feeds_are_bounded() -> None:
    tallied = Tallied()
    for number in range(5000):
        tallied.take(Batch(f"feed-{number}", 1, 0, [], {"pass/cache": 1}))
    assert tallied.queries["pass", "cache"] == 5000
    assert len(tallied._seen) == 1000
