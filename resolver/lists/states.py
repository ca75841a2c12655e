"""What is shown of a list."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from resolver.lists.bodies import ListState, Refused, Version
from resolver.lists.fetch import shown
from resolver.lists.listed import Listed
from resolver.lists.sources import Held, Turned
from resolver.paths import STARTER
from resolver.rules.report import SourceReport

SAMPLES = 20
"""How many skipped lines are shown."""


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
