"""What one device asked for, as `repair` looks at it. Reads only, a stretch of the log at a time; all of it blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from resolver.repair.loads import STEP
from resolver.repair.suspects import Asked
from resolver.store.face import Store
from resolver.store.filters import LogFilter
from resolver.store.scans import WITH_FACETS, scan
from resolver.store.tables import clients, facets, kinds, log
from resolver.store.tables import names as table
from resolver.store.told import ids_of

_ROWS = 5_000  # of one stretch of time


class DeviceRows:
    """The log of a device that has, or had, these addresses, from a Unix time on. Raises StoreError when the database
    cannot be read now, or not in time."""

    def __init__(self, database: Store, addresses: Iterable[str], since: float) -> None:
        self._database = database
        self._since = since
        self._addresses = tuple(sorted(set(addresses) - {""}))

    def times(self, site: str) -> list[int]:
        its = (log.c.at, facets.c.verdict == "block")
        found = self._read(select(*its).select_from(WITH_FACETS).distinct(), name=site)
        answered = {at for at, blocked in found if not blocked}
        return sorted(answered or {at for at, _ in found})

    def between(self, begins: int, ends: int) -> list[Asked]:
        what = (table.c.name, facets.c.verdict, facets.c.source, kinds.c.rule, kinds.c.via)
        rows = WITH_FACETS.join(table, table.c.id == log.c.name)
        statement = select(log.c.at, log.c.id, *what, log.c.count).select_from(rows).where(table.c.name != "")
        first = max(float(begins), self._since)
        found = sorted(self._read(statement.order_by(log.c.id).limit(_ROWS), since=first, until=ends + 1))[:_ROWS]
        return [Asked(at, name, verdict == "block", *rest) for at, _, name, verdict, *rest in found]

    def steps(self) -> set[int]:
        return {step for (step,) in self._read(select(log.c.at // STEP).distinct())}

    def steps_of(self, names: Sequence[str]) -> list[tuple[str, int]]:
        rows = log.join(table, table.c.id == log.c.name)
        statement = select(table.c.name, log.c.at // STEP).select_from(rows).distinct()
        return [(name, step) for name, step in sorted(set(self._read(statement, ids_of(self._database, names))))]

    def _read(self, statement: Select[Any], names: Sequence[int] | None = None, **more: Any) -> list[tuple[Any, ...]]:
        filter = LogFilter(**{"clients": self._addresses, "since": self._since, **more})
        return list(scan(self._database, filter, statement, names))


def lately_on(database: Store, site: str, since: float, limit: int) -> list[str]:
    """The addresses that asked for a name, or one below it, since a Unix time: those that did so last come first."""
    rows = log.join(clients, clients.c.id == log.c.client)
    statement = select(clients.c.client, func.max(log.c.at)).select_from(rows).where(clients.c.client != "")
    last: dict[str, int] = {}
    asked = LogFilter(name=site, since=since)
    for client, at in scan(database, asked, statement.group_by(clients.c.client)):
        last[client] = max(at, last.get(client, 0))
    return sorted(last, key=lambda client: (-last[client], client))[:limit]
