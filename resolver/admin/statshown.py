"""What was counted, as people see it."""

from __future__ import annotations

from collections.abc import Callable

from resolver.admin import bodies
from resolver.network.calling import Calling
from resolver.store.queries import Queries
from resolver.store.statistics import By, Counted, Top
from resolver.wire.zone import rcode_text, type_text


def stats(
    queries: Queries, calling: Calling, since: float, until: float | None, by: By | None, limit: int
) -> bodies.Stats:
    """Totals, `limit` names and clients on top, and what was asked for by something. Raises StoreError."""
    counts = queries.totals(since, until)
    return bodies.Stats(
        since,
        counts.queries,
        counts.verdicts,
        counts.origins,
        [bodies.Hour(hour.at, hour.verdicts) for hour in counts.hours],
        _counts(queries.top("blocked", since, until, limit)),
        _counts(queries.top("names", since, until, limit)),
        [
            bodies.ClientCount(top.value, top.count, calling.of(top.value))
            for top in queries.top("clients", since, until, limit)
        ],
        until,
        round(counts.hit_ratio, 4),
        round(counts.blocked_share, 4),
        [
            bodies.UpstreamLatency(one.upstream, one.count, one.p50, one.p95, one.p99)
            for one in queries.latency(since, until)
        ],
        _parts(queries.breakdown(by, since, until), by, calling)[:limit] if by else [],
    )


def _counts(tops: list[Top]) -> list[bodies.Count]:
    return [bodies.Count(top.value, top.count) for top in tops]


def _parts(parts: list[Counted], by: By, calling: Calling) -> list[bodies.Share]:
    """Numbers as their mnemonics, and addresses of one device that has a name together."""
    words: dict[str, Callable[[str], str]] = {
        "type": lambda value: type_text(int(value)),
        "rcode": lambda value: rcode_text(int(value)),
        "device": lambda value: calling.of(value) or value,
    }
    word = words.get(by, str)
    found: dict[str, bodies.Share] = {}
    for part in parts:
        value = word(part.value)
        before = found.get(value, bodies.Share(value, 0, 0))
        found[value] = bodies.Share(value, before.count + part.count, before.blocked + part.blocked)
    return sorted(found.values(), key=lambda one: (-one.count, one.value))
