"""Moments as people type them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.moments import absolute, moment
from resolver.errors import TextError

BERLIN = "Europe/Berlin"


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", BERLIN)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


NOW = at("2026-11-22T14:00:00+01:00")  # a Sunday


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("21:30", "2026-11-22T21:30:00+01:00"),
        ("13:59", "2026-11-23T13:59:00+01:00"),
        ("14:00", "2026-11-23T14:00:00+01:00"),
        ("7:05", "2026-11-23T07:05:00+01:00"),
        ("mon 21:30", "2026-11-23T21:30:00+01:00"),
        ("Monday 21:30", "2026-11-23T21:30:00+01:00"),
        ("sun 21:30", "2026-11-22T21:30:00+01:00"),
        ("sun 13:00", "2026-11-29T13:00:00+01:00"),
        ("2026-11-23 07:00", "2026-11-23T07:00:00+01:00"),
        ("2026-07-01T07:00", "2026-07-01T07:00:00+02:00"),
        ("2027-01-01", "2027-01-01T00:00:00+01:00"),
        ("2026-11-23T07:00-05:00", "2026-11-23T13:00:00+01:00"),
        ("2026-11-23t06:00:30z", "2026-11-23T07:00:30+01:00"),
        ("2026-11-23 07:00:00+00:00", "2026-11-23T08:00:00+01:00"),
        ("+30m", "2026-11-22T14:30:00+01:00"),
        (" +1d ", "2026-11-23T14:00:00+01:00"),
        ("1795266000", "2026-11-21T14:00:00+01:00"),
    ],
)
def test_moments(text: str, then: str) -> None:
    assert moment(text, NOW) == at(then)


def test_by_the_clocks_of_the_day_they_are_on() -> None:
    before = at("2026-03-28T12:00:00+01:00")
    assert moment("sun 12:00", before) == at("2026-03-29T12:00:00+02:00")


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "21:60", "mon", "fry 21:30", "2026-13-01", "2026-02-30 10:00", "+", "+-5m", "30m", "5"],
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(TextError):
        moment(text, NOW)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_an_error(text: str) -> None:
    try:
        assert isinstance(moment(text, NOW), float)
    except TextError as error:
        assert str(error).isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("21:30", "2026-11-22T21:30:00+01:00"),
        ("2026-07-01", "2026-07-01T00:00:00+02:00"),
        ("+30m", "2026-11-22T14:30:00+01:00"),
        ("2026-11-23T07:00Z", "2026-11-23T08:00:00+01:00"),
    ],
)
def test_what_is_typed_here_is_told_so_that_every_machine_understands_it(
    text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = absolute(text, NOW)
    assert told == said
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    assert moment(told, NOW + 99) == at(said)


def test_beyond_the_calendar() -> None:
    with pytest.raises(TextError, match="is beyond the calendar"):
        absolute("9999-12-31T23:59-10:00", NOW)
    with pytest.raises(TextError, match="is not a moment"):
        absolute("2026-11-23T07:00+99:00", NOW)
