"""`lull log forget`: rows are deleted because somebody wants it so, and what else tells of them: the terms by which
they are found, whom and what they were about in the sums, and the names themselves. Totals stay."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Table, delete, func, insert, literal, select

from resolver.errors import StoreError
from resolver.store import bites
from resolver.store.among import among
from resolver.store.counting import DAY, HOUR
from resolver.store.deleting import Deleter
from resolver.store.erasing import Erased, erase
from resolver.store.face import Store
from resolver.store.filters import LogFilter
from resolver.store.idsets import in_sums
from resolver.store.pace import Stopped
from resolver.store.scans import Plan, planned
from resolver.store.tables import blocks, clients, day_clients, day_names, hour_clients, hour_names
from resolver.store.terms import Of
from resolver.store.told import ids_below
from resolver.store.writer import Writer

FLUSHED = 60.0
"""Seconds within which what waits must be written."""

_ALWAYS = 1 << 62  # Unix seconds
_ROWS = 0.8  # of all work
_SUMS: dict[Of, tuple[tuple[Table, int], tuple[Table, int]]] = {
    Of.NAME: ((hour_names, HOUR), (day_names, DAY)),
    Of.CLIENT: ((hour_clients, HOUR), (day_clients, DAY)),
}


class Forget(msgspec.Struct, frozen=True):
    """Which rows: of any of some clients, of a name and those below it, of before a Unix time; all that is given holds
    at once, and something is given."""

    clients: tuple[str, ...] | None = None
    name: str | None = None
    before: float | None = None


class Forgot(msgspec.Struct, frozen=True):
    """How many rows, names and clients were deleted, and whether nothing is left to do (False: told to stop)."""

    rows: int
    names: int
    clients: int
    finished: bool


def forget(
    database: Store,
    writer: Writer,
    what: Forget,
    *,
    progress: Callable[[float], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Forgot:
    """Delete these rows of the log, with what else tells of them, while it goes on being written; `progress` is told
    the share that is done. What comes in later stays.

    Hours and days have no more of a client or a name, be it that there are no rows of that time any more; but of a
    client and a name together, and of an hour or a day that is not over at `before`, only what the rows say is taken
    away. If nothing but `before` is given, names and clients of the hours until then go, with that which it lies in.

    Blocks for as long as it takes, or until `stop` is set. Raises StoreError when the database cannot be used, or when
    what waits to be written cannot be: then nothing, or some of it, is forgotten.
    """
    if not writer.flush(FLUSHED):
        raise StoreError("nothing is forgotten yet: what was asked last could not be written to the database")
    forgetting = _Forgetting(database, writer, what, progress, stop or threading.Event())
    try:
        forgetting.work()
    except Stopped:
        return forgetting.forgot(finished=False)
    return forgetting.forgot(finished=True)


class _Forgetting:
    def __init__(
        self,
        database: Store,
        writer: Writer,
        what: Forget,
        progress: Callable[[float], None],
        stop: threading.Event,
    ) -> None:
        self._database = database
        self._forget = writer.interner.forget
        self._what = what
        self._progress = progress
        self._deleter = Deleter(database, self._forget, stop, wipe=True)
        self._lost: dict[Of, set[int]] = {of: set() for _, of in bites.TERMS}

    def work(self) -> None:
        what = self._what
        if what.clients is None and what.name is None:
            self._all_before(_ALWAYS if what.before is None else what.before)
        else:
            self._rows_of()
            self._sums_of()
            for table, of in bites.TERMS:
                used = in_sums(self._database, of)
                self._deleter.values(table, of, sorted(id for id in self._lost[of] if id not in used))
        self._deleter.give_back()
        self._progress(1.0)

    def forgot(self, *, finished: bool) -> Forgot:
        values = self._deleter.values_deleted
        return Forgot(self._deleter.rows, values[Of.NAME], values[Of.CLIENT], finished)

    def _rows_of(self) -> None:
        """The rows of somebody, or with some name."""
        what = self._what
        filter = LogFilter(what.clients, name=what.name, until=what.before)
        plan = self._database.read(lambda connection: planned(connection, filter))
        self._erase(plan, [number for first, last in plan.runs for number in range(first, last + 1)])

    def _erase(self, plan: Plan, numbers: Sequence[int]) -> None:
        pace = self._deleter.pace(4, most=256)
        done = 0
        while done < len(numbers):
            erased = pace.bite(functools.partial(self._bite, plan, numbers, done))
            done += erased.blocks
            self._deleter.rows += erased.rows
            for of in self._lost:
                self._lost[of] |= erased.lost[of]
            self._progress(_ROWS * done / len(numbers))

    def _bite(self, plan: Plan, numbers: Sequence[int], start: int, size: int) -> Erased:
        some = numbers[start : start + size]
        return self._deleter.run(
            lambda connection: erase(connection, plan.asked, plan.below, some), lambda _: self._forget()
        )

    def _sums_of(self) -> None:
        """What the sums have of somebody, or of a name, also where there are no rows any more."""
        what = self._what
        before = _ALWAYS if what.before is None else what.before
        if what.name is None:
            wanted = clients.c.client.in_(sorted(set(what.clients or ())))
            ids = self._database.read(lambda connection: connection.scalars(select(clients.c.id).where(wanted)).all())
            self._delete_sums(Of.CLIENT, before, ids)
        elif what.clients is None:
            self._delete_sums(Of.NAME, before, ids_below(self._database, [what.name])[0])

    def _delete_sums(self, of: Of, before: float, ids: Sequence[int] | None) -> None:
        """Hours and days that are over by then: all of them, or what they have of these ids."""
        self._lost[of] |= set(ids or ())
        for table, span in _SUMS[of]:
            start, end = self._database.read(functools.partial(_ends, table=table, span=span))
            end = min(end, int(before - before % span))
            pace = self._deleter.pace(24, most=720)
            while start < end:
                start = pace.bite(functools.partial(self._delete_spans, table, span, start, end, ids))

    def _delete_spans(self, table: Table, span: int, start: int, end: int, ids: Sequence[int] | None, size: int) -> int:
        to = min(start + size * span, end)
        self._deleter.run(lambda connection: _delete(connection, table, start, to, ids))
        return to

    def _all_before(self, before: float) -> None:
        """Whole blocks go at once; those that also have rows that stay, row by row."""
        plan = self._database.read(lambda connection: planned(connection, LogFilter(until=before)))
        mixed = select(blocks.c.block).where(blocks.c.first < before, blocks.c.last >= before)
        self._erase(plan, self._database.read(lambda connection: connection.scalars(mixed).all()))
        self._deleter.delete(lambda connection: bites.old_rows(connection, before))
        hour = before - before % HOUR + (HOUR if before % HOUR else 0)  # what is not over then goes, too
        for of in _SUMS:
            self._delete_sums(of, hour, None)
            self._deleter.run(functools.partial(_make_anew, of=of, day=int(hour - hour % DAY)))
        self._deleter.unused()


def _ends(connection: Connection, table: Table, span: int) -> tuple[int, int]:
    """From the first hour or day on, up to but without the end of the last."""
    first, last = (connection.scalar(select(end(table.c[0]))) for end in (func.min, func.max))
    return (0, 0) if first is None or last is None else (first, last + span)


def _delete(connection: Connection, table: Table, start: int, end: int, ids: Sequence[int] | None) -> None:
    where: list[ColumnElement[bool]] = [table.c[0] >= start, table.c[0] < end]
    if ids is not None:
        where.append(among(connection, table.c[1], "ids"))
    connection.execute(delete(table).where(*where), {} if ids is None else {"ids": ids})


def _make_anew(connection: Connection, of: Of, day: int) -> None:
    """A day whose hours went in part is made of those that are left."""
    (hours, _), (days, _) = _SUMS[of]
    if connection.execute(delete(days).where(days.c.day == day)).rowcount:
        sums = (func.sum(hours.c["count"]), func.sum(hours.c.blocked))
        those = select(literal(day, BigInteger), hours.c[1], *sums).where(hours.c.hour >= day, hours.c.hour < day + DAY)
        connection.execute(insert(days).from_select([*days.c], those.group_by(hours.c[1])))
