"""How Unix time stood to the machine's own clock: by it, everything that ends is moved when somebody sets the clock.

An exception of ten minutes lasts ten minutes, whatever the wall clock says meanwhile. While the machine is off nobody
counts; a clock that comes up earlier than it was last seen is taken to go on from there.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from resolver.store.tables import changes, clock, overrides, pauses, repairs, rules, sites
from resolver.store.trail import Item, items_of

STEP = 1.0
"""Seconds by which a clock that nobody sets may still drift."""

_ENDING = (rules, pauses, sites, overrides, repairs)
_MOVING = ("begins", "until")


class Reading(msgspec.Struct, frozen=True):
    """On this `boot` of the machine, Unix time runs `offset` seconds ahead of its monotonic clock; `now` is Unix
    time."""

    boot: str
    offset: float
    now: float


def follow(connection: Connection, reading: Reading, before: Reading | None) -> float:
    """Move everything that ends as the clock has moved since it was last read, and remember this reading; returns the
    seconds. `before` is what this process read last: it counts where a new database knows none."""
    row = connection.execute(select(clock)).mappings().first()
    known = Reading(row["boot"], row["offset"], row["seen"]) if row else before
    by = 0.0 if known is None else _moved(known, reading)
    if by:
        _move(connection, by)
    if row is None or by or row["boot"] != reading.boot:
        connection.execute(delete(clock))
        connection.execute(insert(clock).values(id=1, boot=reading.boot, offset=reading.offset, seen=reading.now))
    return by


def seen(connection: Connection, now: float) -> None:
    """Note that it is `now`, for the case that the machine comes up with an earlier time."""
    connection.execute(update(clock).values(seen=now))


def drop_ended(connection: Connection, now: float) -> None:
    """Forget what has ended. It leaves no trail: everybody was told when it began."""
    for table in _ENDING:
        connection.execute(delete(table).where(table.c.until <= now))


def _moved(known: Reading, reading: Reading) -> float:
    if known.boot == reading.boot:
        by = reading.offset - known.offset
        return by if abs(by) > STEP else 0.0
    return min(reading.now - known.now, 0.0)


def _move(connection: Connection, by: float) -> None:
    for table in _ENDING:
        values = {name: table.c[name] + by for name in _MOVING if name in table.c}
        connection.execute(update(table).values(**values))  # NULL, for good, stays NULL
    for id, text in connection.execute(select(changes.c.id, changes.c["items"])).all():
        items = items_of(text)
        moved = [Item(item.table, _moved_row(item.before, by), _moved_row(item.after, by)) for item in items]
        if moved != items:
            connection.execute(
                update(changes).where(changes.c.id == id).values(items=msgspec.json.encode(moved).decode())
            )


def _moved_row(row: dict[str, Any] | None, by: float) -> dict[str, Any] | None:
    """As the row itself was moved, or would have been: so that it can still be told whether they are the same."""
    if row is None:
        return None
    return {name: value + by if name in _MOVING and value is not None else value for name, value in row.items()}
