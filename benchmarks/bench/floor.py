"""The floor: what the kernel alone takes of a query. An echo that blocks everything."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from benchmarks.bench.servers import Server
from benchmarks.bench.workload import Rules


class Floor(Server):
    name = "the floor"

    def __init__(self, folder: pathlib.Path, rules: Rules, upstream: int, program: pathlib.Path) -> None:
        super().__init__(folder / "floor", rules, upstream)
        self._echo = program

    def command(self) -> Sequence[str]:
        return [str(self._echo), str(self.port)]

    def add(self, name: str) -> None:
        """Nothing: it blocks every name."""
