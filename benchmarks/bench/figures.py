"""The figures of the report: what each is called, its unit, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from benchmarks.bench.results import Results

NONE = "\N{EN DASH}"  # what was not measured


class Figure(msgspec.Struct, frozen=True):
    """`key` finds it in the results. Less of it is better, unless `most`."""

    key: str
    title: str
    unit: str
    digits: int = 1
    most: bool = False

    def show(self, value: float | None) -> str:
        return NONE if value is None else f"{value:,.{self.digits}f}"


KINDS = (
    ("cached", "cached"),
    ("blocked", "blocked"),
    ("first", "blocked, the first time"),
    ("mixed", "mixed"),
    ("missed", "missed"),
)
COST = tuple(Figure(f"cost.{key}.part", title, "µs") for key, title in KINDS)
WHOLE = tuple(Figure(f"cost.{key}.tree", title, "µs") for key, title in KINDS)
CAPACITY = (
    Figure("capacity.cached", "cached", "q/s", 0, most=True),
    Figure("capacity.mixed", "mixed", "q/s", 0, most=True),
)
LATENCY = tuple(
    Figure(f"latency.{share}.{point}", f"{name} at {share} %", "µs", 0)
    for share in (10, 50, 80)
    for point, name in (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9"))
)
MEMORY = (Figure("memory.part", "the process that answers", "MiB", 0), Figure("memory.tree", "all processes", "MiB", 0))
START = (Figure("start", "start", "s", 2),)
RELOAD = (
    Figure("reload.seconds", "a changed rule in force after", "s", 2),
    Figure("reload.lost", "queries lost", "", 0),
)
CLIENTS = tuple(Figure(f"clients.{crowd}.part", f"{crowd:,}", "µs") for crowd in (1, 10, 100, 1000))
_COMPARED = (
    ("CPU, the process that answers", COST),
    ("CPU, all processes", WHOLE),
    ("queries a second", CAPACITY),
    ("latency", LATENCY),
    ("memory", MEMORY),
    ("first blocked answer", START),
    ("reload", RELOAD[:1]),
    ("CPU, cached, clients", CLIENTS),
)
COMPARED: Sequence[tuple[str, Figure]] = [(group, figure) for group, figures in _COMPARED for figure in figures]


def growth(results: Results, what: str, title: str, digits: int) -> list[Figure]:
    """A figure at each number of rules that was looked at."""
    sizes = sorted(
        {
            int(key.split(".")[1])
            for samples in results.samples.values()
            for key in samples
            if key.startswith("growth.") and key.endswith(f".{what}")
        }
    )
    return [Figure(f"growth.{size}.{what}", f"{size:,} rules", title, digits) for size in sizes]
