"""The sums by the hour, from which every figure is shown: kept up with each transaction."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, select

from resolver.store import bulk
from resolver.store.interning import Interner
from resolver.store.tables import day_clients, day_facets, day_names, hour_clients, hour_facets, hour_names

HOUR = 3600
DAY = 86_400
APART = 50_000
"""How many names, and how many clients, are told apart in an hour."""

_HOURS = 2  # of which it is remembered who is told apart

_Counts = dict[int, int]


class _Hour:
    """What one transaction adds to an hour: queries by facet, client and name, and the blocked among the latter two."""

    __slots__ = ("blocked_clients", "blocked_names", "clients", "facets", "names")

    def __init__(self) -> None:
        self.facets: _Counts = {}
        self.clients: _Counts = {}
        self.names: _Counts = {}
        self.blocked_clients: _Counts = {}
        self.blocked_names: _Counts = {}


class Sums:
    """What one transaction adds."""

    def __init__(self) -> None:
        self._hours: dict[int, _Hour] = {}
        self._now = _Hour()
        self._second = -1  # of the row before

    def add(self, second: int, count: int, name: int, client: int, facet: int, blocked: bool) -> None:
        """Count a row: how many queries, and by which ids."""
        if second != self._second:
            self._second = second
            self._now = self._hours.setdefault(second - second % HOUR, _Hour())
        hour = self._now
        hour.facets[facet] = hour.facets.get(facet, 0) + count
        hour.clients[client] = hour.clients.get(client, 0) + count
        hour.names[name] = hour.names.get(name, 0) + count
        if blocked:
            hour.blocked_clients[client] = hour.blocked_clients.get(client, 0) + count
            hour.blocked_names[name] = hour.blocked_names.get(name, 0) + count

    def write(self, connection: Connection, interner: Interner) -> None:
        """Add it to the tables: those of the hours, and of days that were made of their hours before."""
        made: dict[int, bool] = {}
        for start, hour in self._hours.items():
            day = start - start % DAY
            if day not in made:
                made[day] = is_made(connection, day)
            clients = _apart(connection, interner, hour_clients, start, hour.clients)
            names = _apart(connection, interner, hour_names, start, hour.names)
            _write(connection, (hour_facets, hour_clients, hour_names), start, hour, (clients, names))
            if made[day]:
                _write(connection, (day_facets, day_clients, day_names), day, hour, (clients, names))


def _write(
    connection: Connection,
    tables: tuple[Table, Table, Table],
    start: int,
    hour: _Hour,
    apart: tuple[Iterable[int], Iterable[int]],
) -> None:
    facets, clients, names = tables
    bulk.add_up(connection, facets, [(start, id, count) for id, count in sorted(hour.facets.items())])
    parts = ((clients, apart[0], hour.clients, hour.blocked_clients), (names, apart[1], hour.names, hour.blocked_names))
    for table, ids, counts, blocked in parts:
        bulk.add_up(connection, table, [(start, id, counts[id], blocked.get(id, 0)) for id in ids])


def _apart(connection: Connection, interner: Interner, table: Table, start: int, counts: _Counts) -> list[int]:
    """Those of the ids that are told apart in that hour, as long as there is room."""
    told = interner.told.get((table.name, start))
    if told is None:
        ids = connection.execute(select(table.c[1]).where(table.c.hour == start)).scalars()
        told = interner.told[table.name, start] = set(ids)
        while len(interner.told) > 2 * _HOURS:
            del interner.told[next(iter(interner.told))]
    new = [id for id in counts if id not in told]
    told.update(new[: max(0, APART - len(told))])
    return sorted(id for id in counts if id in told)


def is_made(connection: Connection, day: int) -> bool:
    """Whether the sums of that day were made of its hours."""
    return connection.execute(select(day_facets.c.day).where(day_facets.c.day == day).limit(1)).first() is not None
