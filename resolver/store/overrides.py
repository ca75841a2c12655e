"""Changes of schedules for once, in the database: one for a schedule and a scope."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from resolver.store import words
from resolver.store.tables import overrides
from resolver.store.trail import Trail


class NewOverride(msgspec.Struct, frozen=True):
    """From `begins` until `until` (Unix times) a schedule is in force (`on`) or not, for a client, a group, or (both
    empty) every group that has it. `why` is how people call it: "not today", "30 more minutes"."""

    schedule: str
    on: bool
    begins: float
    until: float
    client: str = ""
    group: str = ""
    why: str = ""
    who: str = ""


class Override(NewOverride, frozen=True, kw_only=True):
    """One that is stored."""

    id: int
    created: float


def put(trail: Trail, new: NewOverride) -> Override:
    """Add a change; it takes the place of the one of the same schedule and scope."""
    end(trail, new.schedule, new.client, new.group)
    return Override(**trail.insert(overrides, {**msgspec.structs.asdict(new), "created": trail.now}))


def end(trail: Trail, schedule: str, client: str = "", group: str = "") -> list[Override]:
    """End the change of a schedule and scope, whether it has begun or not; returns what there was."""
    of = overrides.c
    found = trail.rows(overrides, of.schedule == schedule, of.client == client, of.group == group)
    for row in found:
        trail.delete(overrides, row)
    return [Override(**row) for row in found]


def told(new: NewOverride, now: float) -> str:
    how = new.why or ("on" if new.on else "off") + words.lasting(new.until, max(now, new.begins))
    return f"schedule {new.schedule}: {how}{words.scope(new.client, new.group)}"


def told_ended(ended: Sequence[Override]) -> str:
    return f"schedule {ended[0].schedule}: as usual again{words.scope(ended[0].client, ended[0].group)}"
