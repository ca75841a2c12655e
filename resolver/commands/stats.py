"""`lull stats`: how much was asked, how it was answered, and what is on top."""

from __future__ import annotations

from argparse import Namespace

from resolver.admin.bodies import ClientCount, Count, Stats
from resolver.commands.api import connect, decode
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line, table, when

DEFAULT = "24h"


def run(arguments: Namespace) -> int:
    data = connect(arguments).get("stats", since=arguments.since or DEFAULT)
    stats = decode(data, Stats)
    if arguments.json:
        as_json(data)
    else:
        _text(stats)
    return OK


def _text(stats: Stats) -> None:
    line(f"{stats.queries:,} queries since {when(stats.since)}")
    _shares("VERDICT", stats.verdicts)
    _shares("FROM", stats.origins)
    _tops("BLOCKED MOST", stats.blocked)
    _tops("ASKED MOST", stats.names)
    _tops("CLIENTS", [Count(_called(one), one.count) for one in stats.clients])


def _shares(title: str, counts: dict[str, int]) -> None:
    if not counts:
        return
    whole = max(1, sum(counts.values()))
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    line()
    table((title, "QUERIES", "SHARE"), [(word, f"{n:,}", f"{100 * n / whole:.1f} %") for word, n in ordered])


def _tops(title: str, counts: list[Count]) -> None:
    if counts:
        line()
        table((title, "QUERIES"), [(one.value, f"{one.count:,}") for one in counts])


def _called(one: ClientCount) -> str:
    return f"{one.device} ({one.value})" if one.device else one.value
