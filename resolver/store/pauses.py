"""Pauses, in the database."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from resolver.store import words
from resolver.store.tables import pauses
from resolver.store.trail import Row, Trail


class NewPause(msgspec.Struct, frozen=True):
    """Blocking paused until a Unix time, for a client (an address, or a device's name in small letters), a group, or
    (both empty) everyone."""

    until: float
    client: str = ""
    group: str = ""
    who: str = ""


class Pause(NewPause, frozen=True, kw_only=True):
    """A pause that is stored."""

    id: int
    created: float


class Paused(msgspec.Struct, frozen=True):
    """What adding a pause came to: the pause that now holds, whether it is new, and those that gave way to it."""

    pause: Pause
    created: bool
    replaced: tuple[Pause, ...] = ()


def pause(trail: Trail, new: NewPause) -> Paused:
    """Add a pause, unless one of the same scope lasts at least as long; one that ends sooner gives way."""
    same = _of(trail, new.client, new.group)
    for row in same:
        if row["until"] >= new.until:
            return Paused(Pause(**row), created=False)
    for row in same:
        trail.delete(pauses, row)
    made = trail.insert(pauses, {**msgspec.structs.asdict(new), "created": trail.now})
    return Paused(Pause(**made), created=True, replaced=tuple(Pause(**row) for row in same))


def end(trail: Trail, id: int | None = None, client: str = "", group: str = "") -> list[Pause]:
    """End one pause by its id, or those of a client or group, or (nothing given) all; returns those that were in
    force."""
    if id is not None:
        found = trail.rows(pauses, pauses.c.id == id)
    elif client or group:
        found = _of(trail, client, group)
    else:
        found = trail.rows(pauses)
    for row in found:
        trail.delete(pauses, row)
    return [Pause(**row) for row in found]


def told(new: NewPause, now: float) -> str:
    return f"pause{words.scope(new.client, new.group) or ' for everyone'}{words.lasting(new.until, now)}"


def told_ended(ended: Sequence[Pause]) -> str:
    if len(ended) == 1:
        return f"end {words.row('pauses', msgspec.structs.asdict(ended[0]))}"
    return f"end {len(ended)} pauses"


def _of(trail: Trail, client: str, group: str) -> list[Row]:
    return trail.rows(pauses, pauses.c.client == client, pauses.c.group == group)
