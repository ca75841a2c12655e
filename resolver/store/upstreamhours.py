"""How the upstreams were, hour by hour, from the sums that are kept by the hour: the log itself is never looked at."""

from __future__ import annotations

import math
from collections import Counter

import msgspec
from sqlalchemy import Connection, func, select

from resolver.model import Rcode
from resolver.store.counting import HOUR
from resolver.store.statistics import percentile
from resolver.store.tables import facets, hour_facets

_USABLE = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})


class AnsweredHour(msgspec.Struct, frozen=True):
    """An hour of an upstream, or of none of them (`upstream` ""): `at` is the Unix second at which the hour began,
    `count` the queries that it answered, or that nobody did; `failed` of them had an RCODE other than NOERROR and
    NXDOMAIN. Half of them took `p50` milliseconds at most, and 95 of 100 `p95`, as `statistics.percentile` has it."""

    at: int
    upstream: str
    count: int
    failed: int
    p50: float
    p95: float


class _Sum:
    __slots__ = ("failed", "steps")

    def __init__(self) -> None:
        self.steps: Counter[int] = Counter()
        self.failed = 0


def upstream_hours(connection: Connection, since: float, until: float | None) -> list[AnsweredHour]:
    """Every upstream and hour with any query, the earliest first: from the hour of `since` to that of `until` (Unix
    time; None: until now), as far as hours are kept."""
    hour = hour_facets.c.hour
    within = [hour >= math.floor(since) // HOUR * HOUR, *([] if until is None else [hour < until])]
    by = (hour, facets.c.upstream, facets.c.rcode, facets.c.speed)
    found = (
        select(*by, func.sum(hour_facets.c.count))
        .join_from(hour_facets, facets, facets.c.id == hour_facets.c.facet)
        .where(*within, facets.c.origin == "upstream")
        .group_by(*by)
    )
    sums: dict[tuple[int, str], _Sum] = {}
    for at, upstream, rcode, step, count in connection.execute(found):
        one = sums.setdefault((at, upstream), _Sum())
        one.steps[step] += int(count)
        one.failed += 0 if rcode in _USABLE else int(count)
    return [_shown(at, upstream, one) for (at, upstream), one in sorted(sums.items())]


def _shown(at: int, upstream: str, one: _Sum) -> AnsweredHour:
    p50, p95 = (percentile(one.steps, share) for share in (0.5, 0.95))
    return AnsweredHour(at, upstream, one.steps.total(), one.failed, p50, p95)
