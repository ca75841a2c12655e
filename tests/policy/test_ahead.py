"""Until when a verdict really goes on, past edges at which nothing changes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from resolver.model import Client, Type, Verdict
from resolver.policy import ahead
from resolver.policy.decide import decide
from resolver.policy.document import Change, GroupEntry, OwnRule, Pause, ScheduleEntry
from resolver.wire.name import from_text
from tests.support import bundle

HOUR, DAY = 3600.0, 86_400.0
EVERY_DAY = tuple(range(7))
NOON = 12 * HOUR  # of a Thursday
KID = Client("192.0.2.20", "kids")
BEDTIME = ScheduleEntry("bedtime", EVERY_DAY, 21 * 60, 6 * 60 + 30, "UTC", only=("school.example",))
HOMEWORK = ScheduleEntry("until four", EVERY_DAY, 14 * 60, 16 * 60, "UTC", block=("games.example",))
ALWAYS = ScheduleEntry("never", EVERY_DAY, 0, 0, "UTC", block=("casino.example",))
SUNDAYS = ScheduleEntry("sundays", (6,), 0, 0, "UTC", block=("work.example",))


def until(name: str, now: float, **fields: Any) -> float:
    schedules = (BEDTIME, HOMEWORK, ALWAYS, SUNDAYS)
    groups = (GroupEntry("default"), GroupEntry("kids", schedules=tuple(one.name for one in schedules)))
    policy = bundle(groups=groups, schedules=schedules, basics=("ntp.example",), **fields)
    return ahead.changes(lambda at: decide(from_text(name), name, Type.A, KID, policy, at), now)


@pytest.mark.parametrize(
    ("name", "now", "then"),
    [
        ("shop.example", NOON, 21 * HOUR),  # homework says nothing of it
        ("games.example", NOON, 14 * HOUR),
        ("games.example", 15 * HOUR, 16 * HOUR),
        ("shop.example", 22 * HOUR, DAY + 6.5 * HOUR),
        ("ntp.example", NOON, math.inf),  # one of the basics
        ("ntp.example", 22 * HOUR, math.inf),
        ("casino.example", NOON, math.inf),  # the text of the rule changes with none of the edges
        ("work.example", NOON, 21 * HOUR),
        ("school.example", 22 * HOUR, DAY + 6.5 * HOUR),
    ],
)
def test_schedules_that_bear_on_a_name(name: str, now: float, then: float) -> None:
    assert until(name, now) == then


def test_a_rule_of_ones_own_that_outlasts_a_schedule() -> None:
    allow = OwnRule("allow", "shop.example", until=22 * HOUR)
    assert until("shop.example", 20 * HOUR, rules=(allow,)) == 22 * HOUR
    deny = OwnRule("deny", "shop.example")
    assert until("shop.example", NOON, rules=(deny,)) == 21 * HOUR
    assert until("ntp.example", NOON, rules=(OwnRule("deny", "ntp.example"),)) == math.inf


def test_an_end_beyond_a_week_is_told() -> None:
    allow = OwnRule("allow", "shop.example", until=30 * DAY)
    assert until("shop.example", NOON, rules=(allow,)) == 30 * DAY
    assert until("ntp.example", NOON, pauses=(Pause(30 * DAY),)) == 30 * DAY


def test_a_trial_is_known_for_seconds_but_told_to_its_end() -> None:
    trial = OwnRule("allow", "shop.example", until=NOON + 600, origin="trial")
    assert until("shop.example", NOON, rules=(trial,)) == NOON + 600


def test_what_was_started_goes_on_into_its_hours() -> None:
    started = Change("bedtime", on=True, begins=NOON, until=DAY + 6.5 * HOUR, why="started now")
    assert until("shop.example", NOON, changes=(started,)) == DAY + 6.5 * HOUR


def test_a_verdict_that_never_moves_on_is_no_endless_loop() -> None:
    asked: list[float] = []

    def stuck(at: float) -> Verdict:
        asked.append(at)
        return decide(from_text("a.example"), "a.example", Type.A, KID, policy, NOON)

    policy = bundle(groups=(GroupEntry("default"), GroupEntry("kids", schedules=("bedtime",))), schedules=(BEDTIME,))
    assert ahead.changes(stuck, NOON) == math.inf
    assert len(asked) == 2
