"""How changes are called, in words that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def scope(client: str, group: str) -> str:
    """For whom something is: " for tv", " for group kids", or nothing for everyone."""
    return f" for {client}" if client else f" for group {group}" if group else ""


def lasting(until: float | None, now: float) -> str:
    """For how long something is: " for 10 min", or nothing for good."""
    if until is None:
        return ""
    seconds = max(round(until - now), 0)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f" for {seconds // size} {unit}"
    if seconds < 120:
        return f" for {seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return (
        f" for {hours} h {minutes} min" if hours and minutes else f" for {hours} h" if hours else f" for {minutes} min"
    )


def row(table: str, it: Mapping[str, Any]) -> str:
    """What a row of a table is, for whom."""
    whom = scope(str(it.get("client", "")), str(it.get("group", "")))
    match table:
        case "rules":
            return f"{it['action']} {'exact ' if it['exact'] else ''}{it['text'] or it['name']}{whom}"
        case "pauses":
            return f"the pause{whom or ' for everyone'}"
        case "sites":
            return f"the site rule of {it['site']}{whom}"
        case "overrides":
            return f"the change of schedule {it['schedule']}{whom}"
        case "devices":
            return f"the device {it['name'] or it['host'] or it['mac'] or it['id']}"
        case "choices":
            return f"what is chosen for {it['path']}"
        case "addresses":
            return f"the address {it['address']}"
    return f"a row of {table}"
