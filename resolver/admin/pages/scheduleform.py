"""The form of a schedule: what stands in it, and what it says as a config would."""

from __future__ import annotations

from typing import Any

import msgspec

from resolver.admin.pages.choosing import said as told
from resolver.admin.service import Service

DAYS = (
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
)
FIELDS = ("name", "days", "from", "to", "zone", "only", "block", "allow")
"""The fields beside which something can be wrong."""


class Form(msgspec.Struct, frozen=True):
    """`name` is the schedule that is edited; "" for a new one. Names stand one a line. `chosen` says by whom it was
    chosen, if it was; then `filed` tells whether the config file has it too."""

    name: str
    days: tuple[str, ...] = ()
    begins: str = "21:00"
    ends: str = "06:30"
    zone: str = ""
    closed: bool = False
    only: str = ""
    block: str = ""
    allow: str = ""
    chosen: str = ""
    filed: bool = True
    every: tuple[tuple[str, str], ...] = DAYS
    fields: tuple[str, ...] = FIELDS


def blank(asked: Service) -> Form:
    """The form of a new schedule, in the zone of another if there is one."""
    zones = [one.zone.key for one in asked.config.schedules.values() if one.zone is not None]
    return Form("", tuple(day for day, _ in DAYS), zone=next(iter(zones), "") or "")


def form_of(asked: Service, name: str) -> Form:
    """The form of a schedule there is: as people wrote it, in words for many services or lists too."""
    info = asked.choices.of(f"schedules.{name}")
    said: dict[str, Any] = info.value if isinstance(info.value, dict) else {}
    return Form(
        name,
        tuple(said.get("days") or (day for day, _ in DAYS)),
        str(said.get("from", "")),
        str(said.get("to", "")),
        str(said.get("zone") or ""),
        said.get("only") is not None,
        "\n".join(said.get("only") or ()),
        "\n".join(said.get("block") or ()),
        "\n".join(said.get("allow") or ()),
        told(info) if info.chosen else "",
        bool(info.line),
    )


def value(fields: dict[str, str]) -> dict[str, object]:
    """What a form that was sent says, as a config would. What is wrong with it, the config says."""
    found: dict[str, object] = {
        "days": [day for day, _ in DAYS if fields.get(f"on-{day}")],
        "from": fields.get("from", "").strip(),
        "to": fields.get("to", "").strip(),
    }
    if zone := fields.get("zone", "").strip():
        found["zone"] = zone
    if fields.get("closed"):
        found["only"] = lines(fields.get("only", ""))
    for key in ("block", "allow"):
        if names := lines(fields.get(key, "")):
            found[key] = names
    return found


def lines(text: str) -> list[str]:
    """What stands in a field, one a line or with commas or blanks between."""
    return text.replace(",", " ").split()
