"""What a fault did: told in one row of a table, and whether that is good enough."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable, Sequence

import msgspec

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "reliability.md"

_TABLE = re.compile(r"(?<=<!-- table -->\n)(?:\|.*\n)*")


class Told(msgspec.Struct, frozen=True):
    """One row: under which load which fault, what was lost, and the figures; `good` if that is as it should be."""

    fault: str
    load: str
    lost: str
    figures: str
    good: bool

    @property
    def row(self) -> str:
        cells = (self.fault, self.load, self.lost, self.figures, "yes" if self.good else "**no**")
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


Scale = float
"""How much of the long form is done: 1.0 is all of it."""

SHORT: Scale = 0.01
"""Below it a fault is too short for its figures to say anything: what counts is that nothing is lost."""

Fault = Callable[[pathlib.Path, Scale], Sequence[Told]]
"""Runs in a directory of its own, on free ports, and ends what it started."""


def write(rows: Sequence[Told]) -> None:
    """Put the rows into the report, in place of those of the same faults, new ones behind."""
    text = REPORT.read_text()
    found = _TABLE.search(text)
    assert found, f"{REPORT} has no table"
    head, rest = found[0].splitlines(keepends=True)[:2], found[0].splitlines(keepends=True)[2:]
    known = {row.split(" | ")[0].removeprefix("| "): row for row in rest}
    known |= {row.fault: row.row for row in rows}
    REPORT.write_text(text[: found.start()] + "".join([*head, *known.values()]) + text[found.end() :])


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
