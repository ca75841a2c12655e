"""A week of a schedule as stretches, where the drawing does not show it."""

from functools import partial

import pytest

from resolver.admin.planbodies import Stretch
from resolver.admin.weeks import bounds, stretches
from resolver.model import Client
from resolver.policy.document import Change, Document, GroupEntry, ScheduleEntry
from resolver.policy.overriding import Overridden, State
from resolver.policy.schedules import Timetable, Timetables
from tests.admin.parts import NOON

HOUR = 3600.0
BEDTIME = ScheduleEntry("bedtime", (0, 1, 2, 3, 4, 5, 6), 21 * 60, 6 * 60 + 30, "UTC", only=())
STUDY = ScheduleEntry("study", (3,), 15 * 60, 17 * 60, "UTC", only=())


def timetable(*changes: Change) -> Timetable:
    group = GroupEntry("kids", schedules=("bedtime", "study"))
    document = Document(groups=(group,), schedules=(BEDTIME, STUDY), changes=changes)
    found = Timetables(document, {}).of(Client("", "kids"), "kids")
    assert found is not None
    return found


def test_each_schedule_of_a_timetable_has_its_own_week() -> None:
    since, until = bounds("UTC", NOON)
    assert (since, until) == (NOON - 12 * HOUR, NOON + 6.5 * 24 * HOUR)
    assert stretches(partial(timetable().edge, "study"), since, until) == [
        Stretch(True, NOON + 3 * HOUR, NOON + 5 * HOUR)
    ]
    nights = stretches(partial(timetable().edge, "bedtime"), since, until)
    assert len(nights) == 8
    assert (nights[0].begins, nights[-1].until) == (since, until), "no more than the days that are asked for"
    assert stretches(partial(timetable().edge, "unknown"), since, until) == []


def test_a_week_looks_at_no_other_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten schedules ten weeks are shown: that is not to be a hundred."""
    looks: list[Overridden] = []
    at = Overridden.at

    def counted(self: Overridden, now: float) -> State:
        looks.append(self)
        return at(self, now)

    monkeypatch.setattr(Overridden, "at", counted)
    stretches(partial(timetable().edge, "study"), *bounds("UTC", NOON))
    assert (len(set(map(id, looks))), 0 < len(looks) < 6) == (1, True)


def test_a_change_over_the_edge_of_hours_is_seen_as_what_it_makes_of_them() -> None:
    """It is on two hours earlier for once, and goes on into its usual hours."""
    early = Change("study", True, NOON + HOUR, NOON + 4 * HOUR, why="started now")
    found = stretches(partial(timetable(early).edge, "study"), *bounds("UTC", NOON))
    assert found == [
        Stretch(True, NOON + HOUR, NOON + 3 * HOUR, "started now"),
        Stretch(True, NOON + 3 * HOUR, NOON + 5 * HOUR),
    ]


def test_it_ends_where_calendars_do() -> None:
    def still(at: float) -> State:
        return State(True, at, at)

    assert stretches(still, 0.0, 10.0) == []
