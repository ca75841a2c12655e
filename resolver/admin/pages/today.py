"""What the page Now says of the day: from hourly counts to figures and a chart. Pure, but for the time zone of this
machine, in which people here read times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from resolver.admin.pages.drawn import Chart, columns
from resolver.admin.pages.render import number, share
from resolver.store.statistics import Totals

HOURS = 24
_HOUR = 3600
_MORNING = 7  # o'clock

_TITLE = "Queries per hour, the last 24 hours"
_KINDS = ("passed", "blocked")


class Hour(msgspec.Struct, frozen=True):
    """The queries of one hour, which began `at` a Unix second, by the `clock` of here: 14:00."""

    at: int
    clock: str
    passed: int
    blocked: int


class Today(msgspec.Struct, frozen=True):
    """Queries since midnight, of which so many were blocked; and the last 24 hours one by one, the oldest first."""

    queries: int
    blocked: int
    hours: tuple[Hour, ...]
    chart: Chart

    @property
    def asked(self) -> bool:
        """Whether anything was asked in these hours."""
        return any(hour.passed or hour.blocked for hour in self.hours)


class Morning(msgspec.Struct, frozen=True):
    """It comes `at` a Unix time, by the `clock` of here, and whether that is tomorrow."""

    at: float
    clock: str
    tomorrow: bool


def since(now: float) -> float:
    """From when on the counts are needed (Unix time)."""
    return min(_midnight(now), _first(now))


def today(totals: Totals, now: float) -> Today:
    """What the counts `since` then come to."""
    found = {hour.at: _hour(hour.at, hour.verdicts) for hour in totals.hours}
    hours = tuple(found.get(at) or _hour(at, {}) for at in range(_first(now), int(now) + 1, _HOUR))
    begun = _midnight(now) // _HOUR * _HOUR
    of_today = [hour for hour in found.values() if hour.at >= begun]
    blocked = sum(hour.blocked for hour in of_today)
    rows = [(hour.clock, {"passed": hour.passed, "blocked": hour.blocked}) for hour in hours]
    chart = columns(_TITLE, _words(hours), rows, _KINDS)
    return Today(sum(hour.passed for hour in of_today) + blocked, blocked, hours, chart)


def morning(now: float) -> Morning:
    """The next morning."""
    here = datetime.fromtimestamp(now)
    there = here.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    there = there if there > here else there + timedelta(days=1)
    return Morning(there.timestamp(), _clock(there.timestamp()), there.date() > here.date())


def _midnight(now: float) -> float:
    here = datetime.fromtimestamp(now)
    return here.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _first(now: float) -> int:
    """The Unix second at which the first of the last 24 hours began."""
    return int(now) // _HOUR * _HOUR - (HOURS - 1) * _HOUR


def _hour(at: int, verdicts: Mapping[str, int]) -> Hour:
    blocked = verdicts.get("block", 0)
    return Hour(at, _clock(at), sum(verdicts.values()) - blocked, blocked)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M")


def _words(hours: Sequence[Hour]) -> str:
    """The chart in words."""
    blocked = sum(hour.blocked for hour in hours)
    queries = sum(hour.passed for hour in hours) + blocked
    if not queries:
        return "Nothing was asked in the last 24 hours."
    if queries == 1:
        return "One query in the last 24 hours."
    most = max(hours, key=lambda hour: hour.passed + hour.blocked)
    return (
        f"{number(queries)} queries in the last 24 hours, {share(blocked, queries)} of them blocked. "
        f"The hour with most, {number(most.passed + most.blocked)}, began at {most.clock}."
    )
