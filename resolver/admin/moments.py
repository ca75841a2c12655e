"""Moments as people type them: "21:30", "mon 21:30", "2026-11-23 07:00", "+30m"; and as programs do, with their offset
from UTC (RFC 3339). Pure. Light: the command reads it."""

from __future__ import annotations

import datetime as dt
import re

from resolver.config.leaves import duration, shown
from resolver.errors import TextError

_CLOCK = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun)[a-z]* +)?([0-9]{1,2}):([0-9]{2})")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]+([0-9]{1,2}):([0-9]{2}))?")
_ABSOLUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})")
_UNIX = re.compile(r"[0-9]{9,11}(\.[0-9]{1,9})?")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment(text: str, now: float) -> float:
    """Unix time of a moment, by the clocks of this machine: a time of day is the next that comes after `now`, on that
    day of the week if one is given; a date without a time is its midnight. One that says its offset from UTC is that
    moment, wherever this machine is. Raises TextError."""
    text = text.strip().lower()
    if text.startswith("+"):
        return now + duration(text[1:])
    if _UNIX.fullmatch(text):
        return float(text)
    try:
        if _ABSOLUTE.fullmatch(text.upper()):
            return dt.datetime.fromisoformat(text.upper()).timestamp()
        if match := _CLOCK.fullmatch(text):
            return _next(match[1], dt.time(int(match[2]), int(match[3])), now)
        if match := _DATE.fullmatch(text.upper()):
            time = dt.time(int(match[2]), int(match[3])) if match[2] else dt.time()
            return dt.datetime.combine(dt.date.fromisoformat(match[1]), time).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    raise TextError(f'{shown(text)} is not a moment: write "21:30", "mon 21:30", "2026-11-23 07:00" or "+30m"')


def absolute(text: str, now: float) -> str:
    """A moment that is typed here, in the form in which every machine understands it. Raises TextError."""
    try:
        return dt.datetime.fromtimestamp(moment(text, now)).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError) as error:
        raise TextError(f"{shown(text)} is beyond the calendar") from error


def _next(day: str | None, time: dt.time, now: float) -> float:
    today = dt.datetime.fromtimestamp(now).astimezone().date()
    for ahead in range(9):
        date = today + dt.timedelta(days=ahead)
        at = dt.datetime.combine(date, time).astimezone().timestamp()
        if at > now and day in {None, _DAYS[date.weekday()]}:
            return at
    raise TextError(f"there is no {time:%H:%M} in the next days")
