"""How often people's own rules decided, by the key of the rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, String, case, cast, delete, insert, literal, select, update

from resolver.store.backlog import Waiting
from resolver.store.tables import hits, metadata
from resolver.store.trail import COUNTED

KEPT_SECONDS = 400 * 86_400.0


class Hits(msgspec.Struct, frozen=True):
    """How often, and the Unix second of the last time; of none, that since which they are counted."""

    count: int
    last: int


def read(connection: Connection) -> dict[str, Hits]:
    return {key: Hits(int(count), int(last)) for key, count, last in connection.execute(select(hits)).all()}


def count(connection: Connection, batches: Iterable[Waiting]) -> None:
    """Add what these batches tell of people's own rules."""
    counted: Counter[str] = Counter()
    last: dict[str, int] = {}
    for batch in batches:
        for row in batch.rows:
            if key := row.exchange.own:
                counted[key] += row.count
                last[key] = max(batch.second, last.get(key, 0))
    for key, number in counted.items():
        values = {"count": hits.c.count + number, "last": case((hits.c.last > last[key], hits.c.last), else_=last[key])}
        if not connection.execute(update(hits).where(hits.c.key == key).values(**values)).rowcount:
            connection.execute(insert(hits).values(key=key, count=number, last=last[key]))


def tidy(connection: Connection, now: float) -> None:
    """Begin to count for rules that are not counted yet, new or put back. Forget the hits of rules that are no more:
    deleted while their last hits were under way, or long out of the config."""
    old = hits.c.last < now - KEPT_SECONDS
    for name, kind in COUNTED.items():
        key = literal(f"{kind}:") + cast(metadata.tables[name].c.id, String)
        its = hits.c.key.startswith(f"{kind}:")
        connection.execute(delete(hits).where(its, hits.c.key.not_in(select(key))))
        new = select(key, literal(0), literal(int(now))).where(key.not_in(select(hits.c.key)))
        connection.execute(insert(hits).from_select([hits.c.key, hits.c.count, hits.c.last], new))
        old &= ~its
    connection.execute(delete(hits).where(old))
