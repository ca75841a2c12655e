"""From numbers to the shapes of a chart: columns of parts, and lines. Pure: templates make SVG of it, in `ui.html`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

WIDTH, HEIGHT = 720, 180
"""Of the drawing inside of its labels, in units of SVG."""

_STEPS = (1, 2, 5, 10)
_LINES = 4  # across a chart, about
_MARKS = 8  # labels below a chart, at most


class Piece(msgspec.Struct, frozen=True):
    """A rectangle of a column: what `kind` of thing it counts, where it begins from above, how high it is."""

    kind: str
    y: float
    height: float


class Column(msgspec.Struct, frozen=True):
    """All pieces of one column, and what it says in words."""

    x: float
    width: float
    pieces: tuple[Piece, ...]
    words: str


class Line(msgspec.Struct, frozen=True):
    """A line of `kind`: the points of a polyline for each stretch without a gap."""

    kind: str
    stretches: tuple[str, ...]


class Mark(msgspec.Struct, frozen=True):
    """A label at a place along an axis."""

    at: float
    text: str


class Chart(msgspec.Struct, frozen=True):
    """A drawing of WIDTH by HEIGHT: columns or lines, a mark for each line across, and marks below. `title` says what
    it shows, `words` what can be seen in it, for those who cannot see it."""

    title: str
    words: str
    columns: tuple[Column, ...] = ()
    lines: tuple[Line, ...] = ()
    across: tuple[Mark, ...] = ()
    below: tuple[Mark, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT


def columns(title: str, words: str, rows: Sequence[tuple[str, Mapping[str, int]]], kinds: Sequence[str]) -> Chart:
    """A column for each row, a label and counts by kind, with the `kinds` on each other, the first at the bottom.
    `words` says the whole in a sentence."""
    top, across = _scale(max((sum(counts.get(kind, 0) for kind in kinds) for _, counts in rows), default=0))
    width = WIDTH / max(1, len(rows))
    gap = min(2.0, width / 5)
    made = []
    for number, (label, counts) in enumerate(rows):
        pieces, y = [], float(HEIGHT)
        for kind in kinds:
            height = HEIGHT * counts.get(kind, 0) / top
            y -= height
            if height > 0:
                pieces.append(Piece(kind, round(y, 1), round(height, 1)))
        said = ", ".join(f"{counts.get(kind, 0):,} {kind}" for kind in kinds)
        made.append(
            Column(round(number * width + gap / 2, 1), round(width - gap, 1), tuple(pieces), f"{label}: {said}")
        )
    return Chart(title, words, tuple(made), across=across, below=_below([label for label, _ in rows], width))


def lines(
    title: str, words: str, labels: Sequence[str], values: Mapping[str, Sequence[float | None]], unit: str = ""
) -> Chart:
    """A line for each kind, with a value for each label, or None where none is known."""
    known = [value for series in values.values() for value in series if value is not None]
    top, across = _scale(max(known, default=0), unit)
    width = WIDTH / max(1, len(labels))
    made = tuple(Line(kind, _stretches(series, width, top)) for kind, series in values.items())
    return Chart(title, words, lines=made, across=across, below=_below(labels, width))


def _stretches(series: Sequence[float | None], width: float, top: float) -> tuple[str, ...]:
    """Lines through what is known without a gap; what stands alone is a dash as wide as its label, so as to be seen."""
    found: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(series):
        if value is None:
            found.append([])
            continue
        found[-1].append(((number + 0.5) * width, HEIGHT * (1 - value / top)))
    drawn = [_dash(points[0], width) if len(points) == 1 else points for points in found if points]
    return tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in points) for points in drawn)


def _dash(point: tuple[float, float], width: float) -> list[tuple[float, float]]:
    x, y = point
    return [(x - width / 2, y), (x + width / 2, y)]


def _scale(most: float, unit: str = "") -> tuple[float, tuple[Mark, ...]]:
    """The value at the top of a chart, and the lines across it, at round values."""
    if most <= 0:
        return 1.0, (Mark(HEIGHT, f"0{unit}"),)
    rough = most / _LINES
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in _STEPS if power * one >= rough * 0.999999)
    if not unit:
        step = max(1.0, step)  # there is no half a query
    count = math.ceil(most / step - 1e-9)
    top = step * count
    return top, tuple(
        Mark(round(HEIGHT * (1 - one / count), 1), f"{_said(step * one)}{unit}") for one in range(count + 1)
    )


def _said(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if letter == 'k' else size):g}{letter}"
    return f"{value:g}"


def _below(labels: Sequence[str], width: float) -> tuple[Mark, ...]:
    every = max(1, math.ceil(len(labels) / _MARKS))
    return tuple(
        Mark(round((number + 0.5) * width, 1), label) for number, label in enumerate(labels) if number % every == 0
    )
