"""Batches into tables: the statements of one transaction."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from resolver.store import hits
from resolver.store.backlog import Waiting
from resolver.store.tables import feeds, log, reverse, totals

HOUR = 3600

_COLUMNS = [column.name for column in log.c if column is not log.c.id]
_SLICES = (500, 50, 1)  # rows of one statement


def store(connection: Connection, batches: Sequence[Waiting]) -> list[Waiting]:
    """Write the batches that are not stored yet, their totals and the hits of people's rules; returns those."""
    known = _stored(connection, {batch.feed for batch in batches})
    fresh = {(batch.feed, batch.seq): batch for batch in batches if batch.seq > known.get(batch.feed, -1)}
    _add_rows(connection, fresh.values())
    counted: Counter[tuple[int, str, str]] = Counter()
    for batch in fresh.values():
        hour = batch.second // HOUR * HOUR
        for kind, count in batch.totals.items():
            verdict, _, origin = kind.partition("/")
            counted[hour, verdict, origin] += count
    _add_totals(connection, counted)
    hits.count(connection, fresh.values())
    _remember_feeds(connection, fresh.values(), known)
    return list(fresh.values())


def _add_rows(connection: Connection, batches: Iterable[Waiting]) -> None:
    """Past Core, whose bound parameters by name cost more than SQLite itself; and many rows by one statement, as each
    statement lets go of the interpreter, and may wait 5 ms for it when another thread is busy."""
    head, values, one = str(insert(log).compile(dialect=connection.dialect, column_keys=_COLUMNS)).partition(" VALUES ")
    statements = [(size, head + values + ", ".join([one] * size)) for size in _SLICES]
    every = itertools.chain.from_iterable(map(_fields, batches))
    while rows := list(itertools.islice(every, _SLICES[0])):
        for size, statement in statements:
            while len(rows) >= size:
                connection.exec_driver_sql(statement, tuple(itertools.chain.from_iterable(rows[:size])))
                del rows[:size]


def _fields(batch: Waiting) -> Iterable[tuple[Any, ...]]:
    """Rows in the order of _COLUMNS."""
    second = batch.second
    for row in batch.rows:
        e = row.exchange
        yield (
            *(second, row.client, row.group, reverse(e.name), e.type, e.rcode, e.origin, e.verdict),
            *(e.source, e.rule, e.via, e.upstream, row.count, row.took_us, e.shadow),
        )


def _stored(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The highest sequence number stored of each feed. One look-up each: there are as many as workers."""
    found = (
        connection.execute(select(feeds.c.feed, feeds.c.seq).where(feeds.c.feed == name)).first() for name in names
    )
    return {row.feed: row.seq for row in found if row is not None}


def _add_totals(connection: Connection, counted: Counter[tuple[int, str, str]]) -> None:
    for (hour, verdict, origin), count in counted.items():
        key = (totals.c.hour == hour, totals.c.verdict == verdict, totals.c.origin == origin)
        changed = connection.execute(update(totals).where(*key).values(count=totals.c.count + count))
        if not changed.rowcount:
            connection.execute(insert(totals).values(hour=hour, verdict=verdict, origin=origin, count=count))


def _remember_feeds(connection: Connection, fresh: Iterable[Waiting], known: dict[str, int]) -> None:
    last: dict[str, Waiting] = {}
    for batch in fresh:
        if batch.feed not in last or batch.seq > last[batch.feed].seq:
            last[batch.feed] = batch
    for feed, batch in last.items():
        values = {"seq": batch.seq, "at": batch.second}
        if feed in known:
            connection.execute(update(feeds).where(feeds.c.feed == feed).values(**values))
        else:
            connection.execute(insert(feeds).values(feed=feed, **values))
