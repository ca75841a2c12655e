"""What is shown of a list."""

from __future__ import annotations

from typing import Literal

import msgspec

from resolver.lists.fetch import shown
from resolver.lists.listed import Listed
from resolver.rules.compile import Sample, SourceReport

SAMPLES = 20
"""How many skipped lines are shown."""


class ListState(msgspec.Struct, frozen=True):
    """A list as the admin shows it. Times are Unix times, 0.0 for never; `url` is without secrets.

    `state`: "waiting" has no version yet; "failing" has one, but the last check failed, with `error`; "ok".
    `rules`, `lines`, `skipped` (in all, by reason, and the first of those lines) are of the last compile with it.
    `fetched` is when a version was last received, `changed` when it last became another one.
    """

    id: str
    title: str
    kind: Literal["block", "allow"]
    url: str
    file: str
    syntax: str
    rules: int
    lines: int
    skipped: int
    skipped_by: dict[str, int]
    samples: list[Sample]
    bytes: int
    fetched: float
    checked: float
    changed: float
    next_check: float
    error: str
    state: Literal["ok", "waiting", "failing"]


def state_of(listed: Listed, report: SourceReport | None, now: float) -> ListState:
    """What is shown of a list at `now`, with its report from the last compile that it was in."""
    wanted, meta, there = listed.wanted, listed.meta, listed.has_version
    skipped = report.skipped if report else {}
    return ListState(
        id=wanted.id,
        title=wanted.title,
        kind=wanted.kind,
        url=shown(meta.url if meta.url in wanted.urls else wanted.urls[0]) if wanted.urls else "",
        file=str(wanted.file) if wanted.file else "",
        syntax=wanted.syntax,
        rules=report.rules if report else meta.rules if there else 0,
        lines=report.lines if report else 0,
        skipped=sum(skipped.values()),
        skipped_by=skipped,
        samples=report.samples[:SAMPLES] if report else [],
        bytes=meta.bytes if there else 0,
        fetched=meta.fetched if there else 0.0,
        checked=meta.checked,
        changed=meta.changed if there else 0.0,
        next_check=max(listed.due(now), now),
        error=meta.error,
        state="waiting" if not there else "failing" if meta.error else "ok",
    )
