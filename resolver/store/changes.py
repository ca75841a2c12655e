"""The trail of what people changed, as it is read."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select, update

from resolver.store.tables import changes
from resolver.store.trail import Item, items_of

MAX_LIMIT = 1000


_TOLD = (changes.c.id, changes.c.at, changes.c.who, changes.c.what)  # the rows of one may be thousands


class ChangeRow(msgspec.Struct, frozen=True):
    """A change: Unix time, who made it, and in words what it did; `undone` is the id of the change that took it back,
    if one did that was not taken back itself."""

    id: int
    at: float
    who: str
    what: str
    undone: int | None = None


def read(connection: Connection, limit: int, before: int | None) -> list[ChangeRow]:
    """The newest changes, or those before an id."""
    statement = select(*_TOLD).order_by(changes.c.id.desc()).limit(max(1, min(limit, MAX_LIMIT)))
    if before is not None:
        statement = statement.where(changes.c.id < before)
    undone = _undone(connection)
    return [ChangeRow(*row, undone.get(row.id)) for row in connection.execute(statement)]


def one(connection: Connection, id: int) -> ChangeRow | None:
    row = connection.execute(select(*_TOLD).where(changes.c.id == id)).first()
    return None if row is None else ChangeRow(*row, _undone(connection).get(id))


def items(connection: Connection, id: int) -> list[Item]:
    """What a change did to each row, in that order."""
    text = connection.execute(select(changes.c["items"]).where(changes.c.id == id)).scalar_one()
    return items_of(text)


def mark(connection: Connection, id: int, by: int) -> None:
    """Note which change took one back."""
    connection.execute(update(changes).where(changes.c.id == id).values(undone=by))


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
