"""Entries of the log as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.admin.bodies import LogEntry
from resolver.commands.output import colour_of, painted, safe, when

_ADDRESS, _NAME = 15, 30  # columns that devices have, at least and at most


def text(entries: Sequence[LogEntry]) -> None:
    """Print entries, which come newest first, oldest first."""
    width = max([_ADDRESS, *(len(_device(entry)) for entry in entries)])
    for entry in reversed(entries):
        print(_shown(entry, min(width, _NAME)))


def _device(entry: LogEntry) -> str:
    return safe(entry.device or entry.client) or "-"


def _shown(entry: LogEntry, width: int) -> str:
    verdict = painted(f"{safe(entry.verdict):<7}", colour_of(entry.verdict))
    before = f"{when(entry.at)}  {_device(entry):<{width}}  "
    times = f"  ({entry.count} times)" if entry.count > 1 else ""
    return f"{before}{verdict}" + safe(
        f"  {entry.rcode:<8}  {entry.type:<5}  {entry.name or '-'}  {_how(entry)}{times}"
    )


def _how(entry: LogEntry) -> str:
    """Where the answer came from, or the rule, and the alias that led to it; and what a shadow list would have done."""
    rule = f"{entry.list}: {entry.rule}" if entry.list else ""
    via = f"  via {entry.via}" if entry.via else ""
    shadow = f"  would have been blocked by {entry.shadow}" if entry.shadow else ""
    return (rule or entry.upstream or entry.origin) + via + shadow
