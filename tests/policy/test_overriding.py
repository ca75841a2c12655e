"""Changes of schedules for once, against hours of the week."""

from __future__ import annotations

import datetime as dt
import math
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.policy.document import Change, ScheduleEntry
from resolver.policy.hours import Hours
from resolver.policy.overriding import Overridden, ends_next, occurrence

HOUR, DAY = 3600.0, 86_400.0
EVERY_DAY = tuple(range(7))


def bedtime(days: tuple[int, ...] = EVERY_DAY, begins: int = 21 * 60, ends: int = 390, zone: str = "UTC") -> Hours:
    return Hours(entry(days, begins, ends, zone))


def entry(
    days: tuple[int, ...] = EVERY_DAY, begins: int = 21 * 60, ends: int = 390, zone: str = "UTC"
) -> ScheduleEntry:
    return ScheduleEntry("bedtime", days, begins, ends, zone)


def at(text: str, zone: str = "UTC") -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def change(on: bool, begins: str, until: str, why: str = "") -> Change:
    return Change("bedtime", on, at(begins), at(until), why=why)


def told(hours: Hours, now: str, *changes: Change) -> tuple[bool, str, str]:
    """Whether it is in force, until when that is known, and how it is said."""
    overridden = Overridden(hours, changes)
    state = overridden.at(at(now))
    until = dt.datetime.fromtimestamp(state.until, dt.UTC)
    return state.on, f"{until:%m-%d %H:%M}", overridden.said(state)


MORE = change(on=False, begins="2026-01-05 22:00", until="2026-01-05 22:30", why="30 more minutes")
NOW = change(on=True, begins="2026-01-05 20:00", until="2026-01-05 21:00", why="started now")


def test_without_changes_hours_hold() -> None:
    assert told(bedtime(), "2026-01-05 22:10") == (True, "01-06 06:30", "until 06:30")
    assert told(bedtime(), "2026-01-05 20:10") == (False, "01-05 21:00", "until 21:00")


def test_off_for_a_while() -> None:
    assert told(bedtime(), "2026-01-05 21:59", MORE) == (True, "01-05 22:00", "until 22:00")
    assert told(bedtime(), "2026-01-05 22:10", MORE) == (False, "01-05 22:30", "until 22:30 (30 more minutes)")
    assert told(bedtime(), "2026-01-05 22:30", MORE) == (True, "01-06 06:30", "until 06:30")


def test_not_today() -> None:
    off = change(on=False, begins="2026-01-05 18:00", until="2026-01-06 06:30", why="not today")
    assert told(bedtime(), "2026-01-05 19:00", off)[:2] == (False, "01-05 21:00")
    assert told(bedtime(), "2026-01-05 23:00", off) == (False, "01-06 06:30", "until 06:30 (not today)")
    assert told(bedtime(), "2026-01-06 21:00", off)[0]


def test_started_now_goes_on_into_its_hours() -> None:
    assert told(bedtime(), "2026-01-05 20:10", NOW) == (True, "01-05 21:00", "until 06:30 (started now)")
    assert told(bedtime(), "2026-01-05 21:10", NOW) == (True, "01-06 06:30", "until 06:30")
    early = change(on=True, begins="2026-01-05 10:00", until="2026-01-05 11:00", why="started now")
    assert told(bedtime(), "2026-01-05 10:10", early) == (True, "01-05 11:00", "until 11:00 (started now)")


def test_the_newest_decides() -> None:
    again = change(on=True, begins="2026-01-05 22:10", until="2026-01-06 06:30")
    assert told(bedtime(), "2026-01-05 22:05", MORE, again)[0] is False
    assert told(bedtime(), "2026-01-05 22:20", MORE, again)[0] is True
    assert told(bedtime(), "2026-01-05 22:20", again, MORE)[0] is False


def test_of_hours_that_never_end() -> None:
    always = bedtime(begins=0, ends=0)
    off = change(on=False, begins="2026-01-05 22:00", until="2026-01-05 23:00")
    assert told(always, "2026-01-05 21:00")[2] == "always"
    assert told(always, "2026-01-05 21:00", off) == (True, "01-05 22:00", "until mon 22:00")
    assert told(always, "2026-01-05 22:15", off) == (False, "01-05 23:00", "until 23:00 (not today)")
    found = Overridden(always, [off]).at(at("2026-01-05 23:00"))
    assert (found.on, found.flips) == (True, math.inf)


def test_a_long_change_is_told_with_its_day() -> None:
    holidays = change(on=False, begins="2026-01-05 12:00", until="2026-01-09 12:00")
    assert told(bedtime(), "2026-01-05 23:00", holidays)[2] == "until fri 12:00 (not today)"
    month = change(on=True, begins="2026-01-05 12:00", until="2026-02-05 12:00")
    assert told(bedtime(), "2026-01-05 12:00", month)[2] == "until thu 12:00 (started now)"
    assert told(bedtime(), "2026-01-05 22:00", month) == (True, "01-06 06:30", "until 12:00")
    state = Overridden(bedtime(), [month]).at(at("2026-01-05 22:00"))
    assert state.flips == at("2026-02-05 12:00")


def test_a_change_of_a_year_is_looked_through_in_time() -> None:
    year = change(on=True, begins="2026-01-05 12:00", until="2027-01-05 12:00")
    began = time.perf_counter()
    assert Overridden(bedtime(), [year]).at(at("2026-01-05 22:00")).flips == year.until
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("now", [-1e18, -1.0, 0.0, 2.5e11, 3e11, 1e18])
@pytest.mark.parametrize("until", [1e18, math.inf, 1.0])
def test_clocks_and_ends_beyond_the_calendar_are_survived(now: float, until: float) -> None:
    overridden = Overridden(bedtime(), [Change("bedtime", True, -math.inf, until)])
    assert overridden.said(overridden.at(now))


EPOCH = at("2026-03-23 00:00")
MINUTES = st.integers(0, 14 * 1440)
CHANGES = st.lists(
    st.builds(
        lambda on, begins, length: Change("bedtime", on, EPOCH + 60 * begins, EPOCH + 60 * (begins + length)),
        st.booleans(),
        MINUTES,
        st.integers(1, 3000),
    ),
    max_size=4,
)
HOURS = st.builds(
    lambda days, begins, ends: bedtime(tuple(sorted(days)), begins, ends, "Europe/Berlin"),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(0, 1439),
)


@settings(max_examples=150, deadline=None)
@given(HOURS, CHANGES, MINUTES, st.integers(0, 5 * 1440))
def test_as_a_slow_one_does_and_until_it_says(hours: Hours, changes: list[Change], start: int, later: int) -> None:
    overridden = Overridden(hours, changes)

    def slow(moment: float) -> bool:
        found = hours.at(moment)[0]
        for one in changes:
            if one.begins <= moment < one.until:
                found = one.on
        return found

    now, then = EPOCH + 60 * start, EPOCH + 60 * (start + later)
    state = overridden.at(now)
    assert state.on == slow(now)
    assert now < state.until <= state.flips
    if then < state.flips:
        assert slow(then) == state.on
    if then < state.until:
        assert overridden.said(overridden.at(then)) == overridden.said(state)
    if state.flips < math.inf:
        assert slow(state.flips) != state.on


BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("now", "begin", "end"),
    [
        ("2026-01-05 22:00", "2026-01-05 21:00", "2026-01-06 06:30"),
        ("2026-01-06 06:29", "2026-01-05 21:00", "2026-01-06 06:30"),
        ("2026-01-06 06:30", "2026-01-06 21:00", "2026-01-07 06:30"),
        ("2026-01-05 21:00", "2026-01-05 21:00", "2026-01-06 06:30"),
        ("2026-03-28 22:00", "2026-03-28 21:00", "2026-03-29 06:30"),  # an hour shorter
        ("2026-10-24 22:00", "2026-10-24 21:00", "2026-10-25 06:30"),  # an hour longer
    ],
)
def test_the_hours_that_run_or_come_next(now: str, begin: str, end: str) -> None:
    found = occurrence(entry(zone=BERLIN), at(now, BERLIN))
    assert found == (at(begin, BERLIN), at(end, BERLIN))


def test_hours_that_meet_are_those_of_one_day() -> None:
    found = occurrence(entry(begins=0, ends=0), at("2026-01-05 12:00"))
    assert found == (at("2026-01-05 00:00"), at("2026-01-06 00:00"))
    monday = occurrence(entry(days=(0,)), at("2026-01-06 12:00"))
    assert monday == (at("2026-01-12 21:00"), at("2026-01-13 06:30"))


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-01-05 05:00", "2026-01-05 06:30"),
        ("2026-01-05 06:30", "2026-01-06 06:30"),
        ("2026-01-05 20:00", "2026-01-06 06:30"),
        ("2026-03-28 20:00", "2026-03-29 06:30"),
    ],
)
@pytest.mark.parametrize("days", [(0,), EVERY_DAY])
def test_the_next_time_that_its_end_comes_on_the_clock(days: tuple[int, ...], now: str, end: str) -> None:
    assert ends_next(entry(days, zone=BERLIN), at(now, BERLIN)) == at(end, BERLIN)


def test_an_end_on_the_same_day() -> None:
    homework = entry((0,), 9 * 60, 17 * 60)
    assert ends_next(homework, at("2026-01-05 08:00")) == at("2026-01-05 17:00")
    assert ends_next(homework, at("2026-01-05 17:00")) == at("2026-01-06 17:00")
