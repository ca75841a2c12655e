"""Which names and clients stand in the sums: those are kept although no row of the log has them any more."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Table, func, select

from resolver.store.counting import DAY
from resolver.store.face import Store
from resolver.store.tables import day_clients, day_names, hour_clients, hour_names
from resolver.store.terms import Of

_SPANS = {
    Of.NAME: ((hour_names, 2 * DAY), (day_names, 30 * DAY)),
    Of.CLIENT: ((hour_clients, 30 * DAY), (day_clients, 400 * DAY)),
}
"""The tables of sums, and for how many seconds one read looks at them."""


class IdSet:
    """A set of ids, a bit for each number up to the highest."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def update(self, ids: Iterable[int]) -> None:
        for id in ids:
            place = id >> 3
            if place >= len(self._bits):
                self._bits.extend(bytes(place + 1 - len(self._bits) + (len(self._bits) >> 3)))
            self._bits[place] |= 1 << (id & 7)

    def __contains__(self, id: int) -> bool:
        place = id >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (id & 7) & 1)


def in_sums(database: Store, of: Of) -> IdSet:
    """The ids of names, or of clients, that the sums of hours and days have; of kinds, none. Raises StoreError."""
    found = IdSet()
    for table, seconds in _SPANS.get(of, ()):
        start = database.read(functools.partial(_next, table=table, after=-1))
        while start is not None:
            found.update(database.read(functools.partial(_ids, table=table, start=start, end=start + seconds)))
            start = database.read(functools.partial(_next, table=table, after=start + seconds - 1))
    return found


def _next(connection: Connection, table: Table, after: int) -> int | None:
    """The first hour or day after a second."""
    found: int | None = connection.scalar(select(func.min(table.c[0])).where(table.c[0] > after))
    return found


def _ids(connection: Connection, table: Table, start: int, end: int) -> Sequence[int]:
    statement = select(table.c[1]).where(table.c[0] >= start, table.c[0] < end).distinct()
    return connection.scalars(statement).all()
