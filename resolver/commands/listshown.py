"""What is printed of lists: a table of all, or one in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resolver.admin.listbodies import ListInfo, Quality
from resolver.commands.output import RED, YELLOW, day_or, field, line, size, table, when, when_or
from resolver.lists.bodies import Version
from resolver.paths import PRODUCT, STARTER


def every(lists: Sequence[ListInfo]) -> None:
    """A table of lists, in a hundred columns, and below it what there is to say of some."""
    table(("ID", "KIND", "STATE", "RULES", "SKIPPED", "HITS", "OWN", "SHARED", "CHANGED"), map(_row, lists))
    for one in lists:
        for text, colour in _remarks(one):
            line(f": {text}", head=one.id, colour=colour)
    for unknown in dict.fromkeys(one.quality.unknown for one in lists if one.quality and one.quality.unknown):
        line(f"hits are not known: {unknown}")
    if any(one.id == STARTER for one in lists) and any(one.state == "waiting" for one in lists):
        line("until a waiting list has been received, the list that ships with Lull stands in for it")


def in_full(one: ListInfo) -> None:
    """All about one list."""
    kind = f"{one.kind} list" if one.mode == "live" else f"{one.kind} list in shadow mode: it blocks nothing"
    line(f"  {one.title} ({kind}, syntax {one.syntax})", head=one.id)
    field("state", one.state)
    field("from", one.file or one.url)
    field("received", f"{when_or(one.fetched, 'never')}, changed {when_or(one.changed, 'never')}, {size(one.bytes)}")
    field("next check", when_or(one.next_check, "-"))
    patterns = f", {one.patterns:,} patterns" if one.patterns else ""
    field("rules", f"{one.rules:,} of {one.lines:,} lines: {one.names:,} names{patterns}")
    if one.skipped:
        field("skipped", f"{reasons(one.skipped_by)}; {PRODUCT} lists skipped {one.id} shows them")
    if one.quality:
        _quality(one.quality, one)
    for text, colour in _remarks(one):
        line(f" {text}", head="attention:", colour=colour)
    if one.versions:
        line()
        table(("VERSION", "RECEIVED", "RULES", "SIZE", "FROM"), map(_version, one.versions))


def reasons(skipped: dict[str, int]) -> str:
    """How many lines were skipped, for which reasons; "" for none."""
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(skipped.items(), key=lambda one: -one[1]))


def _row(one: ListInfo) -> tuple[str, ...]:
    kind = one.kind if one.mode == "live" else one.mode
    found = one.quality or Quality(0.0)
    shared = f"{100 * one.shared // one.names} %" if one.names else "-"
    counts = (f"{one.rules:,}", f"{one.skipped:,}", _count(found.hits), _count(found.own))
    return one.id, kind, one.state, *counts, shared, day_or(one.changed, "never")


def _count(known: int | None) -> str:
    return "-" if known is None else f"{known:,}"


def _remarks(one: ListInfo) -> Iterable[tuple[str, int]]:
    """What there is to say of a list, and in which colour."""
    refused = one.refused
    if refused is not None:
        made = f"{refused.rules:,} rules, {size(refused.bytes)}" if refused.rules else size(refused.bytes)
        yield f"a new version was refused on {when(refused.at)} ({made}): {refused.reason}", RED
        if refused.rules:  # what is no list at all is not offered
            yield f"to take it anyway: {PRODUCT} lists accept {one.id}", 0
    if one.error and not (refused is not None and one.error.endswith(refused.reason)):
        yield one.error, RED
    if one.note:
        yield f"an older version is in force: {one.note}", YELLOW
        if refused is None:
            yield f"to take the newer one again: {PRODUCT} lists accept {one.id}", 0
    if one.quality and one.quality.advice:
        yield one.quality.advice, YELLOW


def _quality(found: Quality, one: ListInfo) -> None:
    if one.names:
        share = f" ({100 * one.shared // one.names} %)"
        others = ", ".join(f"{other.id} {other.names:,}" for other in found.overlaps)
        field("shared", f"{one.shared:,} names{share} are on another list too" + (f": {others}" if others else ""))
    if found.hits is None:
        field("hits", f"not known: {found.unknown}")
        return
    verb = "allowed" if one.kind == "allow" else "blocked, or would have been," if one.mode == "shadow" else "blocked"
    field("hits", f"{found.hits:,} queries {verb} since {when(found.since)} that it has a rule for")
    field("own", f"{found.own or 0:,} of them that no other live list has a rule for")
    if found.allowed_later:
        field("regretted", f"{found.allowed_later:,} of them for names that people allowed afterwards")


def _version(one: Version) -> tuple[str, ...]:
    rules = f"{one.rules:,}" if one.rules else "-"
    return "in force" if one.current else one.sha256[:8], when(one.received), rules, size(one.bytes), one.url
