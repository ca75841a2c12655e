"""From the hours of a schedule to the drawing of its week: a row for each day, today first, 24 hours across. Pure:
templates make SVG of it. Places are by the clocks of the schedule's zone, as people read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from resolver.admin.pages.drawn import Mark
from resolver.admin.planbodies import Stretch
from resolver.admin.weeks import DAYS

HOUR, ROW, GAP = 15.0, 20.0, 4.0
"""The width of an hour, the height of a day, and what is between two days, in units of SVG."""

WIDTH, HEIGHT = 24 * HOUR, DAYS * (ROW + GAP) - GAP

_LEAST = 0.25  # hours: what is shorter is drawn as long
_MARKS = (0, 6, 12, 18, 24)
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WHOLE = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_AS_EVER, _ONCE, _OUT = "force", "once", "out"


class Block(msgspec.Struct, frozen=True):
    """A piece of a day: in force as always ("force"), in force for once ("once"), taken out for once ("out")."""

    kind: str
    x: float
    y: float
    width: float


class Week(msgspec.Struct, frozen=True):
    """The drawing: labels of days at their left and of hours above, blocks, and the place of now in its first row.
    `sentences` say all of it, one for each stretch."""

    days: tuple[Mark, ...]
    hours: tuple[Mark, ...]
    blocks: tuple[Block, ...]
    now: float
    sentences: tuple[str, ...]
    kinds: tuple[str, ...]
    width: float = WIDTH
    height: float = HEIGHT
    row: float = ROW


def week(zone: str, stretches: Sequence[Stretch], now: float) -> Week:
    """The week from the day of `now` (Unix time) on, by the clocks of a zone."""
    known = ZoneInfo(zone)
    local = dt.datetime.fromtimestamp(now, known)
    today = local.date()
    blocks = tuple(block for one in stretches for block in _blocks(one, known, today))
    days = (today + dt.timedelta(days=number) for number in range(DAYS))
    return Week(
        tuple(Mark(number * (ROW + GAP) + 14, _NAMES[day.weekday()]) for number, day in enumerate(days)),
        tuple(Mark(hour * HOUR, str(hour)) for hour in _MARKS),
        blocks,
        round(_hours(local) * HOUR, 1),
        tuple(_sentence(one, known) for one in stretches) or ("It is not in force in the next seven days.",),
        tuple(dict.fromkeys(block.kind for block in blocks)),
    )


def _blocks(one: Stretch, zone: ZoneInfo, today: dt.date) -> Iterator[Block]:
    """A stretch, day by day."""
    begins, ends = (dt.datetime.fromtimestamp(at, zone) for at in (one.begins, one.until))
    kind = _OUT if not one.on else _ONCE if one.why else _AS_EVER
    for number in range(DAYS):
        day = today + dt.timedelta(days=number)
        if not begins.date() <= day <= ends.date():
            continue
        left = _hours(begins) if day == begins.date() else 0.0
        right = _hours(ends) if day == ends.date() else 24.0
        if right > left or begins.date() == ends.date():  # else it ended when that day began
            right = min(max(right, left + _LEAST), 24.0)
            yield Block(kind, round(left * HOUR, 1), number * (ROW + GAP), round((right - left) * HOUR, 1))


def _hours(at: dt.datetime) -> float:
    """What clocks show, in hours."""
    return at.hour + at.minute / 60 + at.second / 3600


def _sentence(one: Stretch, zone: ZoneInfo) -> str:
    begins, ends = (_moment(at, zone) for at in (one.begins, one.until))
    if not one.on:
        return f"Off for once from {begins} until {ends}: {one.why}."
    if one.why:
        return f"In force for once from {begins} until {ends}: {one.why}."
    return f"In force from {begins} until {ends}."


def _moment(at: float, zone: ZoneInfo) -> str:
    local = dt.datetime.fromtimestamp(at, zone)
    return f"{_WHOLE[local.weekday()]} {local:%H:%M}"
