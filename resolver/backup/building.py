"""A whole database out of the rows of a backup, beside the one in use and of whichever kind that is."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from resolver.backup import loglines, rows
from resolver.backup.loglines import DAYS, ROWS, DayCount, DayFacet, LogLine
from resolver.errors import BackupError, StoreError
from resolver.journal.frames import Row
from resolver.store import bulk, engines
from resolver.store.backlog import Waiting
from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.storing import store
from resolver.store.tables import changes, day_clients, day_facets, day_names, feeds, metadata
from resolver.store.trail import items_of

_FEED = "restore"
_AT_ONCE = 20_000  # rows of one transaction
_PATIENCE = 600.0  # seconds that one may take

Say = Callable[[float], None]


class Builder:
    """Fills an empty database, which nobody else uses, from a directory in which a backup was unpacked. Everything
    raises BackupError for rows that cannot be, StoreError when the database cannot be used."""

    def __init__(self, database: Store, unpacked: pathlib.Path, members: Collection[str]) -> None:
        self._database = database
        self._unpacked = unpacked
        self._members = members
        self._interner = Interner()

    def people(self) -> dict[str, int]:
        """What people made; how many rows there were of each table."""
        return {table.name: self._table("rows", table) for table in rows.PEOPLES if self._pieces("rows", table.name)}

    def log(self, say: Say) -> int:
        """The log and its sums; how many rows there were. `say` is told how much is done, from 0.0 to 1.0."""
        count = self._rows(say)
        for name, kind in DAYS.items():
            self._days(metadata.tables[name], kind)
        for table in rows.SUMS:
            self._table("log", table)
        return count

    def ids(self) -> None:
        """Have ids that were given once, and are in the trail of changes, not given again to something else."""

        def work(connection: Connection) -> None:
            highest = _highest(connection)
            for table in rows.PEOPLES:
                if table.autoincrement_column is not None:
                    engines.go_on_from(connection, table.name, highest.get(table.name, 0))

        self._run(work)

    def _pieces(self, directory: str, table: str) -> list[str]:
        """The members with the rows of a table, in order."""
        return sorted(name for name in self._members if name.startswith(f"{directory}/{table}/"))

    def _lines(self, name: str) -> list[bytes]:
        return (self._unpacked / name).read_bytes().splitlines()

    def _table(self, directory: str, table: Table) -> int:
        count = 0
        for name in self._pieces(directory, table.name):
            found = list(rows.rows(table, self._lines(name), name))
            count += len(found)
            self._run(lambda connection, found=found: _insert(connection, table, found), name)  # type: ignore[misc]
        return count

    def _rows(self, say: Say) -> int:
        """Oldest first, as the log wants them: which is from the end of the last piece on."""
        pieces = self._pieces("log", ROWS)[::-1]
        count, numbers = 0, itertools.count(1)
        for done, name in enumerate(pieces, 1):
            found = list(loglines.read(self._lines(name), LogLine, name))[::-1]
            for start in range(0, len(found), _AT_ONCE):
                self._store(list(_batches(found[start : start + _AT_ONCE], numbers)))
            count += len(found)
            say(done / len(pieces))
        self._run(lambda connection: connection.execute(delete(feeds).where(feeds.c.feed == _FEED)))
        return count

    def _store(self, batches: Sequence[Waiting]) -> None:
        generation = self._database.generation
        self._run(
            lambda connection: store(connection, batches, self._interner, generation),
            committed=lambda _: self._interner.committed(),
        )

    def _days(self, table: Table, kind: type[DayFacet | DayCount]) -> None:
        for name in self._pieces("log", table.name):
            found = list(loglines.read(self._lines(name), kind, name))

            def work(connection: Connection, found: Sequence[DayFacet | DayCount] = found) -> None:
                self._interner.begin(self._database.generation)
                bulk.insert(connection, table, _numbered(connection, table, found, self._interner))

            self._run(work, name, lambda _: self._interner.committed())

    def _run(
        self, work: Callable[[Connection], Any], name: str = "", committed: Callable[[Any], None] | None = None
    ) -> None:
        try:
            self._database.run(work, committed, _PATIENCE)
        except IntegrityError as error:
            raise BackupError(f"{name}: two of its rows are one ({error.orig})") from None
        except StoreError as error:
            raise BackupError(f"the new database cannot be made: {error}") from error


def _highest(connection: Connection) -> dict[str, int]:
    """The highest id of each table that the trail of changes speaks of. Raises BackupError."""
    highest: dict[str, int] = {}
    for number, text in connection.execute(select(changes.c.id, changes.c["items"])):
        try:
            items = items_of(text)
        except msgspec.MsgspecError as error:
            raise BackupError(f"rows/changes: what change {number} did cannot be read: {error}") from None
        for item in items:
            for row in filter(None, (item.before, item.after)):
                id = row.get("id")
                highest[item.table] = max(highest.get(item.table, 0), id if isinstance(id, int) else 0)
    return highest


def _insert(connection: Connection, table: Table, found: Sequence[rows.Row]) -> None:
    if found:
        connection.execute(insert(table), list(found))


def _batches(found: Sequence[LogLine], numbers: Iterator[int]) -> Iterator[Waiting]:
    for second, some in itertools.groupby(found, key=lambda one: one.at):
        made: list[Row] = [one.row() for one in some]
        yield Waiting(_FEED, next(numbers), second, made, {})


def _numbered(
    connection: Connection, table: Table, found: Sequence[DayFacet | DayCount], interner: Interner
) -> list[tuple[Any, ...]]:
    """Rows of a table of sums with the ids that stand for their words."""
    if table is day_facets:
        facets = [one for one in found if isinstance(one, DayFacet)]
        ids = interner.facets(connection, [msgspec.structs.astuple(one)[1:-1] for one in facets])
        return [(one.day, id, one.count) for one, id in zip(facets, ids, strict=True)]
    assert table in (day_clients, day_names)
    counts = [one for one in found if isinstance(one, DayCount)]
    look = interner.clients if table is day_clients else interner.names
    ids = look(connection, [one.of for one in counts])
    return [(one.day, id, one.count, one.blocked) for one, id in zip(counts, ids, strict=True)]
