"""When a schedule is in force: wall-clock times of a time zone against Unix time. Pure.

A schedule is in force from the first moment at which its zone's clocks show its beginning, or later, until the last
moment at which they show less than its end. So a beginning that clocks skip is where they go on, an hour that they show
twice counts once, and hours that meet leave neither a gap nor an overlap.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from resolver.policy.document import ScheduleEntry

_EARLIEST, _LATEST = 0.0, 250_000_000_000.0  # Unix times that calendars can speak of: 1970 to 9892
_BEFORE, _AHEAD = 1, 9  # days around today that are looked at: hours may end on the next day, and come every week
_SECOND = dt.timedelta(seconds=1)
_DAY = dt.timedelta(days=1)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours:
    """The hours of one schedule. Raises ValueError for a zone that this machine does not know."""

    def __init__(self, entry: ScheduleEntry) -> None:
        try:
            self._zone = ZoneInfo(entry.zone)
        except (OSError, KeyError) as error:
            raise ValueError(f"schedule {entry.name}: the time zone {entry.zone!r} is not known here") from error
        self._days = frozenset(entry.days)
        self._begins = dt.timedelta(minutes=entry.begins)
        self._ends = dt.timedelta(minutes=entry.ends, days=entry.ends <= entry.begins)
        self._whole_days = entry.ends == entry.begins
        self.always = self._whole_days and len(self._days) == len(_DAYS)

    def at(self, now: float) -> tuple[bool, float]:
        """Whether it is in force at `now` (Unix time), and until when that is known to be so: its next edge, or a week
        or so when there is none before. A clock outside the calendar counts as at its nearer end."""
        now = min(max(now, _EARLIEST), _LATEST)
        today = self._local(now).date()
        until: float | None = None
        for begin, end in self._spans(today - _BEFORE * _DAY):
            if end <= now or end <= begin:
                continue
            if begin > (now if until is None else until):
                return until is not None, begin if until is None else until
            until = end
        if until is not None:
            return True, until
        return False, self._shown_first(today + _AHEAD * _DAY, dt.timedelta())

    def end(self, until: float) -> str:
        """How people say when it ends: "until 06:30", "until mon 00:00" after whole days, or "always" for never."""
        return "always" if until == math.inf else f"until {self.clock(until, day=self._whole_days)}"

    def clock(self, moment: float, *, day: bool) -> str:
        """What clocks show at a moment: "21:30", or with the day "mon 21:30"."""
        local = self._local(moment)
        return f"{_DAYS[local.weekday()]} {local:%H:%M}" if day else f"{local:%H:%M}"

    def occurrence(self, now: float) -> tuple[float, float] | None:
        """From when until when it is in force: the time that runs at `now`, or else the one that begins next. Of hours
        that meet, those of one day. None when there is none within a week or so."""
        first = self._local(now).date() - _BEFORE * _DAY
        return next(((begin, end) for begin, end in self._spans(first) if end > now and end > begin), None)

    def ends_next(self, now: float) -> float:
        """The next moment at which clocks come to its end, on whatever day; `now` itself at the end of the calendar."""
        first = self._local(now).date() - 2 * _DAY  # its end can be on the day after
        moments = (self._shown_last(first + number * _DAY, self._ends) for number in range(_AHEAD))
        return next((moment for moment in moments if moment > now), now)

    def _local(self, moment: float) -> dt.datetime:
        return dt.datetime.fromtimestamp(min(max(moment, _EARLIEST), _LATEST), self._zone)

    def _spans(self, first: dt.date) -> Iterator[tuple[float, float]]:
        """From when until when it is in force, for each of its days from `first` on."""
        for number in range(_BEFORE + _AHEAD):
            day = first + number * _DAY
            if day.weekday() in self._days:
                yield self._shown_first(day, self._begins), self._shown_last(day, self._ends)

    def _shown_first(self, day: dt.date, time: dt.timedelta) -> float:
        """The first moment at which clocks show that time of that day, or later."""
        early, late = self._moments(dt.datetime.combine(day, dt.time()) + time)
        return early if early <= late else self._skip(late, early)

    def _shown_last(self, day: dt.date, time: dt.timedelta) -> float:
        """The end of the last moment at which clocks show less than that."""
        early, late = self._moments(dt.datetime.combine(day, dt.time()) + time - _SECOND)
        return late + 1 if early <= late else self._skip(late, early)

    def _moments(self, wall: dt.datetime) -> tuple[float, float]:
        """When clocks show a time, the first and the last time; in reverse order for one that they skip (PEP 495)."""
        first, last = (wall.replace(tzinfo=self._zone, fold=fold).timestamp() for fold in (0, 1))
        return first, last

    def _skip(self, before: float, after: float) -> float:
        """The moment between two at which clocks are put forward: by bisection, to the second."""
        low, high = int(before), int(after)
        old = self._offset(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == old else (low, middle)
        return float(high)

    def _offset(self, moment: int) -> dt.timedelta | None:
        return dt.datetime.fromtimestamp(moment, self._zone).utcoffset()
