"""The trail of what people changed, as it is read."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, update

from resolver.store.tables import changes, choices
from resolver.store.trail import Item, items_of

MAX_LIMIT = 1000


_UNDOABLE = (changes.c["items"] != "[]").label("undoable")
_TOLD = (changes.c.id, changes.c.at, changes.c.who, changes.c.what, _UNDOABLE)  # the rows of one may be thousands


class ChangeRow(msgspec.Struct, frozen=True):
    """A change: Unix time, who made it, and in words what it did; `undone` is the id of the change that took it back,
    if one did that was not taken back itself; one that is not `undoable` was noted alone, such as a sign-in."""

    id: int
    at: float
    who: str
    what: str
    undone: int | None = None
    undoable: bool = True


def read(connection: Connection, limit: int, before: int | None) -> list[ChangeRow]:
    """The newest changes, or those before an id."""
    statement = select(*_TOLD).order_by(changes.c.id.desc()).limit(max(1, min(limit, MAX_LIMIT)))
    if before is not None:
        statement = statement.where(changes.c.id < before)
    undone = _undone(connection)
    return [_read(row, undone) for row in connection.execute(statement)]


def one(connection: Connection, id: int) -> ChangeRow | None:
    row = connection.execute(select(*_TOLD).where(changes.c.id == id)).first()
    return None if row is None else _read(row, _undone(connection))


def items(connection: Connection, id: int) -> list[Item]:
    """What a change did to each row, in that order."""
    text = connection.execute(select(changes.c["items"]).where(changes.c.id == id)).scalar_one()
    return items_of(text)


def chosen(connection: Connection, id: int) -> frozenset[str]:
    """The paths of the choices that a change was about, if there is such a change. It stays what it is."""
    text = connection.execute(select(changes.c["items"]).where(changes.c.id == id)).scalar()
    found = [one for one in items_of(text or "[]") if one.table == choices.name]
    return frozenset(row["path"] for one in found for row in (one.before, one.after) if row is not None)


def mark(connection: Connection, id: int, by: int) -> None:
    """Note which change took one back."""
    connection.execute(update(changes).where(changes.c.id == id).values(undone=by))


def _read(row: Row[Any], undone: dict[int, int]) -> ChangeRow:
    return ChangeRow(row.id, row.at, row.who, row.what, undone.get(row.id), bool(row.undoable))


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
