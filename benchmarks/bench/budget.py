"""What Lull may need, and what it did need in a run.

A microsecond is not the same on every machine, so that what a query costs is also compared with Unbound in the same
run: the budget was written with Unbound at 6.7, 9.9, 8.9 and 56 µs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from benchmarks.bench.figures import NONE
from benchmarks.bench.results import LULL, LULL_ON_TWO, Results, ratio
from benchmarks.bench.tables import TIMES, table

_YARDSTICK = "Unbound"


class Line(msgspec.Struct, frozen=True):
    """A line of the budget: what it is about, how much of it there may be (`least`: there must be), and how it is read
    from results."""

    about: str
    limit: float
    unit: str
    read: Callable[[Results], float | None]
    least: bool = False

    def row(self, results: Results) -> list[str]:
        value = self.read(results)
        bound = f"{'≥' if self.least else '≤'} {self.limit:,g} {self.unit}".strip()
        if value is None:
            return [self.about, bound, NONE, "not measured"]
        met = value >= self.limit if self.least else value <= self.limit
        return [self.about, bound, f"{value:,.3g} {self.unit}".strip(), "met" if met else "**not met**"]


def _of(figure: str, server: str = LULL) -> Callable[[Results], float | None]:
    return lambda results: results.get(server, figure)


def _against(figure: str, other: str, server: str = _YARDSTICK) -> Callable[[Results], float | None]:
    return lambda results: ratio(results.get(LULL, figure), results.get(server, other))


def _two(results: Results) -> float | None:
    return ratio(results.get(LULL_ON_TWO, "capacity.cached"), results.get(LULL, "capacity.cached"))


def _marginal(results: Results) -> float | None:
    """Bytes of the worker that a rule takes beside the others: from the fewest rules to the most."""
    sizes = sorted(
        int(key.split(".")[1])
        for key in results.samples.get(LULL, {})
        if key.startswith("growth.") and key.endswith(".part") and key.count(".") == 2
    )
    if len(sizes) < 2:
        return None
    least, most = (results.get(LULL, f"growth.{size}.part") for size in (sizes[0], sizes[-1]))
    return None if least is None or most is None else (most - least) * (1 << 20) / (sizes[-1] - sizes[0])


_KINDS = (("cached", 10.0, 1.5), ("blocked", 10.0, 1.0), ("mixed", 11.0, 1.25), ("missed", 100.0, 1.8))

LINES: Sequence[Line] = (
    *(Line(f"CPU a query, {kind}: the worker", most, "µs", _of(f"cost.{kind}.part")) for kind, most, _ in _KINDS),
    *(
        Line(
            f"CPU a query, {kind}, beside {_YARDSTICK}'s",
            most,
            TIMES,
            _against(f"cost.{kind}.part", f"cost.{kind}.part"),
        )
        for kind, _, most in _KINDS
    ),
    *(Line(f"CPU a query, {kind}: all processes", 16.0, "µs", _of(f"cost.{kind}.tree")) for kind, *_ in _KINDS[:2]),
    *(
        Line(
            f"all processes beside the worker, {kind}",
            1.6,
            TIMES,
            _against(f"cost.{kind}.tree", f"cost.{kind}.part", LULL),
        )
        for kind, *_ in _KINDS[:2]
    ),
    Line("memory of the worker", 45.0, "MiB", _of("memory.part")),
    Line("memory of all processes", 130.0, "MiB", _of("memory.tree")),
    Line("first blocked answer, from a bundle", 0.7, "s", _of("start")),
    Line("first blocked answer, from lists (it holds the compiling)", 15.0, "s", _of("cold")),
    Line("a rule of one's own, from asking for it to effect", 0.3, "s", _of("edit.seconds")),
    Line("queries lost by a reload", 0.0, "", _of("reload.lost")),
    Line("capacity of two workers beside one", 1.7, TIMES, _two, least=True),
    Line("memory of the worker for one more rule", 8.0, "bytes", _marginal),
)


def shown(results: Results) -> str:
    return table(["", "may be", "is", ""], [line.row(results) for line in LINES])
