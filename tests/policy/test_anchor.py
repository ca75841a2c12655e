"""Ends stay where they are when the clock is set, by whatever it is set."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model import Allow, Client
from resolver.policy.anchor import anchored, in_time, stepped
from resolver.policy.decide import decide
from resolver.policy.document import Change, Document, OwnRule, Pause, ScheduleEntry, SiteEntry
from tests.support import bundle, wire

YEAR = 365 * 86_400.0
MADE = Document(
    schedules=(ScheduleEntry("bedtime", (0,), 1260, 390, "UTC"),),
    rules=(OwnRule("allow", "a", until=100.0), OwnRule("deny", "b")),
    pauses=(Pause(200.0),),
    sites=(SiteEntry("s", until=300.0), SiteEntry("t")),
    changes=(Change("bedtime", on=False, begins=400.0, until=500.0),),
    boot="this",
    offset=1000.0,
)


@given(st.floats(-50 * YEAR, 50 * YEAR).filter(lambda by: abs(by) > 1))
def test_everything_that_ends_or_begins_is_moved_and_nothing_else(by: float) -> None:
    moved = anchored(MADE, "this", 1000.0 + by)
    by = moved.offset - MADE.offset  # to the last bit
    assert moved.rules == (OwnRule("allow", "a", until=100.0 + by), OwnRule("deny", "b"))
    assert moved.pauses == (Pause(200.0 + by),)
    assert moved.sites == (SiteEntry("s", until=300.0 + by), SiteEntry("t"))
    assert moved.changes == (Change("bedtime", on=False, begins=400.0 + by, until=500.0 + by),)
    assert (moved.schedules, moved.offset) == (MADE.schedules, 1000.0 + by)
    assert anchored(moved, "this", 1000.0 + by) is moved


@pytest.mark.parametrize(
    ("boot", "offset"), [("this", 1000.0), ("this", 1001.0), ("this", 999.0), ("another", 5000.0), ("", 5000.0)]
)
def test_a_clock_that_was_not_set_or_of_which_nothing_is_known_moves_nothing(boot: str, offset: float) -> None:
    assert anchored(MADE, boot, offset) is MADE


def test_boots_that_cannot_be_told_apart_are_not_taken_for_one() -> None:
    unknown = Document(rules=MADE.rules, boot="", offset=1000.0)
    assert anchored(unknown, "", 5000.0) is unknown


@pytest.mark.parametrize(
    ("before", "now", "is_step"), [(0, 1, False), (0, 1.01, True), (0, -1.01, True), (5, 5, False)]
)
def test_by_more_than_a_second_it_was_set(before: float, now: float, is_step: bool) -> None:
    assert stepped(before, now) is is_step


def test_a_bundle_goes_on_over_the_same_names() -> None:
    rules = (OwnRule("allow", "x.example", until=100.0),)
    made = bundle({"ads": "||x.example^"}, rules=rules, boot="this", offset=1000.0)
    assert in_time(made, "this", 1000.5) is made
    moved = in_time(made, "this", 1000.0 + YEAR)
    assert moved.names is made.names
    assert moved.generation == made.generation
    for now, allowed in ((99.0, True), (100.0, False)):
        verdict = decide(wire("x.example"), "x.example", 1, Client("192.0.2.1", "default"), moved, now + YEAR)
        assert isinstance(verdict, Allow) is allowed
        assert verdict.until == (100.0 + YEAR if allowed else math.inf)
