"""Rows of the log for who wants to know what was blocked: a name once, though a device asks for it in several types."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from resolver.admin.bodies import LogEntry

MORE = 4
"""Rows to read for each that is shown: a browser asks for A, AAAA and HTTPS, and may ask twice."""


def folded(entries: Iterable[LogEntry], most: int) -> list[LogEntry]:
    """The first so many, newest first as they come; each stands for those after it of the same device and name that the
    same rule decided, and counts them. Where names are not kept, each row stands for itself."""
    found: dict[tuple[str, ...], LogEntry] = {}
    for one in entries:
        key = (one.client, one.group, one.name, one.list, one.rule, one.via) if one.name else (str(one.id),)
        before = found.get(key)
        found[key] = one if before is None else replace(before, count=before.count + one.count)
    return list(found.values())[:most]
