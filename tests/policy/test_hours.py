"""Hours of the week against a slow reference that looks at the clocks of a zone minute by minute."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import math
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.policy.document import ScheduleEntry
from resolver.policy.hours import Hours

DAY = dt.timedelta(days=1)

WEEKS = {
    "Europe/Berlin spring": ("Europe/Berlin", dt.date(2026, 3, 25)),
    "Europe/Berlin autumn": ("Europe/Berlin", dt.date(2026, 10, 21)),
    "America/New_York spring": ("America/New_York", dt.date(2026, 3, 4)),
    "America/New_York autumn": ("America/New_York", dt.date(2026, 10, 28)),
    "half an hour, Lord Howe spring": ("Australia/Lord_Howe", dt.date(2026, 9, 30)),
    "half an hour, Lord Howe autumn": ("Australia/Lord_Howe", dt.date(2026, 4, 1)),
    "midnight is skipped, Havana": ("America/Havana", dt.date(2026, 3, 4)),
    "midnight is doubled, Havana": ("America/Havana", dt.date(2026, 10, 28)),
    "midnight is skipped, Santiago": ("America/Santiago", dt.date(2026, 9, 2)),
    "23:00 to midnight is doubled, Santiago": ("America/Santiago", dt.date(2026, 4, 1)),
    "a day is skipped, Apia": ("Pacific/Apia", dt.date(2011, 12, 27)),
    "Ramadan, Casablanca": ("Africa/Casablanca", dt.date(2026, 2, 11)),
    "no change, Kathmandu": ("Asia/Kathmandu", dt.date(2026, 3, 25)),
    "UTC": ("UTC", dt.date(2026, 3, 25)),
}


class Reference:
    """Nine days of a zone: what its clocks show at each minute. Edges are found by looking at all of them."""

    def __init__(self, zone: str, first: dt.date) -> None:
        info = ZoneInfo(zone)
        begin = dt.datetime.combine(first, dt.time(), info).timestamp()
        self.minutes = [begin + 60 * number for number in range(9 * 24 * 60)]
        self.walls = [dt.datetime.fromtimestamp(minute, info).replace(tzinfo=None) for minute in self.minutes]
        self.first = first

    def states(self, entry: ScheduleEntry) -> list[bool]:
        """For each minute whether the schedule is in force; right from the third day on."""
        found = [False] * len(self.minutes)
        for day in (self.first + number * DAY for number in range(9)):
            if day.weekday() in entry.days:
                midnight = dt.datetime.combine(day, dt.time())
                begin = midnight + dt.timedelta(minutes=entry.begins)
                end = midnight + dt.timedelta(minutes=entry.ends) + (DAY if entry.ends <= entry.begins else 0 * DAY)
                shown = [number for number, wall in enumerate(self.walls) if wall >= begin]
                before = [number for number, wall in enumerate(self.walls) if wall < end]
                if shown and before:
                    found[shown[0] : before[-1] + 1] = [True] * (before[-1] + 1 - shown[0])
        return found


@functools.cache
def reference(week: str) -> Reference:
    return Reference(*WEEKS[week])


# Hours near the changes of clocks are the ones that can go wrong.
MINUTES = st.sampled_from([0, 1, 30, 59, 60, 90, 119, 120, 135, 150, 165, 180, 181, 240, 1260, 1380, 1410, 1439])
ENTRIES = st.builds(
    lambda days, begins, ends: (tuple(sorted(days)), begins, ends),
    st.sets(st.integers(0, 6), min_size=1),
    MINUTES | st.integers(0, 1439),
    MINUTES | st.integers(0, 1439),
)


@pytest.mark.parametrize("week", WEEKS)
@settings(max_examples=12, deadline=None)
@given(entry=ENTRIES, at=st.lists(st.integers(3 * 1440, 6 * 1440), min_size=1, max_size=8))
def test_as_clocks_show_it(week: str, entry: tuple[tuple[int, ...], int, int], at: list[int]) -> None:
    known = reference(week)
    made = ScheduleEntry("x", *entry, zone=WEEKS[week][0])
    states, hours = known.states(made), Hours(made)
    edges = [number for number in range(3 * 1440, 6 * 1440) if states[number] != states[number - 1]]
    for number in {*at, *edges, *(edge - 1 for edge in edges)}:
        inside, until = hours.at(known.minutes[number])
        assert inside is states[number], known.walls[number]
        changed = next((n for n in range(number, 8 * 1440) if states[n] is not inside), None)
        if changed is None:
            assert until >= known.minutes[8 * 1440 - 1]
        else:
            assert until == known.minutes[changed]


def hours(days: str, begins: str, ends: str, zone: str = "Europe/Berlin") -> Hours:
    words = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    begins_at, ends_at = (int(text[:2]) * 60 + int(text[3:]) for text in (begins, ends))
    return Hours(ScheduleEntry("x", tuple(words.index(day) for day in days.split()), begins_at, ends_at, zone))


def moment(text: str) -> float:
    """A moment in UTC."""
    return dt.datetime.fromisoformat(f"{text}+00:00").timestamp()


def spans(found: Hours, begin: str, end: str) -> Iterator[tuple[str, str]]:
    """From when until when it is in force between two moments, in UTC."""
    now, last = moment(begin), moment(end)
    while now < last:
        inside, until = found.at(now)
        assert until > now
        if inside:
            yield _shown(now), _shown(until)
        now = until


def _shown(now: float) -> str:
    return dt.datetime.fromtimestamp(now, dt.UTC).strftime("%m-%d %H:%M")


def test_over_midnight_by_the_day_on_which_it_begins() -> None:
    bedtime = hours("mon tue", "21:00", "06:30")
    assert list(spans(bedtime, "2026-01-05 12:00", "2026-01-12 12:00")) == [
        ("01-05 20:00", "01-06 05:30"),
        ("01-06 20:00", "01-07 05:30"),
    ]


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("01:00", "04:00", ("03-29 00:00", "03-29 02:00")),  # an hour less
        ("02:30", "04:00", ("03-29 01:00", "03-29 02:00")),  # begins where clocks go on
        ("01:00", "02:30", ("03-29 00:00", "03-29 01:00")),  # ends there too
        ("01:00", "02:00", ("03-29 00:00", "03-29 01:00")),
        ("03:00", "04:00", ("03-29 01:00", "03-29 02:00")),
    ],
)
def test_when_clocks_are_put_forward(begins: str, ends: str, expected: tuple[str, str]) -> None:
    assert list(spans(hours("sun", begins, ends), "2026-03-28 12:00", "2026-03-29 12:00")) == [expected]


def test_hours_that_clocks_skip_whole_do_not_happen() -> None:
    assert list(spans(hours("sun", "02:10", "02:50"), "2026-03-28 12:00", "2026-03-29 12:00")) == []


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("01:00", "04:00", ("10-24 23:00", "10-25 03:00")),  # an hour more
        ("02:15", "02:45", ("10-25 00:15", "10-25 01:45")),  # once, from the first to the last
        ("02:30", "03:00", ("10-25 00:30", "10-25 02:00")),
        ("01:00", "02:00", ("10-24 23:00", "10-25 00:00")),  # nobody's hour is doubled here
        ("03:00", "04:00", ("10-25 02:00", "10-25 03:00")),
    ],
)
def test_when_clocks_are_put_back(begins: str, ends: str, expected: tuple[str, str]) -> None:
    assert list(spans(hours("sun", begins, ends), "2026-10-24 12:00", "2026-10-25 12:00")) == [expected]


def test_a_whole_day_and_days_that_meet() -> None:
    weekend = hours("sat sun", "00:00", "00:00", "UTC")
    assert list(spans(weekend, "2026-01-05 12:00", "2026-01-12 12:00")) == [("01-10 00:00", "01-12 00:00")]
    assert weekend.end(weekend.at(moment("2026-01-10 05:00"))[1]) == "until mon 00:00"


def test_at_all_hours() -> None:
    always = hours("mon tue wed thu fri sat sun", "09:00", "09:00")
    for now in (moment("2026-03-29 00:59"), moment("2026-03-29 01:00"), moment("2026-06-01 07:00")):
        inside, until = always.at(now)
        assert inside
        assert until > now + 6 * 86400
        assert always.always
        assert always.end(math.inf) == "always"


def test_the_end_is_told_by_the_clocks_of_the_zone() -> None:
    bedtime = hours("mon", "21:00", "06:30", "America/New_York")
    inside, until = bedtime.at(moment("2026-01-06 04:00"))
    assert (inside, bedtime.end(until)) == (True, "until 06:30")


@pytest.mark.parametrize("now", [-1e18, -1.0, 0.0, 1e-9, 2.5e11, 3e11, 1e18])
def test_a_clock_beyond_the_calendar_is_survived(now: float) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        found = hours("mon thu", "21:00", "06:30", zone)
        inside, until = found.at(now)
        assert inside in (True, False)
        assert found.end(until).startswith("until ")


def test_a_zone_that_is_not_known_is_told() -> None:
    with pytest.raises(ValueError, match=r"schedule x: the time zone 'Europe/Atlantis' is not known here"):
        hours("mon", "21:00", "06:30", "Europe/Atlantis")


def test_what_is_said_until_an_edge_is_said_at_every_moment_before() -> None:
    found = hours("sun mon", "02:30", "01:15")
    begin = int(moment("2026-10-24 00:00"))
    for now, later in itertools.pairwise(range(begin, begin + 3 * 86400, 900)):
        inside, until = found.at(now)
        if later < until:
            assert found.at(later) == (inside, until)
        else:
            assert found.at(later)[0] is not inside or later > until
