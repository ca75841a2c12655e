"""The day in figures, wherever in the world and the year it is."""

import os
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from resolver.admin.pages.today import HOURS, morning, since, today
from resolver.store.statistics import HourTotals, Totals

PLACES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Chatham", "Australia/Lord_Howe")
SPRING, AUTUMN = 1_774_746_000, 1_792_890_000
"""Nights in which the clocks of Berlin are changed (2026-03-29 01:00 and 2026-10-25 01:00 UTC)."""


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setitem(os.environ, "TZ", request.param)
    time.tzset()
    yield str(request.param)
    monkeypatch.undo()
    time.tzset()


def counted(hours: dict[int, dict[str, int]]) -> Totals:
    return Totals(0, {}, {}, [HourTotals(at, verdicts) for at, verdicts in hours.items()])


def test_the_day_begins_at_midnight_and_the_chart_a_day_ago(place: str) -> None:
    for now in range(SPRING - 90_000, SPRING + 90_000, 1800):
        at = since(now)
        midnight = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0).timestamp()
        shown = today(counted({}), now)
        assert len(shown.hours) == len(shown.chart.columns) == HOURS
        assert shown.hours[-1].at <= now < shown.hours[-1].at + 3600
        assert at <= midnight, place
        assert at <= shown.hours[0].at


def test_what_counts_for_today(place: str) -> None:
    now = AUTUMN + 40_000
    first = int(since(now)) // 3600 * 3600
    shown = today(counted({at: {"pass": 3, "block": 1, "refused": 1} for at in range(first, now, 3600)}), now)
    midnight = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0).timestamp()
    hours = (now - midnight // 3600 * 3600) // 3600 + 1
    assert (shown.queries, shown.blocked) == (5 * hours, hours), place
    assert all((hour.passed, hour.blocked) == (4, 1) for hour in shown.hours)
    assert "120 queries in the last 24 hours, 20.0 % of them blocked." in shown.chart.words


def test_the_morning_is_the_next_one(place: str) -> None:
    for night in (SPRING, AUTUMN):
        for now in range(night - 90_000, night + 90_000, 900):
            found = morning(now)
            there = datetime.fromtimestamp(found.at)
            assert 0 < found.at - now <= 25 * 3600
            assert (there.hour, there.minute, found.clock) == (7, 0, "07:00"), place
            assert found.tomorrow is (there.date() != datetime.fromtimestamp(now).date())


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "Nothing was asked in the last 24 hours."),
        ({"block": 1}, "One query in the last 24 hours."),
        ({"pass": 2}, "2 queries in the last 24 hours, 0.0 % of them blocked. The hour with most, 2, began at "),
    ],
)
def test_what_can_be_seen_in_it_is_said(counts: dict[str, int], words: str) -> None:
    shown = today(counted({AUTUMN // 3600 * 3600: counts}), AUTUMN + 60)
    assert shown.chart.words.startswith(words)
    assert shown.asked is bool(counts)
