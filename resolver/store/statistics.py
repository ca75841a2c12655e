"""Figures of any time, from the sums that are kept by the hour and by the day: the log itself is never looked at.

A time is whole hours: those that have any of it. Totals know of every query; all else of those with a row in the log.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Select, func, select

from resolver.store.counting import HOUR
from resolver.store.spans import span
from resolver.store.speeds import LIMITS_MS
from resolver.store.tables import (
    clients,
    day_clients,
    day_facets,
    day_names,
    facets,
    hour_clients,
    hour_facets,
    hour_names,
    names,
    totals,
)

By = Literal["verdict", "group", "device", "list", "type", "upstream", "origin", "rcode"]
"""What queries are told apart by."""

Most = Literal["blocked", "names", "clients"]
"""What is on top: the names blocked most, the names or the clients with most queries."""

BY: tuple[By, ...] = get_args(By)

_REMEMBERED = ("cache", "stale")
_FORWARDED = (*_REMEMBERED, "upstream")


class HourTotals(msgspec.Struct, frozen=True):
    """The queries of one hour by verdict; `at` is the Unix second at which it began."""

    at: int
    verdicts: dict[str, int]


class Totals(msgspec.Struct, frozen=True):
    """Counts of every query, those without a row in the log included; hours without any are left out."""

    queries: int
    verdicts: dict[str, int]
    origins: dict[str, int]
    hours: list[HourTotals]

    @property
    def hit_ratio(self) -> float:
        """Of the queries that were for upstreams to answer, the share that the cache answered; 0.0 of none."""
        asked = sum(self.origins.get(origin, 0) for origin in _FORWARDED)
        return sum(self.origins.get(origin, 0) for origin in _REMEMBERED) / asked if asked else 0.0

    @property
    def blocked_share(self) -> float:
        """The share of all queries that was blocked; 0.0 of none."""
        return self.verdicts.get("block", 0) / self.queries if self.queries else 0.0


class Counted(msgspec.Struct, frozen=True):
    """A value and its queries, of which so many were blocked. RR types and RCODEs are numbers as text."""

    value: str
    count: int
    blocked: int


class Top(msgspec.Struct, frozen=True):
    """A name or a client, and its queries."""

    value: str
    count: int


class Latency(msgspec.Struct, frozen=True):
    """How long an upstream took for its answers: how many they were, and the milliseconds within which half of them
    came, 95 and 99 of 100. Between the limits of `speeds` that is estimated, and more than the last limit is that."""

    upstream: str
    count: int
    p50: float
    p95: float
    p99: float


def totals_of(connection: Connection, since: float, until: float | None) -> Totals:
    """Everything that was counted in that time."""
    verdicts: Counter[str] = Counter()
    origins: Counter[str] = Counter()
    hours: dict[int, Counter[str]] = {}
    for hour, verdict, origin, count in connection.execute(
        select(totals).where(*_within(since, until)).order_by(totals.c.hour)
    ):
        verdicts[verdict] += count
        origins[origin] += count
        hours.setdefault(hour, Counter())[verdict] += count
    listed = [HourTotals(at, dict(of_hour)) for at, of_hour in hours.items()]
    return Totals(verdicts.total(), dict(verdicts), dict(origins), listed)


def breakdown(connection: Connection, by: By, since: float, until: float | None, limit: int) -> list[Counted]:
    """The values with most queries, those first. What has no value, such as a query without an upstream, is left
    out; and a query without a row in the log, but for verdicts and origins."""
    if by == "device":
        within = span(connection, since, until)
        statement = within.sums((hour_clients, day_clients), "client", ("count", "blocked"))
        return [Counted(*one) for one in _most(connection, statement, "count", clients.c.client, limit)]
    count: Counter[str] = Counter()
    blocked: Counter[str] = Counter()
    each = _by_total if by in {"verdict", "origin"} else _by_facet
    for value, verdict, queries in each(connection, by, since, until):
        count[value] += queries
        blocked[value] += queries if verdict == "block" else 0
    del count[""]
    listed = sorted(count.items(), key=lambda one: (-one[1], one[0]))[:limit]
    return [Counted(value, queries, blocked[value]) for value, queries in listed]


def top(connection: Connection, most: Most, since: float, until: float | None, limit: int) -> list[Top]:
    """The names or clients on top. Rows that privacy left without a name or client do not take part; of an hour that is
    over, only the names count that were on top of that."""
    within = span(connection, since, until)
    counts = "blocked" if most == "blocked" else "count"
    if most == "clients":
        statement, text = within.sums((hour_clients, day_clients), "client", (counts,)), clients.c.client
    else:
        statement, text = within.sums((hour_names, day_names), "name", (counts,)), names.c.name
    return [Top(*one) for one in _most(connection, statement, counts, text, limit)]


def latency(connection: Connection, since: float, until: float | None) -> list[Latency]:
    """The upstreams that answered, those that did so most first."""
    steps: dict[str, Counter[int]] = {}
    sums = _facet_sums(connection, since, until)
    statement = select(facets.c.id, facets.c.upstream, facets.c.speed)
    asked = (facets.c.origin == "upstream", facets.c.upstream != "")
    for id, upstream, step in connection.execute(statement.where(*asked)):
        if id in sums:
            steps.setdefault(upstream, Counter())[step] += sums[id]
    found = [
        Latency(upstream, counts.total(), *(percentile(counts, share) for share in (0.5, 0.95, 0.99)))
        for upstream, counts in steps.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.upstream))


def percentile(steps: Mapping[int, int], share: float) -> float:
    """The milliseconds within which this share of some answers came, of which so many took each of the steps of
    `speeds`; in between as if they were spread evenly."""
    wanted = share * sum(steps.values())
    before = 0
    for step, count in sorted(steps.items()):
        if count and before + count >= wanted:
            if step >= len(LIMITS_MS):
                break
            low = LIMITS_MS[step - 1] if step else 0
            return round(low + (LIMITS_MS[step] - low) * (wanted - before) / count, 1)
        before += count
    return float(LIMITS_MS[-1])


def _by_total(connection: Connection, by: By, since: float, until: float | None) -> Iterator[tuple[str, str, int]]:
    """A value of each sort of query, its verdict, and how many there were."""
    statement = select(totals.c[by], totals.c.verdict, func.sum(totals.c.count)).where(*_within(since, until))
    for value, verdict, count in connection.execute(statement.group_by(totals.c[by], totals.c.verdict)):
        yield value, verdict, int(count)


def _by_facet(connection: Connection, by: By, since: float, until: float | None) -> Iterator[tuple[str, str, int]]:
    """The same by facets."""
    column = facets.c.source if by == "list" else facets.c[by]
    sums = _facet_sums(connection, since, until)
    for id, value, verdict in connection.execute(select(facets.c.id, column, facets.c.verdict)):
        if id in sums:
            yield str(value), verdict, sums[id]


def _facet_sums(connection: Connection, since: float, until: float | None) -> dict[int, int]:
    within = span(connection, since, until)
    statement = within.sums((hour_facets, day_facets), "facet", ("count",))
    return {id: int(count) for id, count in connection.execute(statement)}


def _most(
    connection: Connection, statement: Select[Any], by: str, text: Column[str], limit: int
) -> Iterator[tuple[Any, ...]]:
    """The rows with most, in one of their columns, with a text for the id that comes first; those without are left
    out."""
    sums = statement.subquery()
    found = (
        select(text, *list(sums.c)[1:])
        .join_from(sums, text.table, text.table.c.id == sums.c[0])
        .where(sums.c[by] > 0, text != "")
        .order_by(sums.c[by].desc(), text)
        .limit(limit)
    )
    for value, *counts in connection.execute(found):
        yield value, *map(int, counts)


def _within(since: float, until: float | None) -> list[ColumnElement[bool]]:
    """The hours that have any of that time."""
    where = [totals.c.hour >= math.floor(since) // HOUR * HOUR]
    return where if until is None else [*where, totals.c.hour < until]
