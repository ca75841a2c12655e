"""What people ask of the log and the totals. Reads only, each within a time limit; every function may block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    CompoundSelect,
    Connection,
    Select,
    desc,
    false,
    func,
    select,
    union_all,
)

from resolver.store.database import Database
from resolver.store.tables import SHADOWED, log, reverse, totals

HOUR = 3600
MAX_LIMIT = 10_000  # rows of one page
NARROW = 50_000  # rows recent enough to be looked through one by one, whatever else is asked of them
ANY = "*"
"""Stands for every shadow list in a LogFilter; no id is like it."""

_COLUMNS = [column for column in log.c if column is not log.c.id]

Page = Select[Any] | CompoundSelect[Any]


class LogFilter(msgspec.Struct, frozen=True):
    """What rows to show; None is no condition. `clients` are addresses, any of which it may be (of none: no rows).
    `name` is presentation text: the name itself and all below it. `since` is Unix time. `shadow` is the id of a shadow
    list, or ANY: rows that it would have blocked."""

    clients: tuple[str, ...] | None = None
    group: str | None = None
    name: str | None = None
    verdict: str | None = None
    since: float | None = None
    shadow: str | None = None


class LogRow(msgspec.Struct, frozen=True):
    """`count` equal exchanges of one second, the slowest of which took `took_us` microseconds. `shadow` is the rule of
    a shadow list that would have blocked them, "list: rule"."""

    id: int
    at: int
    client: str
    group: str
    name: str
    type: int
    rcode: int
    origin: str
    verdict: str
    source: str
    rule: str
    via: str
    upstream: str
    count: int
    took_us: int
    shadow: str


class LogPage(msgspec.Struct, frozen=True):
    """Rows, newest first, and the cursor of the page after it; None when there is none."""

    rows: list[LogRow]
    next: int | None


class HourTotals(msgspec.Struct, frozen=True):
    """The queries of one hour by verdict; `at` is the Unix second at which it began."""

    at: int
    verdicts: dict[str, int]


class Totals(msgspec.Struct, frozen=True):
    """Counts of every query, those without a row in the log included; hours without any are left out."""

    queries: int
    verdicts: dict[str, int]
    origins: dict[str, int]
    hours: list[HourTotals]


class Top(msgspec.Struct, frozen=True):
    """A name or a client, and its queries."""

    value: str
    count: int


class Queries:
    """Everything here raises StoreError when the database cannot be read now, or not in time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def log(self, filter: LogFilter, cursor: int | None, limit: int) -> LogPage:
        """The rows before `cursor` (None: from the newest), at most `limit`. Rows that are written while somebody
        turns pages come on no later page, and none comes twice."""
        limit = max(1, min(limit, MAX_LIMIT))

        def work(connection: Connection) -> LogPage:
            rows = [
                _row(*tuple(found)) for found in connection.execute(_page(connection, filter, cursor).limit(limit + 1))
            ]
            return LogPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

        return self._database.read(work)

    def totals(self, since: float) -> Totals:
        """Counts from the hour that `since` (Unix time) lies in until now."""
        first = int(since // HOUR * HOUR)
        statement = select(totals).where(totals.c.hour >= first).order_by(totals.c.hour)
        verdicts: dict[str, int] = {}
        origins: dict[str, int] = {}
        hours: dict[int, dict[str, int]] = {}
        for hour, verdict, origin, count in self._database.read(lambda connection: connection.execute(statement).all()):
            verdicts[verdict] = verdicts.get(verdict, 0) + count
            origins[origin] = origins.get(origin, 0) + count
            of_hour = hours.setdefault(hour, {})
            of_hour[verdict] = of_hour.get(verdict, 0) + count
        listed = [HourTotals(at, of_hour) for at, of_hour in hours.items()]
        return Totals(sum(verdicts.values()), verdicts, origins, listed)

    def counted(self) -> dict[tuple[str, str], int]:
        """Every query ever counted, by verdict and origin. Totals are never deleted, so it only grows, but for a
        database that was begun anew."""
        by = (totals.c.verdict, totals.c.origin)
        statement = select(*by, func.sum(totals.c.count)).group_by(*by)
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        return {(verdict, origin): int(count) for verdict, origin, count in rows}

    def top(self, kind: Literal["blocked", "names", "clients"], since: float, limit: int) -> list[Top]:
        """The names blocked most, the names or the clients with most queries, since a Unix time. Rows that privacy
        left without a name or client do not take part."""
        value = _plain(log.c.client if kind == "clients" else log.c.name)
        count = func.sum(log.c.count)
        statement = select(value, count).where(log.c.at >= since, value != "")
        if kind == "blocked":
            statement = statement.where(_plain(log.c.verdict) == "block")
        statement = statement.group_by(value).order_by(count.desc(), value).limit(max(1, min(limit, MAX_LIMIT)))
        found = self._database.read(lambda connection: connection.execute(statement).all())
        return [Top(text if kind == "clients" else reverse(text), int(number)) for text, number in found]


def _page(connection: Connection, filter: LogFilter, cursor: int | None) -> Page:
    """The rows that a filter lets through, newest first, asked so that one good index serves.

    Without statistics the planner prefers any `column = ?` to a range, and would look through every blocked row for one
    name; and it prefers reading the whole table backward to sorting a few rows. So what must not be used is disguised.
    """
    recent = filter.since is not None and _is_narrow(connection, filter.since)
    name = None if filter.name == "." else filter.name  # everything is below the root
    served = recent or name is not None
    id = log.c.id + 0 if served else log.c.id
    conditions: list[ColumnExpressionArgument[bool]] = [] if cursor is None else [id < cursor]
    if filter.since is not None:
        conditions.append((log.c.at if recent else log.c.at + 0) >= filter.since)
    if name is not None:
        conditions.extend(_below(_plain(log.c.name) if recent else log.c.name, reverse(name)))
    if filter.shadow is not None:
        conditions.extend(_of_shadow(filter.shadow, served=served))
        served = True
    clients = None if filter.clients is None else tuple(dict.fromkeys(filter.clients))
    for column, value in ((log.c.verdict, filter.verdict), (log.c.group, filter.group)):
        if value is not None:
            conditions.append((_plain(column) if served or clients is not None else column) == value)
            served = served or clients is None
    if clients is not None and served:
        conditions.append(_plain(log.c.client).in_(clients))
    if clients is None or served:
        return select(log.c.id, *_COLUMNS).where(*conditions).order_by(id.desc())
    return _of_each(clients, conditions)


def _of_each(clients: Sequence[str], conditions: Sequence[ColumnExpressionArgument[bool]]) -> Page:
    """The rows of each client by its index, in which they stand in order, merged: none is read that is not shown."""
    parts = [select(log.c.id, *_COLUMNS).where(log.c.client == client, *conditions) for client in clients]
    if not parts:
        return select(log.c.id, *_COLUMNS).where(false())
    return parts[0].order_by(log.c.id.desc()) if len(parts) == 1 else union_all(*parts).order_by(desc("id"))


def _is_narrow(connection: Connection, since: float) -> bool:
    some = select(log.c.id).where(log.c.at >= since).limit(NARROW).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one() < NARROW


def _below(column: ColumnElement[str], key: str) -> list[ColumnElement[bool]]:
    """A name and what is below it. One range, as "." and "/" are neighbours; what lies between the two ends but is
    another name ("com.example-site") is then left out."""
    return [column >= key, column < key + "/", (column == key) | (column >= key + ".")]


def _of_shadow(id: str, *, served: bool) -> Sequence[ColumnExpressionArgument[bool]]:
    """What a shadow list would have blocked: "id: rule", or the id alone where privacy keeps no rules. One range, as a
    space and "!" are neighbours; what lies in it but is another list ("id-2: rule") is then left out."""
    column = _plain(log.c.shadow) if served else log.c.shadow
    if id == ANY:
        return [column != "" if served else SHADOWED]
    those = (column >= id, column < f"{id}:!", (column == id) | (column >= f"{id}: "))
    return those if served else (SHADOWED, *those)


def _plain(column: ColumnElement[str]) -> ColumnElement[str]:
    """The same value, but no index is on it."""
    return column + ""


def _row(id: int, at: int, client: str, group: str, name: str, *rest: Any) -> LogRow:
    return LogRow(id, at, client, group, reverse(name), *rest)
