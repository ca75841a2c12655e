"""Of which sums a stretch of time is made: whole days where days are made, hours for the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, or_, select, union_all

from resolver.store.counting import DAY, HOUR
from resolver.store.tables import day_facets, hour_facets

_ENDS = 1 << 40  # Unix seconds


class Span(msgspec.Struct, frozen=True):
    """From the first second up to but without the second: all of it by hours, but for the days from `days` on, up to
    but without `days_end`."""

    begins: int
    ends: int
    days: int
    days_end: int

    def sums(self, tables: tuple[Table, Table], by: str, columns: Sequence[str]) -> Select[Any]:
        """What was counted in that time by one column of a table of hours and the one of days: the sums of others."""
        hours, days = tables
        wanted = (by, *columns)
        within = ((hours, self._hours(hours.c.hour)), (days, self._days(days.c.day)))
        every = union_all(*(select(*(one.c[name] for name in wanted)).where(those) for one, those in within)).subquery()
        sums = [func.sum(every.c[column]).label(column) for column in columns]
        return select(every.c[by], *sums).group_by(every.c[by])

    def _hours(self, hour: ColumnElement[int]) -> ColumnElement[bool]:
        early = and_(hour >= self.begins, hour < min(self.days, self.ends))
        return or_(early, and_(hour >= max(self.days_end, self.begins), hour < self.ends))

    def _days(self, day: ColumnElement[int]) -> ColumnElement[bool]:
        return and_(day >= self.days, day < self.days_end)


def span(connection: Connection, since: float, until: float | None) -> Span:
    """The hours that have any of the time from `since` on, until then (None: until now), and which days of them are to
    be counted whole. Where the hours of a day are kept no more, all of that day is in it."""
    begins = math.floor(since) // HOUR * HOUR
    ends = _ENDS if until is None else math.ceil(until / HOUR) * HOUR
    oldest = connection.scalar(select(func.min(hour_facets.c.hour)))
    first, last = (connection.scalar(select(one(day_facets.c.day))) for one in (func.min, func.max))
    if first is None or last is None:
        return Span(begins, ends, ends, ends)
    days, days_end = -(-begins // DAY) * DAY, ends // DAY * DAY
    if oldest is None or oldest >= days:
        days -= DAY if days != begins else 0
    if oldest is None or oldest >= days_end + DAY:
        days_end += DAY if days_end != ends else 0
    days, days_end = max(days, first), min(days_end, last + DAY)
    return Span(begins, ends, days, days_end) if days < days_end else Span(begins, ends, ends, ends)
