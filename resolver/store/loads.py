"""What one device asked for, as `repair` looks at it. Reads only, a slice of the log at a time; all of it blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from resolver.repair.loads import STEP
from resolver.repair.suspects import Asked
from resolver.store.database import Database
from resolver.store.tables import log, reverse

SLICE = 200_000
"""Rows that one read looks at."""

_AT_ONCE = 20  # names that one read asks for
_ROWS = 5_000  # of one stretch of time


class DeviceRows:
    """The log of a device that has, or had, these addresses, from a Unix time on. Raises StoreError when the database
    cannot be read now, or not in time."""

    def __init__(self, database: Database, addresses: Iterable[str], since: float) -> None:
        self._database = database
        self._since = since
        self._addresses = sorted(set(addresses) - {""})

    def times(self, site: str) -> list[int]:
        key = reverse(site)
        name = log.c.name
        below = (name >= key, name < key + "/", or_(name == key, name >= key + "."))
        where = (*below, log.c.at + 0 >= self._since, self._its())
        rows = self._read(select(log.c.at, log.c.verdict == "block").where(*where).distinct())
        answered = {at for at, blocked in rows if not blocked}
        return sorted(answered or {at for at, _ in rows})

    def between(self, begins: int, ends: int) -> list[Asked]:
        columns = (log.c.at, log.c.name, log.c.verdict, log.c.source, log.c.rule, log.c.via, log.c.count)
        where = (log.c.at.between(begins, ends), log.c.at + 0 >= self._since, log.c.name + "" != "", self._its())
        rows = self._read(select(*columns).where(*where).order_by(log.c.at, log.c.id + 0).limit(_ROWS))
        return [Asked(at, reverse(name), verdict == "block", *rest) for at, name, verdict, *rest in rows]

    def steps(self) -> set[int]:
        found: set[int] = set()
        step = log.c.at // STEP
        for low, high in self._slices():
            where = (log.c.id >= low, log.c.id < high, log.c.at + 0 >= self._since, self._its())
            found.update(row[0] for row in self._read(select(step).where(*where).distinct()))
        return found

    def steps_of(self, names: Sequence[str]) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        kind = (log.c.name, log.c.at // STEP)
        for start in range(0, len(names), _AT_ONCE):
            some = [reverse(name) for name in names[start : start + _AT_ONCE]]
            where = (log.c.name.in_(some), log.c.at + 0 >= self._since, self._its())
            found += [(reverse(name), step) for name, step in self._read(select(*kind).where(*where).distinct())]
        return found

    def _its(self) -> ColumnElement[bool]:
        """That a row is the device's; no index is used for it, as it may have most of all rows."""
        return (log.c.client + "").in_(self._addresses)

    def _slices(self) -> Iterable[tuple[int, int]]:
        """The ids of the rows since then, from, and up to but without."""
        low, high = self._read(select(func.min(log.c.id), func.max(log.c.id)).where(log.c.at >= self._since))[0]
        if low is not None:
            for start in range(low, high + 1, SLICE):
                yield start, min(start + SLICE, high + 1)

    def _read(self, statement: Select[Any]) -> list[tuple[Any, ...]]:
        def work(connection: Connection) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(statement)]

        return self._database.read(work)


def lately_on(database: Database, site: str, since: float, limit: int) -> list[str]:
    """The addresses that asked for a name, or one below it, since a Unix time: those that did so last come first."""
    key = reverse(site)
    name = log.c.name
    last = func.max(log.c.at)
    statement = (
        select(log.c.client)
        .where(name >= key, name < key + "/", or_(name == key, name >= key + "."), log.c.at + 0 >= since)
        .where(log.c.client + "" != "")
        .group_by(log.c.client)
        .order_by(last.desc(), log.c.client)
        .limit(limit)
    )
    return database.read(lambda connection: list(connection.scalars(statement)))
