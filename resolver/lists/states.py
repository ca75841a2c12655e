"""What is shown of a list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from resolver.lists.fetch import shown
from resolver.lists.listed import Listed
from resolver.lists.sources import Held, Turned
from resolver.paths import STARTER
from resolver.rules.compile import Sample, SourceReport

SAMPLES = 20
"""How many skipped lines are shown."""


class Version(msgspec.Struct, frozen=True):
    """A version that is kept; `current` is the one in force. `received` is Unix time, `url` without secrets or a file's
    path; `rules` is 0 while they are not counted."""

    sha256: str
    received: float
    rules: int
    bytes: int
    url: str
    current: bool


class Refused(msgspec.Struct, frozen=True):
    """The version that was refused: why, and when (Unix time); `rules` is 0 for what is no list at all."""

    reason: str
    at: float
    rules: int
    bytes: int
    sha256: str


class ListState(msgspec.Struct, frozen=True):
    """A list as the admin shows it. Times are Unix times, 0.0 for never; `url` is without secrets.

    `state`: "waiting" has no version yet; "failing" has one, but the last check failed, with `error`; "ok".
    `rules`, `lines`, `skipped` (in all, by reason, and the first of those lines) are of the last compile with it, as
    are `patterns`, `names` (distinct), and `shared`: how many of these another list holds too.
    `fetched` is when a version was last received, `changed` when another one last came into force. `versions` are those
    that are kept, newest first; those before the current one were left for it, with the reason in `note`. `refused` is
    the version that was not taken, `everything` the first lines that match every name.
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
    mode: Literal["live", "shadow"] = "live"
    patterns: int = 0
    names: int = 0
    shared: int = 0
    refused: Refused | None = None
    versions: list[Version] = []
    note: str = ""
    everything: list[Sample] = []


def in_use(active: Sequence[Listed], configured: Collection[str], held: Collection[str]) -> list[Listed]:
    """Of the lists that are kept up those in use: the starter list only when the config names it, or when it stands in
    for a list that the compiled set does not hold. `configured` and `held` are ids."""
    others = [listed.wanted for listed in active if listed.wanted.id != STARTER]
    missing = any(one.kind == "block" and one.mode == "live" and one.id not in held for one in others)
    stands = missing or STARTER in configured
    return [listed for listed in active if listed.wanted.id != STARTER or stands]


def state_of(listed: Listed, report: SourceReport | None, now: float) -> ListState:
    """What is shown of a list at `now`, with its report from the last compile that it was in."""
    wanted, meta, version, turned = listed.wanted, listed.meta, listed.version, listed.refused
    skipped = report.skipped if report else {}
    return ListState(
        id=wanted.id,
        title=wanted.title,
        kind=wanted.kind,
        url=shown(meta.url if meta.url in wanted.urls else wanted.urls[0]) if wanted.urls else "",
        file=str(wanted.file) if wanted.file else "",
        syntax=wanted.syntax,
        rules=report.rules if report else version.rules if version else 0,
        lines=report.lines if report else 0,
        skipped=sum(skipped.values()),
        skipped_by=skipped,
        samples=report.samples[:SAMPLES] if report else [],
        bytes=version.bytes if version else 0,
        fetched=meta.fetched,
        checked=meta.checked,
        changed=meta.changed if version else 0.0,
        next_check=max(listed.due(now), now),
        error=meta.error,
        state="waiting" if version is None else "failing" if meta.error else "ok",
        mode=wanted.mode,
        patterns=report.patterns if report else 0,
        names=report.names if report else 0,
        shared=report.shared if report else 0,
        refused=_refused(turned) if turned else None,
        versions=[_version(held, held.sha256 == meta.current) for held in meta.versions],
        note=meta.note if version else "",
        everything=report.everything[:SAMPLES] if report and wanted.mode == "live" else [],
    )


def _refused(turned: Turned) -> Refused:
    held = turned.held
    return Refused(turned.reason, turned.at, held.rules, held.bytes, held.sha256)


def _version(held: Held, current: bool) -> Version:
    url = shown(held.url) if "://" in held.url else held.url
    return Version(held.sha256, held.received, held.rules, held.bytes, url, current)
