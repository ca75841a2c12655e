"""`lull stats`: how much was asked, how it was answered, and what is on top."""

from __future__ import annotations

from argparse import Namespace

from resolver.admin.bodies import ClientCount, Count, Share, Stats, UpstreamLatency
from resolver.commands.api import connect, decode
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line, table, when

DEFAULT = "24h"
LIMIT = 10
BY = ("verdict", "group", "device", "list", "type", "upstream", "origin", "rcode")


def run(arguments: Namespace) -> int:
    asked = {key: getattr(arguments, key) for key in ("until", "by", "limit")}
    data = connect(arguments).get("stats", since=arguments.since or DEFAULT, **asked)
    stats = decode(data, Stats)
    if arguments.json:
        as_json(data)
    else:
        _text(stats, arguments.by or "")
    return OK


def _text(stats: Stats, by: str) -> None:
    until = "" if stats.until is None else f" until {when(stats.until)}"
    line(f"{stats.queries:,} queries since {when(stats.since)}{until}")
    if stats.queries:
        blocked, hits = _per_cent(stats.blocked_share), _per_cent(stats.hit_ratio)
        line(f"{blocked} blocked; {hits} of what was for upstreams came from the cache")
    _shares("VERDICT", stats.verdicts)
    _shares("FROM", stats.origins)
    _parts(by.upper(), stats.parts)
    _upstreams(stats.upstreams)
    _tops("BLOCKED MOST", stats.blocked)
    _tops("ASKED MOST", stats.names)
    _tops("CLIENTS", [Count(_called(one), one.count) for one in stats.clients])


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _parts(title: str, parts: list[Share]) -> None:
    if parts:
        line()
        table((title, "QUERIES", "BLOCKED"), [(one.value, f"{one.count:,}", f"{one.blocked:,}") for one in parts])


def _upstreams(upstreams: list[UpstreamLatency]) -> None:
    """The milliseconds within which half of its answers came, 95 and 99 of 100."""
    if upstreams:
        line()
        rows = [
            (one.upstream, f"{one.count:,}", *(f"{ms:,.0f} ms" for ms in (one.p50, one.p95, one.p99)))
            for one in upstreams
        ]
        table(("UPSTREAM", "ANSWERS", "HALF WITHIN", "95 %", "99 %"), rows)


def _shares(title: str, counts: dict[str, int]) -> None:
    if not counts:
        return
    whole = max(1, sum(counts.values()))
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    line()
    table((title, "QUERIES", "SHARE"), [(word, f"{n:,}", _per_cent(n / whole)) for word, n in ordered])


def _tops(title: str, counts: list[Count]) -> None:
    if counts:
        line()
        table((title, "QUERIES"), [(one.value, f"{one.count:,}") for one in counts])


def _called(one: ClientCount) -> str:
    return f"{one.device} ({one.value})" if one.device else one.value
