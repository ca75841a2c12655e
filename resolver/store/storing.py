"""Batches into tables: the statements of one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select

from resolver.store import bulk, hits
from resolver.store.backlog import Waiting
from resolver.store.counting import HOUR, Sums
from resolver.store.interning import Interner
from resolver.store.placing import place
from resolver.store.tables import drops, feeds, totals

_LATEST = " ON CONFLICT (feed) DO UPDATE SET seq = excluded.seq, at = excluded.at"


def store(connection: Connection, batches: Sequence[Waiting], interner: Interner, generation: int) -> list[Waiting]:
    """Write the batches that are not stored yet, with all that is counted of them; returns those. `generation` is that
    of the database; when the transaction is stored, `interner.committed` is to be called."""
    interner.begin(generation)
    known = _stored(connection, {batch.feed for batch in batches})
    latest = {(batch.feed, batch.seq): batch for batch in batches if batch.seq > known.get(batch.feed, -1)}
    fresh = list(latest.values())
    sums = Sums()
    place(connection, fresh, interner, sums)
    sums.write(connection, interner)
    _count(connection, fresh)
    hits.count(connection, fresh)
    _remember_feeds(connection, fresh)
    return fresh


def _stored(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The highest sequence number stored of each feed. One look-up each: there are as many as workers."""
    found = (
        connection.execute(select(feeds.c.feed, feeds.c.seq).where(feeds.c.feed == name)).first() for name in names
    )
    return {row.feed: row.seq for row in found if row is not None}


def _count(connection: Connection, fresh: Iterable[Waiting]) -> None:
    """Every query, and those whose rows were given up."""
    counted: Counter[tuple[int, str, str]] = Counter()
    dropped: Counter[int] = Counter()
    for batch in fresh:
        hour = batch.second // HOUR * HOUR
        for kind, count in batch.totals.items():
            verdict, _, origin = kind.partition("/")
            counted[hour, verdict, origin] += count
        if batch.dropped:
            dropped[hour] += batch.dropped
    bulk.add_up(connection, totals, [(*key, count) for key, count in sorted(counted.items())])
    bulk.add_up(connection, drops, sorted(dropped.items()))


def _remember_feeds(connection: Connection, fresh: Collection[Waiting]) -> None:
    last: dict[str, Waiting] = {}
    for batch in fresh:
        if batch.feed not in last or batch.seq > last[batch.feed].seq:
            last[batch.feed] = batch
    bulk.insert(connection, feeds, [(batch.feed, batch.seq, batch.second) for batch in last.values()], _LATEST)
