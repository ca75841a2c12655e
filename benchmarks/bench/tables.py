"""Tables of the report, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.bench.figures import NONE, Figure
from benchmarks.bench.results import LULL, Results, ratio

TIMES = "\N{MULTIPLICATION SIGN}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column is words, the others are figures."""
    lines = [heads, ["---", *("--:" for _ in heads[1:])], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def by_server(results: Results, figures: Sequence[Figure], servers: Sequence[str] | None = None) -> str:
    """A row a server, a column a figure, the best peer's and Lull's in bold; servers without any are left out."""
    rows = []
    for server in servers or results.servers:
        values = [results.get(server, figure.key) for figure in figures]
        if any(value is not None for value in values):
            shown = [_shown(results, server, figure, value) for figure, value in zip(figures, values, strict=True)]
            rows.append([f"**{server}**" if server.startswith(LULL) else server, *shown])
    return table(["", *(f"{one.title}, {one.unit}" if one.unit else one.title for one in figures)], rows)


def _shown(results: Results, server: str, figure: Figure, value: float | None) -> str:
    best = results.best(figure.key, most=figure.most)
    text = figure.show(value)
    return f"**{text}**" if value is not None and best is not None and best[0] == server else text


def compared(results: Results, figures: Sequence[tuple[str, Figure]]) -> str:
    """Of each figure what Lull needs, and how many times that of the best peer and of each one it is."""
    rows = []
    for group, figure in figures:
        if (ours := results.get(LULL, figure.key)) is None:
            continue
        best = results.best(figure.key, most=figure.most)
        against = f"{times(ratio(ours, best[1]))} ({best[0]})" if best else NONE
        each = [times(ratio(ours, results.get(peer, figure.key))) for peer in results.peers]
        name = f"{group}: {figure.title}" + (" (more is better)" if figure.most else "")
        rows.append([name, f"{figure.show(ours)} {figure.unit}".strip(), against, *each])
    return table(["", "Lull", "to the best peer", *results.peers], rows)


def times(value: float | None) -> str:
    """A ratio in words, two digits of it at least."""
    return NONE if value is None else f"{value:,.0f} {TIMES}" if value >= 10 else f"{value:.2f} {TIMES}"
