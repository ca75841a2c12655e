"""One change of what people made: what it does to the tables is noted while it is done, so that it can be shown and
taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Table, delete, func, insert, or_, select, update

from resolver.store.tables import changes, hits

Row = dict[str, Any]
"""A row of a table, by the names of its columns."""

KEPT_CHANGES = 10_000
KEPT_SECONDS = 400 * 86_400.0
KEPT_SIZE = 32 << 20  # characters of rows before and after
COUNTED = {"rules": "rule", "sites": "site"}
"""Tables whose rows have hits, and how the keys of those begin."""

_WORDS = 500  # characters of what a change or somebody is called


class Item(msgspec.Struct, frozen=True, array_like=True):
    """What a change did to one row of a table: as it was before (None: it was not there), and after (None: gone)."""

    table: str
    before: Row | None
    after: Row | None


class Trail:
    """The tables, for the time of one change in one transaction. `now` is its Unix time; `what` says in words what it
    does, and may be set when that is known. Rows that have ended are as good as not there."""

    def __init__(self, connection: Connection, now: float, who: str, what: str = "") -> None:
        self.connection = connection
        self.now = now
        self.who = who
        self.what = what
        self.items: list[Item] = []
        self._noted = False

    def rows(self, table: Table, *where: ColumnElement[bool]) -> list[Row]:
        """The rows that all of this is true of and that have not ended, oldest first."""
        statement = select(table).where(*where).order_by(*table.primary_key)
        if "until" in table.c:
            statement = statement.where(or_(table.c.until.is_(None), table.c.until > self.now))
        return [dict(row) for row in self.connection.execute(statement).mappings()]

    def row(self, table: Table, key: int | str) -> Row | None:
        """The row of that primary key, unless it has ended."""
        found = self.rows(table, key_of(table) == key)
        return found[0] if found else None

    def insert(self, table: Table, values: Mapping[str, Any]) -> Row:
        """Add a row, all of it; returns it, with the id it was given unless `values` has one."""
        key = key_of(table)
        if key.name in values:
            self._clear(table, key == values[key.name], values)
        made = self.connection.execute(insert(table).values(**values)).inserted_primary_key
        assert made is not None
        row = {**values, key.name: made[0]}
        self._note(table, None, row)
        return row

    def update(self, table: Table, row: Row, values: Mapping[str, Any]) -> Row:
        """Change columns of a row that was read here; returns it as it is now."""
        after = {**row, **values}
        if after != row:
            key = key_of(table)
            self.connection.execute(update(table).where(key == row[key.name]).values(**values))
            self._note(table, row, after)
        return after

    def delete(self, table: Table, row: Row) -> None:
        """Remove a row that was read here; its hits are forgotten."""
        key = key_of(table)
        self.connection.execute(delete(table).where(key == row[key.name]))
        self._note(table, row, None)
        self._forget_hits(table, row)

    def note(self, what: str) -> None:
        """Have this told although no row tells it: what holds secrets, or leaves nothing. It cannot be taken back."""
        self.what = what
        self._noted = True

    def write(self) -> int | None:
        """Put the change itself into the table of changes, where old ones make room; returns its id. None if nothing
        was changed or noted: then there is nothing to tell."""
        if not self.items and not self._noted:
            return None
        values = {
            "at": self.now,
            "who": self.who[:_WORDS],
            "what": self.what[:_WORDS],
            "items": msgspec.json.encode(self.items).decode(),
        }
        made = self.connection.execute(insert(changes).values(**values)).inserted_primary_key
        assert made is not None
        id = int(made[0])
        _make_room(self.connection, id, self.now)
        return id

    def _note(self, table: Table, before: Row | None, after: Row | None) -> None:
        self.items.append(Item(str(table.name), _plain(before), _plain(after)))

    def _clear(self, table: Table, this: ColumnElement[bool], row: Mapping[str, Any]) -> None:
        """Make room for a row that is put back: one that has ended may still be there, and late hits are of nobody."""
        if "until" in table.c:
            self.connection.execute(delete(table).where(this, table.c.until <= self.now))
        self._forget_hits(table, row)

    def _forget_hits(self, table: Table, row: Mapping[str, Any]) -> None:
        if kind := COUNTED.get(table.name):
            self.connection.execute(delete(hits).where(hits.c.key == f"{kind}:{row['id']}"))


def _make_room(connection: Connection, newest: int, now: float) -> None:
    old = or_(changes.c.id <= newest - KEPT_CHANGES, changes.c.at < now - KEPT_SECONDS)
    connection.execute(delete(changes).where(old, changes.c.id < newest))
    if connection.execute(select(func.sum(func.length(changes.c["items"])))).scalar_one() <= KEPT_SIZE:
        return
    size = 0
    for id, length in connection.execute(
        select(changes.c.id, func.length(changes.c["items"])).order_by(changes.c.id.desc())
    ).all():
        size += length
        if size > KEPT_SIZE and id < newest:
            connection.execute(delete(changes).where(changes.c.id <= id))
            return


def _plain(row: Row | None) -> Row | None:
    """With names that can be encoded: SQLAlchemy's are of a kind of its own."""
    return None if row is None else {str(name): value for name, value in row.items()}


def key_of(table: Table) -> Column[Any]:
    """The column that a table's rows are told apart by."""
    (key,) = table.primary_key
    assert isinstance(key, Column)
    return key


def items_of(text: str) -> list[Item]:
    """What `Trail.write` wrote."""
    return msgspec.json.decode(text, type=list[Item])
