"""Every row of the log that a filter lets through, for those who add up what it has: oldest first, some blocks at a
time, each time within the limit of a read, so that neither the database nor memory is held for long."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, bindparam, func, select

from resolver.store.conditions import Wanted, wanted
from resolver.store.face import Store
from resolver.store.filters import LogFilter
from resolver.store.places import bounds, places
from resolver.store.tables import facets, kinds, log
from resolver.store.terms import rows

BLOCKS = 16
"""Blocks that one read looks at: some 65,000 rows, which take some 10 MiB for as long as they are added up."""

WITH_FACETS = log.join(kinds, kinds.c.id == log.c.kind).join(facets, facets.c.id == kinds.c.facet)

_LOOK_UP = 2048  # blocks whose postings are looked at together

Run = tuple[int, int]
"""The first and the last of neighbouring blocks."""


class Plan(msgspec.Struct, frozen=True):
    """What is wanted, up to which id, and in which blocks that is."""

    asked: Wanted
    below: int
    runs: list[Run]


def scan(
    database: Store, filter: LogFilter, statement: Select[Any], these: Sequence[int] | None = None
) -> Iterator[tuple[Any, ...]]:
    """What a statement about the log gives of the rows that a filter lets through and, if ids of names are given, that
    have one of these: for one run of blocks after the other, so that what is grouped may come once for each. Of the
    rows that there are at the beginning; those that come later are not among them. Raises StoreError when the database
    cannot be read now, or not in time."""

    def begin(connection: Connection) -> tuple[Plan, list[list[Run]], list[tuple[Any, ...]]]:
        plan = planned(connection, filter, these)
        parts = list(_some(plan.runs))
        return plan, parts[1:], _read(connection, plan, statement, parts[0]) if parts else []

    plan, parts, found = database.read(begin)
    yield from found
    for runs in parts:
        yield from database.read(functools.partial(_read, plan=plan, statement=statement, runs=runs))


def _read(connection: Connection, plan: Plan, statement: Select[Any], runs: Sequence[Run]) -> list[tuple[Any, ...]]:
    mine = statement.where(log.c.id >= bindparam("low"), log.c.id < bindparam("high"), *plan.asked.where)
    found: list[tuple[Any, ...]] = []
    for first, last in runs:
        ids = {"low": rows(first).start, "high": min(rows(last).stop, plan.below)}
        found += map(tuple, connection.execute(mine, {**plan.asked.values, **ids}))
    return found


def planned(connection: Connection, filter: LogFilter, these: Sequence[int] | None = None) -> Plan:
    """What there is to read now."""
    asked = wanted(connection, filter, these)
    below = (connection.scalar(select(func.max(log.c.id))) or 0) + 1
    first, last = bounds(connection, filter, below)
    if first is None or last is None or asked.impossible:
        return Plan(asked, below, [])
    numbers: list[int] = []
    for start in range(first, last + 1, _LOOK_UP):
        end = min(start + _LOOK_UP - 1, last)
        there = places(connection, asked.groups, start, end)
        numbers += range(start, end + 1) if there is None else reversed(there.blocks)
    return Plan(asked, below, list(_runs(numbers)))


def _runs(numbers: Iterable[int]) -> Iterator[Run]:
    """Neighbouring blocks, as many as one read looks at."""
    run: list[int] = []
    for number in numbers:
        if run and (number != run[-1] + 1 or len(run) == BLOCKS):
            yield run[0], run[-1]
            run = []
        run.append(number)
    if run:
        yield run[0], run[-1]


def _some(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Runs that one read looks at."""
    some: list[Run] = []
    left = BLOCKS
    for first, last in runs:
        if some and last - first + 1 > left:
            yield some
            some, left = [], BLOCKS
        some.append((first, last))
        left -= last - first + 1
    if some:
        yield some
