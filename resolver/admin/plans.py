"""What people mean when they change a schedule for once: not today, start now, so many more minutes. Pure."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

import msgspec

from resolver.config.leaves import show_duration
from resolver.errors import ApiError
from resolver.policy.document import Change, ScheduleEntry
from resolver.policy.hours import Hours
from resolver.policy.overriding import Overridden, ends_next, occurrence
from resolver.store.overrides import NewOverride

DAY = 86_400.0
MORE = 1800.0
"""Seconds of what is asked for as `more` alone."""


class Planned(msgspec.Struct, frozen=True):
    """From when until when (Unix times) a schedule is on or off, and how people call that."""

    on: bool
    begins: float
    until: float
    why: str


def off(entry: ScheduleEntry, now: float, length: float | None, before: NewOverride | None) -> Planned:
    """Off from now on: for `length` seconds, or until the end of what runs now or begins today by its own clocks.

    `before` is the newest change for the same people that is not over.
    """
    if length is not None:
        return Planned(on=False, begins=now, until=now + length, why=f"for {show_duration(length)}")
    span = occurrence(entry, now)
    ends = [span[1]] if span and (span[0] <= now or _day(entry, span[0]) == _day(entry, now)) else []
    if before is not None and before.on:
        ends.append(before.until)
    if not ends:
        raise _none_soon(entry, "today", span)
    return Planned(on=False, begins=now, until=max(ends), why="not today")


def on(entry: ScheduleEntry, now: float, length: float | None, before: NewOverride | None) -> Planned:
    """In force from now on: for `length` seconds, or until its usual end comes on the clock."""
    span = occurrence(entry, now)
    if before is None and span and span[0] <= now and (length is None or now + length <= span[1]):
        raise _conflict(f"{entry.name} is in force already, until {_clock(entry, span[1], now)}")
    return Planned(
        on=True, begins=now, until=ends_next(entry, now) if length is None else now + length, why="started now"
    )


def more(entry: ScheduleEntry, now: float, length: float | None, before: NewOverride | None) -> Planned:
    """Off for `length` seconds more: from now on where it is in force, else from when it begins within a day. What was
    given before is added to."""
    length = MORE if length is None else length
    if length > DAY:
        raise ApiError(400, "invalid", "more than a day is no extension: to leave one out, use off", "for")
    span = occurrence(entry, now)
    if before is not None and not before.on and span and span[0] <= before.until:
        return _added(entry, before, length, span, now)
    if before is not None and before.on:
        later = max(before.begins, now) + length
        if before.until > later and not _runs(entry, later):
            return Planned(on=True, begins=later, until=before.until, why=_words(length))
        return Planned(on=False, begins=now, until=later, why=_words(length))
    if span is None or span[0] > now + DAY:
        raise _none_soon(entry, "within a day", span)
    begins = max(span[0], now)
    return Planned(on=False, begins=begins, until=begins + length, why=_words(length))


PLANS: dict[str, Callable[[ScheduleEntry, float, float | None, NewOverride | None], Planned]] = {
    "off": off,
    "on": on,
    "more": more,
}


def lasts(entry: ScheduleEntry, plan: Planned, others: Iterable[NewOverride]) -> float | None:
    """Until when a schedule is in force, or is off, as planned: one that is on goes on where its hours, or changes for
    others (the newest last), have it on too; None: for good."""
    if not plan.on:
        return plan.until
    planned = Change(entry.name, plan.on, plan.begins, plan.until)
    flips = Overridden(Hours(entry), [*map(_change, others), planned]).at(plan.begins).flips
    return None if flips == math.inf else flips


def idle(entry: ScheduleEntry, plan: Planned, before: Iterable[NewOverride]) -> str:
    """That a schedule would be off all the time for which it is planned to be, with the changes that held before; ""
    when it would not."""
    state = Overridden(Hours(entry), map(_change, before)).at(plan.begins)
    if plan.on or state.on or state.flips < plan.until:
        return ""
    soonest = "" if state.flips == math.inf else f" before {Hours(entry).clock(state.flips, day=True)}"
    return f"it would not be in force{soonest} anyway"


def _change(one: NewOverride) -> Change:
    return Change(one.schedule, one.on, one.begins, one.until)


def _added(entry: ScheduleEntry, before: NewOverride, length: float, span: tuple[float, float], now: float) -> Planned:
    if before.until >= span[1]:
        raise _conflict(f"{entry.name} is off until {_clock(entry, before.until, now)} already ({before.why})")
    until = before.until + length
    return Planned(on=False, begins=before.begins, until=until, why=_words(until - before.begins))


def _runs(entry: ScheduleEntry, at: float) -> bool:
    span = occurrence(entry, at)
    return span is not None and span[0] <= at


def _day(entry: ScheduleEntry, at: float) -> dt.date:
    return dt.datetime.fromtimestamp(at, ZoneInfo(entry.zone)).date()


def _clock(entry: ScheduleEntry, moment: float, now: float) -> str:
    """What the schedule's clocks show then."""
    return Hours(entry).clock(moment, day=moment - now >= DAY)


def _none_soon(entry: ScheduleEntry, when: str, span: tuple[float, float] | None) -> ApiError:
    following = f"; the next time is {Hours(entry).clock(span[0], day=True)}" if span else ""
    return _conflict(f"{entry.name} does not begin {when}{following}")


def _conflict(message: str) -> ApiError:
    return ApiError(409, "conflict", message)


def _words(seconds: float) -> str:
    """30 more minutes, 1 more hour."""
    seconds = round(seconds)
    size, unit = next(pair for pair in ((3600, "hour"), (60, "minute"), (1, "second")) if seconds % pair[0] == 0)
    return f"{seconds // size} more {unit}{'' if seconds == size else 's'}"
