"""The trail of what people changed, as it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from resolver.store.tables import changes
from resolver.store.trail import Item, items_of

MAX_LIMIT = 1000


class ChangeRow(msgspec.Struct, frozen=True):
    """A change: Unix time, who made it, in words what it did, and to which rows; `undone` is the id of the change that
    took it back, if one did that was not taken back itself."""

    id: int
    at: float
    who: str
    what: str
    items: list[Item]
    undone: int | None = None


def read(connection: Connection, limit: int, before: int | None) -> list[ChangeRow]:
    """The newest changes, or those before an id."""
    statement = select(changes).order_by(changes.c.id.desc()).limit(max(1, min(limit, MAX_LIMIT)))
    if before is not None:
        statement = statement.where(changes.c.id < before)
    undone = _undone(connection)
    return [_read(row, undone) for row in connection.execute(statement).mappings()]


def one(connection: Connection, id: int) -> ChangeRow | None:
    row = connection.execute(select(changes).where(changes.c.id == id)).mappings().first()
    return None if row is None else _read(row, _undone(connection))


def mark(connection: Connection, id: int, by: int) -> None:
    """Note which change took one back."""
    connection.execute(update(changes).where(changes.c.id == id).values(undone=by))


def _read(row: Any, undone: Mapping[int, int]) -> ChangeRow:
    return ChangeRow(**{**row, "items": items_of(row["items"]), "undone": undone.get(row["id"])})


def _undone(connection: Connection) -> dict[int, int]:
    """By which change each was taken back, of those that are. What takes back a change comes after it."""
    statement = (
        select(changes.c.id, changes.c.undone).where(changes.c.undone.is_not(None)).order_by(changes.c.id.desc())
    )
    found: dict[int, int] = {}
    for id, by in connection.execute(statement).all():
        if by not in found:
            found[id] = by
    return found
