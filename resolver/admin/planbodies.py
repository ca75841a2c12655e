"""The typed bodies of schedules and what people change of them for once. Times are Unix time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Do = Literal["off", "on", "more"]


class Standing(msgspec.Struct, frozen=True):
    """How a schedule is for a group that has it, or for a device with a change of its own: whether it is in force, and
    until when that stays so (None: for more than a week)."""

    client: str
    group: str
    in_force: bool
    until: float | None


class ScheduleChange(msgspec.Struct, frozen=True):
    """A change of a schedule for once: from when until when it is on or off, for whom (neither: every group that has
    it), how people call it, and who made it when."""

    id: int
    schedule: str
    on: bool
    begins: float
    until: float
    client: str
    group: str
    why: str
    who: str
    created: float


class ScheduleInfo(msgspec.Struct, frozen=True):
    """A schedule of the config: it begins on `days` (mon to sun) at `from` and ends at `to`, by the clocks of `zone`;
    the groups that have it, how it is for them, and the changes that are not over."""

    name: str
    days: list[str]
    begins: str = msgspec.field(name="from")
    ends: str = msgspec.field(name="to")
    zone: str
    groups: list[str]
    standing: list[Standing]
    changes: list[ScheduleChange]


class Stretch(msgspec.Struct, frozen=True):
    """A time in which a schedule is in force (`on`), or is not although its hours say so: from when until when. `why`
    is how people call the change for once that makes it so ("": it is as always)."""

    on: bool
    begins: float
    until: float
    why: str = ""


class ScheduleWeek(msgspec.Struct, frozen=True):
    """A schedule for a group that has it, or for a device with a change of its own (neither: nobody has it): today, by
    the clocks of its zone, and the six days after it."""

    schedule: str
    client: str
    group: str
    stretches: list[Stretch]


class NewScheduleChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change to make: `off` (not today, or for so long), `on` (start now, until its usual end or for so long), `more`
    (so many more minutes before it begins, or without it); for whom (neither: every group that has it)."""

    do: Do
    duration: str | int | None = msgspec.field(name="for", default=None)
    client: Annotated[str, Meta(max_length=64)] = ""
    group: Annotated[str, Meta(max_length=64)] = ""


class ScheduleChanged(msgspec.Struct, frozen=True):
    """The change that now holds, and until when it stays so: a schedule that is on goes on into its usual hours (None:
    for good). `effective` tells whether every worker has it, `note` says what not; `hint` that it changes nothing."""

    change: ScheduleChange
    until: float | None
    effective: bool
    note: str = ""
    hint: str = ""


class Normal(msgspec.Struct, frozen=True):
    """How many changes were ended; `effective` and `note` as above."""

    ended: int
    effective: bool
    note: str = ""
