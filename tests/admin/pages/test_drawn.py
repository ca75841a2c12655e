"""Charts: lines through what is known."""

from __future__ import annotations

from resolver.admin.pages.drawn import HEIGHT, WIDTH, lines


def test_what_is_known_of_one_hour_alone_can_be_seen() -> None:
    chart = lines("t", "w", ["a", "b", "c", "d"], {"usual": [None, 2.0, None, None]})
    [stretch] = chart.lines[0].stretches
    (x, y), (to, same) = [[float(one) for one in point.split(",")] for point in stretch.split()]
    assert (to - x, y) == (WIDTH / 4, same)
    assert 0 <= y < HEIGHT


def test_a_gap_is_no_line() -> None:
    chart = lines("t", "w", ["a", "b", "c", "d", "e"], {"usual": [1.0, 2.0, None, 3.0, 4.0]})
    assert [len(one.split()) for one in chart.lines[0].stretches] == [2, 2]
