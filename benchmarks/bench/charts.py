"""Charts as SVG: no script, no font, readable on white and on black, with a title and a description for who hears
them. Text is written small but never below 12 px."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_WIDTH, _LABEL, _ROW = 720, 150, 26
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.t{font-weight:600;font-size:15px}.o{fill:#8a94a3}.l{fill:#0b6bcb}"
    ".g{stroke:#ccc}.n{font-size:12px}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e6e6}.o{fill:#6f7a89}.l{fill:#4da3ff}.g{stroke:#444}}"
)
_LINES = ("#0b6bcb", "#b8860b", "#2e8b57", "#c0392b", "#8e44ad", "#d2691e", "#708090", "#16a085", "#999999")
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "4 2", "1 4", "10 4", "5 5", "1 2")


def bars(title: str, unit: str, values: Mapping[str, float], ours: str, digits: int = 1) -> str:
    """A bar for each name with its value beside it, those whose names begin with `ours` in another colour."""
    top = max(values.values(), default=0.0) or 1.0
    room = _WIDTH - _LABEL - 90
    parts = []
    for row, (name, value) in enumerate(values.items()):
        y, long = 40 + row * _ROW, max(value / top * room, 1.0)
        kind = "l" if name.startswith(ours) else "o"
        parts.append(f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect class="{kind}" x="{_LABEL}" y="{y + 2}" width="{long:.1f}" height="{_ROW - 8}" rx="2"/>')
        parts.append(f'<text x="{_LABEL + long + 6:.1f}" y="{y + 15}">{value:,.{digits}f} {escape(unit)}</text>')
    told = "; ".join(f"{name} {value:,.{digits}f} {unit}" for name, value in values.items())
    return _svg(title, told, 48 + len(values) * _ROW, parts)


def lines(title: str, unit: str, series: Mapping[str, Mapping[float, float]], across: str) -> str:
    """A line for each name over a logarithmic axis (`across` says of what), values on a logarithmic axis too."""
    points = [(x, y) for values in series.values() for x, y in values.items() if x > 0 and y > 0]
    if not points:
        return _svg(title, "nothing was measured", 60, [])
    left, right = _powers([x for x, _ in points])
    low, high = _powers([y for _, y in points])
    place = _Place(left, right, low, high)
    parts = [*_grid(place, across)]
    for number, (name, values) in enumerate(series.items()):
        parts += _line(place, number, name, {x: y for x, y in values.items() if x > 0 and y > 0})
    told = "; ".join(f"{name}: {', '.join(f'{x:,.0f} {y:,.4g}' for x, y in v.items())}" for name, v in series.items())
    return _svg(f"{title}, {unit}", f"{across}, then {unit}. {told}", 400, parts)


class _Place:
    """Where values stand between powers of ten."""

    def __init__(self, left: int, right: int, low: int, high: int) -> None:
        self.columns, self.rows = range(left, right + 1), range(low, high + 1)

    def x(self, value: float) -> float:
        return 70 + (math.log10(value) - self.columns[0]) / max(len(self.columns) - 1, 1) * (_WIDTH - 250)

    def y(self, value: float) -> float:
        return 350 - (math.log10(value) - self.rows[0]) / max(len(self.rows) - 1, 1) * 300


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around them."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _grid(place: _Place, across: str) -> list[str]:
    parts = []
    for power in place.rows:
        y = place.y(10.0**power)
        parts.append(f'<path class="g" d="M70 {y:.1f}H{_WIDTH - 180}"/>')
        parts.append(f'<text class="n" x="62" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,.7g}</text>')
    for power in place.columns:
        x = place.x(10.0**power)
        parts.append(f'<path class="g" d="M{x:.1f} 50V350"/>')
        parts.append(f'<text class="n" x="{x:.1f}" y="368" text-anchor="middle">{10**power:,}</text>')
    parts.append(f'<text class="n" x="{(_WIDTH - 110) / 2}" y="390" text-anchor="middle">{escape(across)}</text>')
    return parts


def _line(place: _Place, number: int, name: str, values: Mapping[float, float]) -> list[str]:
    colour, dash, y = _LINES[number % len(_LINES)], _DASHES[number % len(_DASHES)], 58 + number * 22
    stroke = f'fill="none" stroke="{colour}" stroke-width="{3 if number == 0 else 2}" stroke-dasharray="{dash}"'
    way = " ".join(f"{place.x(x):.1f},{place.y(v):.1f}" for x, v in sorted(values.items()))
    dots = [f'<circle cx="{place.x(x):.1f}" cy="{place.y(v):.1f}" r="3" fill="{colour}"/>' for x, v in values.items()]
    key = f'<path d="M{_WIDTH - 165} {y}h30" {stroke}/>'
    words = f'<text class="n" x="{_WIDTH - 128}" y="{y + 4}">{escape(name)}</text>'
    return [f'<polyline points="{way}" {stroke}/>', *dots, key, words]


def _svg(title: str, told: str, height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="t d">\n<title id="t">{escape(title)}</title>\n'
        f'<desc id="d">{escape(told)}</desc>\n'
        f'<style>{_STYLE}</style>\n<text class="t" x="8" y="22">{escape(title)}</text>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"
