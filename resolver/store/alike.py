"""Which rows say the same, or the opposite, of the same thing: of each table only one such may stand."""

from __future__ import annotations

from typing import Any

from resolver.store.trail import Row

COLUMNS = {
    "rules": ("name", "text", "exact", "client", "group"),
    "pauses": ("client", "group"),
    "sites": ("site", "client", "group"),
    "overrides": ("schedule", "client", "group"),
    "devices": ("name",),
    "choices": ("path",),
}
"""The columns in which no two rows of a table are alike."""


def identity(table: str, row: Row) -> tuple[Any, ...]:
    """Equal for two rows of a table that are alike. A rule with an end stands beside one without; devices that nobody
    named are as many as they are."""
    if table == "devices":
        return (row["name"].lower() or row["id"],)
    lasting = table == "rules" and row["until"] is None
    return (*(row[name] for name in COLUMNS[table]), lasting)
