"""How schedules stand, in sentences: what is in force, what comes next, and when. Shared by the pages that show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import msgspec

from resolver.admin.planbodies import ScheduleInfo
from resolver.admin.service import Service

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Standing(msgspec.Struct, frozen=True):
    """A schedule for a device or a group: whether it is `on`, until when that stays so (None: for more than a week),
    and whether something is `changed` of it for just these."""

    schedule: str
    client: str
    group: str
    on: bool
    until: float | None
    changed: bool
    sentence: str


async def standing_of(asked: Service, scope: str, group: str) -> list[Standing]:
    """How its schedules stand for a device that rules call `scope` ("": nothing), and that is in a group."""
    infos, now = await asked.planning.every(), asked.clock.time()
    if not scope:
        return [one for info in infos for one in standing(info, now) if not one.client and one.group == group]
    known = {info.name: info for info in infos}
    return [
        Standing(
            name,
            scope,
            "",
            on,
            until,
            any(one.client.lower() == scope for one in known[name].changes),
            sentence(known[name], now, on, until, ""),
        )
        for name, on, until in asked.planning.of_device(scope)
        if name in known
    ]


def standing(info: ScheduleInfo, now: float) -> list[Standing]:
    """How a schedule stands for each group that has it, and each device with a change of its own."""
    return [
        Standing(
            info.name,
            one.client,
            one.group,
            one.in_force,
            one.until,
            any((change.client, change.group) == (one.client, one.group) for change in info.changes),
            sentence(info, now, one.in_force, one.until, one.client or one.group),
        )
        for one in info.standing
    ]


def next_edge(every: Iterable[Standing]) -> Standing | None:
    """The one that changes soonest."""
    return min((one for one in every if one.until is not None), key=lambda one: one.until or 0.0, default=None)


def sentence(info: ScheduleInfo, now: float, on: bool, until: float | None, whom: str) -> str:
    """Bedtime begins at 21:00, in 2 hours, for kids."""
    said = f" for {whom}" if whom else ""
    if until is None:
        return f"{info.name} is in force without end{said}." if on else f"{info.name} does not begin this week{said}."
    at, ahead = clock(until, info.zone, now), away(until - now)
    if on:
        return f"{info.name} is in force{said}. It ends at {at}, {ahead}."
    return f"{info.name} begins at {at}, {ahead}{',' if said else ''}{said}."


def clock(at: float, zone: str, now: float) -> str:
    """What clocks show then: with the day, unless it is within one."""
    local = dt.datetime.fromtimestamp(at, ZoneInfo(zone))
    return f"{local:%H:%M}" if abs(at - now) < _DAY else f"{local:%H:%M on %A}"


def away(seconds: float) -> str:
    """How far ahead: in 5 minutes, in 2 hours and 10 minutes, in 3 days."""
    minutes = max(1, round(seconds / _MINUTE))
    if minutes < 60:
        return f"in {_many(minutes, 'minute')}"
    hours, rest = divmod(minutes, 60)
    if hours < 6 and rest:
        return f"in {_many(hours, 'hour')} and {_many(rest, 'minute')}"
    if hours < 48:
        return f"in {_many(round(seconds / _HOUR), 'hour')}"
    return f"in {_many(round(seconds / _DAY), 'day')}"


def whom(groups: Sequence[str]) -> str:
    """kids; kids and teens; kids, teens and guests."""
    return " and ".join(filter(None, (", ".join(groups[:-1]), *groups[-1:])))


def _many(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
