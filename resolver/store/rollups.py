"""Sums that have become final: names that nobody will ask for are left out of hours that are over, days are made of
their hours, and old ones go.

Each function does one bite in a transaction, well under a second, and returns whether there is more to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import BigInteger, Connection, Table, delete, func, insert, literal, select

from resolver.store.counting import DAY, HOUR, is_made
from resolver.store.tables import day_clients, day_facets, day_names, hour_clients, hour_facets, hour_names

MOST = 1000
"""Of an hour or a day that is over, so many of the names asked most are kept, and so many of those blocked most."""

DAYS_KEPT = 400 * DAY
"""Seconds for which days are kept."""

_GONE_AT_ONCE = 6  # hours or days of a few thousand rows each

_HOURS = (hour_facets, hour_clients, hour_names)
_DAYS = (day_facets, day_clients, day_names)


def crowded(connection: Connection, now: float) -> list[int]:
    """The hours that are over at `now` (Unix time) and have more names than are kept. Only reads."""
    over = select(hour_names.c.hour).where(hour_names.c.hour <= now - HOUR).group_by(hour_names.c.hour)
    return list(connection.scalars(over.having(func.count() > 2 * MOST).order_by(hour_names.c.hour)))


def close_hour(connection: Connection, hour: int) -> None:
    """Prune the names of an hour that is over."""
    _prune(connection, hour_names, hour)


def close_days(connection: Connection, now: float) -> bool:
    """Make the first day that is over at `now` and not made yet. What is stored of it later is counted in it too."""
    day = next(_unmade(connection, now), None)
    if day is None:
        return False
    for hours, days in zip(_HOURS, _DAYS, strict=True):
        what = hours.c[1]
        sums = (func.sum(column) for column in hours.c if not column.primary_key)
        found = select(literal(day, BigInteger), what, *sums).where(hours.c.hour >= day, hours.c.hour < day + DAY)
        connection.execute(insert(days).from_select([*days.c], found.group_by(what)))
    _prune(connection, day_names, day)
    return True


def forget_hours(connection: Connection, before: float, now: float) -> bool:
    """Delete the first of the hours that were over at `before`; but none of a day that is not made yet."""
    unmade = next(_unmade(connection, now), now - now % DAY)
    return _forget(connection, _HOURS, min(before - HOUR + 1, unmade))


def forget_days(connection: Connection, before: float) -> bool:
    """Delete the first of the days that were over at `before`."""
    return _forget(connection, _DAYS, before - DAY + 1)


def _unmade(connection: Connection, now: float) -> Iterator[int]:
    """The days that are over but not made, oldest first."""
    start = None
    while True:
        later = select(func.min(hour_facets.c.hour))
        hour = connection.execute(later if start is None else later.where(hour_facets.c.hour >= start)).scalar()
        if hour is None or hour - hour % DAY + DAY > now:
            return
        day = hour - hour % DAY
        if not is_made(connection, day):
            yield day
        start = day + DAY


def _prune(connection: Connection, table: Table, start: int) -> None:
    """Leave the most asked and the most blocked names of an hour or day, if there are more."""
    here, name = table.c[0] == start, table.c[1]
    some = select(name).where(here).limit(2 * MOST + 1).subquery()
    if connection.execute(select(func.count()).select_from(some)).scalar_one() <= 2 * MOST:
        return
    most = (
        select(name).where(here, column > 0).order_by(column.desc(), name).limit(MOST)
        for column in (table.c["count"], table.c.blocked)
    )
    connection.execute(delete(table).where(here, *(name.not_in(those) for those in most)))


def _forget(connection: Connection, tables: Sequence[Table], before: float) -> bool:
    """Delete a bite of what begins before a Unix time; whether there is more."""
    left = False
    for table in tables:
        span = table.c[0]
        gone = select(span).where(span < before).distinct().order_by(span).limit(_GONE_AT_ONCE + 1)
        found = connection.execute(gone).scalars().all()
        if found:
            connection.execute(delete(table).where(span <= found[:_GONE_AT_ONCE][-1]))
        left |= len(found) > _GONE_AT_ONCE
    return left
