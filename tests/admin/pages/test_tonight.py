"""How schedules stand, in sentences."""

from __future__ import annotations

import pytest

from resolver.admin.pages.tonight import Standing, away, clock, next_edge, sentence, whom
from resolver.admin.planbodies import ScheduleInfo
from tests.admin.parts import NOON

HOUR = 3600
BEDTIME = ScheduleInfo("bedtime", ["thu"], "21:00", "06:30", "Europe/Berlin", ["kids"], [], [])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (20, "in 1 minute"),
        (59 * 60, "in 59 minutes"),
        (3600, "in 1 hour"),
        (2 * 3600 + 61, "in 2 hours and 1 minute"),
        (9 * 3600 + 900, "in 9 hours"),
        (4 * 86_400, "in 4 days"),
    ],
)
def test_how_far_ahead(seconds: float, said: str) -> None:
    assert away(seconds) == said


def test_sentences() -> None:
    def said(on: bool, until: float | None, whom: str = "kids") -> str:
        return sentence(BEDTIME, NOON, on, until, whom)

    assert said(False, NOON + 8 * HOUR) == "bedtime begins at 21:00, in 8 hours, for kids."
    assert said(False, NOON + 8 * HOUR, "") == "bedtime begins at 21:00, in 8 hours."
    assert said(False, NOON + 32 * HOUR) == "bedtime begins at 21:00 on Friday, in 32 hours, for kids."
    assert said(True, NOON + 1800) == "bedtime is in force for kids. It ends at 13:30, in 30 minutes."
    assert said(True, None, "") == "bedtime is in force without end."
    assert said(False, None) == "bedtime does not begin this week for kids."


def test_clocks_are_those_of_the_zone() -> None:
    assert clock(NOON, "Asia/Tokyo", NOON) == "21:00"
    assert clock(NOON + 25 * HOUR, "UTC", NOON) == "13:00 on Friday"


def test_those_whom_it_is_for() -> None:
    assert [whom(names) for names in ([], ["kids"], ["kids", "teens"], ["a", "b", "c"])] == [
        "",
        "kids",
        "kids and teens",
        "a, b and c",
    ]


def test_what_comes_next() -> None:
    def standing(until: float | None) -> Standing:
        return Standing("bedtime", "", "kids", False, until, False, "")

    assert next_edge([standing(None), standing(NOON + 2.0), standing(NOON + 1.0)]) == standing(NOON + 1.0)
    assert next_edge([standing(None)]) is None
