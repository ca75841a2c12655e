"""What a run measured, kept as JSON; the report is made from it alone."""

from __future__ import annotations

import pathlib
import statistics
from collections.abc import Sequence

import msgspec

from benchmarks.bench.machine import Machine
from benchmarks.bench.names import ROOT

FILE = ROOT / "docs" / "benchmark" / "results.json"
LULL, LULL_ON_TWO, FLOOR = "Lull", "Lull, 2 workers", "the floor"


class Results(msgspec.Struct):
    """`samples` holds by server and figure the value of each round; `notes` what did not go as it should. A figure's
    name has its parts with dots between them: cost.cached.part, latency.80.p99, growth.10000.start."""

    date: str
    machine: Machine
    versions: dict[str, str]
    workload: str
    digests: dict[str, str]
    options: dict[str, str]
    minutes: float = 0.0
    servers: list[str] = msgspec.field(default_factory=list)
    samples: dict[str, dict[str, list[float]]] = msgspec.field(default_factory=dict)
    renewals: dict[str, str] = msgspec.field(default_factory=dict)
    notes: list[str] = msgspec.field(default_factory=list)

    def put(self, server: str, figure: str, value: float) -> None:
        self.samples.setdefault(server, {}).setdefault(figure, []).append(round(value, 5))

    def get(self, server: str, figure: str) -> float | None:
        """The median of the rounds."""
        found = self.samples.get(server, {}).get(figure)
        return statistics.median(found) if found else None

    @property
    def peers(self) -> Sequence[str]:
        return [name for name in self.servers if name not in {LULL, LULL_ON_TWO, FLOOR}]

    def best(self, figure: str, *, most: bool = False) -> tuple[str, float] | None:
        """The peer with the least, or the most, of it."""
        found = [(value, name) for name in self.peers if (value := self.get(name, figure)) is not None]
        if not found:
            return None
        value, name = max(found) if most else min(found)
        return name, value

    def rounds(self, figure: str) -> int:
        return max((len(figures.get(figure, ())) for figures in self.samples.values()), default=0)


def ratio(value: float | None, other: float | None) -> float | None:
    """How many times the other a value is; None where one of them is not known."""
    return None if value is None or not other else value / other


def save(results: Results, path: pathlib.Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def load(path: pathlib.Path = FILE) -> Results:
    return msgspec.json.decode(path.read_bytes(), type=Results)
