"""Charts are well-formed, say what they show, and show it."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

from benchmarks.bench.charts import bars, lines

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ET.Element:
    root = ET.fromstring(text)
    assert root.get("role") == "img"
    assert [root[0].tag, root[1].tag] == [f"{SVG}title", f"{SVG}desc"]
    assert not root.findall(f".//{SVG}script")
    return root


def words(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_bars_are_as_long_as_their_values() -> None:
    root = parsed(bars("Cost", "µs", {"Lull": 4.0, "a & b": 8.0, "none": 0.0}, "Lull"))
    ours, other, none = (float(bar.get("width", "")) for bar in root.iter(f"{SVG}rect"))
    assert abs(other - 2 * ours) < 0.2
    assert none == 1.0
    assert {"Lull", "a & b", "4.0 µs", "8.0 µs"} <= set(words(root))
    assert [bar.get("class") for bar in root.iter(f"{SVG}rect")] == ["l", "o", "o"]
    assert root[1].text == "Lull 4.0 µs; a & b 8.0 µs; none 0.0 µs"


def test_bars_of_nothing() -> None:
    assert words(parsed(bars("Cost", "µs", {}, "Lull"))) == ["Cost"]


def test_lines_rise_evenly_over_logarithmic_axes() -> None:
    root = parsed(lines("Memory", "MiB", {"Lull": {10_000: 1.0, 100_000: 10.0, 1_000_000: 100.0}}, "rules"))
    (way,) = root.iter(f"{SVG}polyline")
    points = [tuple(map(float, point.split(","))) for point in way.get("points", "").split()]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(points)]
    assert abs(steps[0][0] - steps[1][0]) < 0.2
    assert abs(steps[0][1] - steps[1][1]) < 0.2
    assert steps[0][1] < 0 < steps[0][0]
    assert {"10,000", "1,000,000", "rules", "Lull"} <= set(words(root))


def test_lines_leave_out_what_has_no_logarithm() -> None:
    root = parsed(lines("Start", "s", {"Lull": {10: 0.0, 100: 2.0}, "none": {}}, "rules"))
    assert [len(way.get("points", "").split()) for way in root.iter(f"{SVG}polyline")] == [1, 0]


def test_lines_of_nothing() -> None:
    parsed(lines("Start", "s", {}, "rules"))
