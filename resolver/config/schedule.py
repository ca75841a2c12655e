"""What a config says of a schedule: a part of the schema."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Annotated

from msgspec import Meta, Struct, field

from resolver.config.values import Day, SubtreeName, Target


class Schedule(Struct, frozen=True, kw_only=True):
    """As loaded it has a zone, and `block` no presets and no kinds of services."""

    days: Annotated[
        tuple[Day, ...], Meta(min_length=1, description="The days on which it begins: mon to sun. Every day.")
    ] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    begins: Annotated[dt.time, Meta(description="When it begins, in hours and minutes.")] = field(name="from")
    ends: Annotated[
        dt.time, Meta(description="When it ends; on the next day, unless that is later than it begins.")
    ] = field(name="to")
    zone: Annotated[
        zoneinfo.ZoneInfo | None,
        Meta(description="The time zone of its hours, such as Europe/Berlin. Left out: this machine's."),
    ] = None
    only: Annotated[
        tuple[SubtreeName, ...] | None,
        Meta(description="The names that answer meanwhile, and all below them; no others do, but for the basics."),
    ] = None
    block: Annotated[
        tuple[Target, ...],
        Meta(description="What is blocked meanwhile: names and all below them, service:ID and list:ID."),
    ] = ()
    allow: Annotated[
        tuple[SubtreeName, ...],
        Meta(description="The names that are allowed meanwhile, and all below them, whatever rules and lists say."),
    ] = ()
