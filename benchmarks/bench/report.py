"""The report of a run: docs/benchmark.md with its charts, and a short table in README; all of it from the results."""

from __future__ import annotations

import pathlib
import re
import textwrap
from collections.abc import Mapping, Sequence

from benchmarks.bench import budget, charts, figures, tables, words
from benchmarks.bench.figures import Figure
from benchmarks.bench.names import ROOT
from benchmarks.bench.results import FLOOR, LULL, LULL_ON_TWO, Results

PAGE, README = ROOT / "docs" / "benchmark.md", ROOT / "README.md"
_CHARTS = "benchmark"
_LINE = 118  # characters
_SECTION = re.compile(r"(?<=<!-- benchmark -->\n).*?(?=<!-- /benchmark -->)", re.DOTALL)
_BARS = (
    ("cost-cached", "CPU a cached query, the process that answers", "cost.cached.part", "µs", 1),
    ("cost-blocked", "CPU a blocked query, the process that answers", "cost.blocked.part", "µs", 1),
    ("cost-mixed", "CPU a query of the mixed ones, the process that answers", "cost.mixed.part", "µs", 1),
    ("cost-missed", "CPU a query that is forwarded, the process that answers", "cost.missed.part", "µs", 1),
    ("capacity", "Mixed queries a second, next to none of them lost", "capacity.mixed", "q/s", 0),
    ("memory", "Memory of all processes", "memory.tree", "MiB", 0),
    ("start", "First blocked answer", "start", "s", 2),
)
_SHORT = (
    *(Figure(f"cost.{kind}.part", kind, "µs") for kind in ("cached", "blocked", "mixed", "missed")),
    Figure("capacity.mixed", "mixed", "q/s", 0, most=True),
    Figure("memory.tree", "memory", "MiB", 0),
    Figure("start", "start", "s", 2),
)


def write(results: Results) -> None:
    """Write everything; charts of other runs go."""
    for old in (ROOT / "docs" / _CHARTS).glob("*.svg"):
        old.unlink()
    for path, text in pages(results).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def pages(results: Results) -> Mapping[pathlib.Path, str]:
    """Every file of the report and what is in it; README as it is but for its table."""
    drawn = {ROOT / "docs" / _CHARTS / f"{name}.svg": text for name, text in _drawn(results).items()}
    readme = _SECTION.sub(lambda _: section(results), README.read_text(), count=1)
    return {PAGE: page(results), README: readme, **drawn}


def section(results: Results) -> str:
    """README's: one table, and who is ahead of us."""
    ahead = []
    for figure in _SHORT:
        ours, best = results.get(LULL, figure.key), results.best(figure.key, most=figure.most)
        if ours is not None and best is not None and (best[1] > ours if figure.most else best[1] < ours):
            ahead.append(f"{figure.title} ({best[0]}: {figure.show(best[1])} {figure.unit})")
    behind = f"Lull is behind the best of them in: {', '.join(ahead)}." if ahead else "Lull is behind none of them."
    told = words.SECTION.format(under=_under(results), behind=behind)
    return f"{textwrap.fill(told, _LINE)}\n\n{tables.by_server(results, _SHORT)}"


def page(results: Results) -> str:
    return "\n".join([_head(results), *_sections(results), _tail(results)])


def _under(results: Results) -> str:
    machine, rounds = results.machine, results.rounds("cost.cached.part")
    return f"{results.date}, {machine.processor}, {machine.cores} cores, {results.workload}; " + (
        "one round" if rounds == 1 else f"medians of {rounds} rounds"
    )


def _head(results: Results) -> str:
    machine = results.machine
    shared = results.machine.cores < 3
    return words.HEAD.format(
        under=textwrap.fill(_under(results), _LINE),
        machine=f"{machine.processor}, {machine.cores} cores, {machine.memory:g} GiB, Linux {machine.kernel}, "
        f"{machine.python}",
        versions=", ".join(f"{name} {version}" for name, version in results.versions.items()),
        run=", ".join(f"{name} {value}" for name, value in results.options.items()) + f"; {results.minutes:g} minutes",
        shared=words.SHARED if shared else "",
        times=tables.TIMES,
    )


def _sections(results: Results) -> Sequence[str]:
    shown = tables.by_server
    return (
        f"## The budget\n\n{budget.shown(results)}{_on_two(results)}",
        _section(
            "CPU a query", "The process that answers.", _pictures("cost-", results) + shown(results, figures.COST)
        ),
        f"All processes: what Lull's log and admin take as well.\n\n{shown(results, figures.WHOLE)}",
        _section(
            "Queries a second",
            words.CAPACITY,
            _pictures("capacity", results) + shown(results, figures.CAPACITY),
        ),
        _section("Latency", "Mixed queries at parts of the server's own capacity.", shown(results, figures.LATENCY)),
        _section(
            "Memory",
            "Proportional set size after the queries above.",
            _pictures("memory", results) + shown(results, figures.MEMORY, [*_served(results)]),
        ),
        _section(
            "Start",
            "From the command to the first blocked answer. Lull has a bundle of the lists from its last run"
            + (
                f"; without one, from the lists alone, {results.get(LULL, 'cold'):.1f} s."
                if _has_cold(results)
                else "."
            ),
            _pictures("start", results) + shown(results, figures.START, [*_served(results)]),
        ),
        _section(
            "Reload",
            f"A rule is added to a list, at 1,000 queries a second. {_ways(results)}",
            shown(results, figures.RELOAD),
        ),
        *_growth(results),
        _section(
            "From one client to a thousand",
            "CPU a cached query of the process that answers, by the number of addresses that ask.",
            _pictures("clients", results) + shown(results, figures.CLIENTS),
        ),
        _section("Lull beside each", "", tables.compared(results, figures.COMPARED)),
    )


def _section(title: str, words: str, body: str) -> str:
    return "\n\n".join(part for part in (f"## {title}", words, body) if part)


def _served(results: Results) -> Sequence[str]:
    return [server for server in results.servers if server != FLOOR]


def _has_cold(results: Results) -> bool:
    return results.get(LULL, "cold") is not None


def _on_two(results: Results) -> str:
    if results.machine.cores > 2 or results.get(LULL_ON_TWO, "capacity.cached") is None:
        return ""
    return words.ON_TWO


def _ways(results: Results) -> str:
    return "The ways: " + "; ".join(f"{name}, {way}" for name, way in results.renewals.items()) + "."


def _growth(results: Results) -> Sequence[str]:
    whole = (
        ("tree", "memory", "Memory of all processes", "MiB", 0),
        ("start", "start", "Start to first blocked answer", "s", 2),
        ("cold", "cold", "Lull's first start, from lists alone", "s", 1),
        ("part", "worker", "Memory of the process that answers", "MiB", 0),
        ("blocked.part", "blocked", "CPU a blocked query, the process that answers", "µs", 1),
    )
    parts = [words.GROWTH]
    for what, name, title, unit, digits in whole:
        if found := figures.growth(results, what, unit, digits):
            body = _pictures(f"growth-{name}", results) + tables.by_server(results, found)
            parts.append(f"{title}.\n\n{body}")
    return parts if len(parts) > 1 else ()


def _tail(results: Results) -> str:
    notes = "".join(f"- {note}\n" for note in results.notes) or "- Nothing: everyone did everything.\n"
    digests = "".join(f"| {name} | `{digest}` |\n" for name, digest in results.digests.items())
    return words.TAIL.format(notes=notes, digests=digests)


def _pictures(prefix: str, results: Results) -> str:
    found = [(name, title) for name, title in _titles(results).items() if name.startswith(prefix)]
    return "".join(f"![{title}]({_CHARTS}/{name}.svg)\n" for name, title in found) + ("\n" if found else "")


def _titles(results: Results) -> dict[str, str]:
    return {
        name: text.partition('<title id="t">')[2].partition("</title>")[0] for name, text in _drawn(results).items()
    }


def _drawn(results: Results) -> dict[str, str]:
    """Every chart for which there are figures."""
    drawn = {}
    for name, title, key, unit, digits in _BARS:
        values = {server: value for server in results.servers if (value := results.get(server, key)) is not None}
        if name in {"memory", "start"}:
            values.pop(FLOOR, None)
        ordered = dict(sorted(values.items(), key=lambda pair: pair[1], reverse=name == "capacity"))
        if ordered:
            drawn[name] = charts.bars(title, unit, ordered, LULL, digits)
    for name, title, what, unit in (
        ("growth-memory", "Memory of all processes", "tree", "MiB"),
        ("growth-start", "Start to first blocked answer", "start", "s"),
        ("growth-blocked", "CPU a blocked query, the process that answers", "blocked.part", "µs"),
    ):
        if series := _series(results, figures.growth(results, what, unit, 0)):
            drawn[name] = charts.lines(title, unit, series, "rules")
    if series := _series(results, figures.CLIENTS):
        drawn["clients"] = charts.lines("CPU a cached query, the process that answers", "µs", series, "clients")
    return drawn


def _series(results: Results, points: Sequence[Figure]) -> dict[str, dict[float, float]]:
    found = {
        server: {
            float(figure.key.split(".")[1]): value
            for figure in points
            if (value := results.get(server, figure.key)) is not None
        }
        for server in results.servers
    }
    return {server: values for server, values in found.items() if values}
