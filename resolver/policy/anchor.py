"""Ends that stay where they are when somebody sets the machine's clock: "for ten minutes" is ten minutes. Pure.

What people made ends at a moment of Unix time, which jumps when the clock is set; the machine's monotonic clock does
not. The difference of the two, kept beside the ends, tells by how much they are to be moved.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from resolver.policy.bundle import Bundle
from resolver.policy.document import Document, OwnRule, SiteEntry

E = TypeVar("E", OwnRule, SiteEntry)

STEP = 1.0
"""Seconds: by less than this a clock is disciplined, not set."""


def stepped(before: float, now: float) -> bool:
    """Whether the clock was set between two offsets (seconds by which Unix time runs ahead of the monotonic clock)."""
    return abs(now - before) > STEP


def anchored(document: Document, boot: str, offset: float) -> Document:
    """The document with every end and beginning where it belongs on a clock that is `offset` seconds ahead of the
    monotonic one, on the machine's boot `boot` (its boot id). The same object when nothing is to be moved; of another
    boot, or where boots cannot be told apart (""), nothing is known."""
    if not boot or document.boot != boot or not stepped(document.offset, offset):
        return document
    moved = offset - document.offset
    return replace(
        document,
        rules=tuple(_ending(rule, moved) for rule in document.rules),
        pauses=tuple(replace(pause, until=pause.until + moved) for pause in document.pauses),
        sites=tuple(_ending(site, moved) for site in document.sites),
        changes=tuple(
            replace(change, begins=change.begins + moved, until=change.until + moved) for change in document.changes
        ),
        offset=offset,
    )


def in_time(bundle: Bundle, boot: str, offset: float) -> Bundle:
    """The bundle with its document anchored so; the same object when nothing is to be moved."""
    document = anchored(bundle.document, boot, offset)
    return bundle if document is bundle.document else bundle.over(document)


def _ending(item: E, moved: float) -> E:
    return item if item.until is None else replace(item, until=item.until + moved)
