"""Rows in memory: numbered, bounded, and told of."""

from __future__ import annotations

import asyncio

import pytest

from resolver.admin import recent
from resolver.admin.recent import Recent
from resolver.journal.frames import Batch
from tests.admin.parts import NOON, row


def batch(*names: str, second: int = NOON) -> Batch:
    return Batch("feed", 1, second, [row(name) for name in names], {})


def names(found: Recent, number: int) -> list[str]:
    """All there is from a number on."""
    out: list[str] = []
    while True:
        piece, gone = found.of(number)
        if piece is None:
            return out
        out += [one.name for one in piece.rows[number + gone - piece.first :]]
        number = piece.end


def test_rows_have_numbers() -> None:
    made = Recent()
    assert (made.end, names(made, 1)) == (1, [])
    made.take(batch("a", "b"))
    made.take(batch())
    made.take(batch("c"))
    assert (made.end, names(made, 1), names(made, 2), names(made, 3), names(made, 4)) == (
        4,
        ["a", "b", "c"],
        ["b", "c"],
        ["c"],
        [],
    )


def test_a_row_has_the_form_of_the_log() -> None:
    made = Recent()
    made.take(batch("a.example"))
    piece, _ = made.of(1)
    assert piece is not None
    (found,) = piece.rows
    assert (found.id, found.at, found.client, found.name, found.source, found.took_us) == (
        0,
        NOON,
        "192.0.2.10",
        "a.example",
        "ads",
        90,
    )
    assert piece.rows is piece.rows


def test_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "KEPT", 4)
    made = Recent()
    for second in range(10):
        made.take(batch("a", "b", second=second))
    piece, gone = made.of(3)
    assert piece is not None
    assert (made.end, piece.first, gone, names(made, 3)) == (21, 17, 14, ["a", "b"] * 2)
    made.take(batch(*"abcdefghij"))
    assert names(made, 1) == list("abcdefghij"), "the last batch stays, large as it is"


def test_from_a_second_on() -> None:
    made = Recent()
    for second in (10, 20, 30):
        made.take(batch("a", "b", second=second))
    assert [made.since(second) for second in (0, 10, 11, 30, 31)] == [1, 1, 3, 5, 7]


def test_marks() -> None:
    made, other = Recent(), Recent()
    made.take(batch("a", "b"))
    assert made.after(made.mark(1)) == 2
    assert made.after(made.mark(2)) == 3
    for mark in (made.mark(3), other.mark(1), "", "-1", f"{made.life}-x", f"{made.life}-" + "9" * 30, f"{made.life}-²"):
        assert made.after(mark) is None, mark


def test_news() -> None:
    async def main() -> None:
        made = Recent()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await made.news(0.05)
        assert loop.time() - began >= 0.04
        loop.call_later(0.02, made.take, batch("a"))
        async with asyncio.timeout(2):
            await made.news(10)

    asyncio.run(main())


def test_all_of_it_can_be_forgotten() -> None:
    made = Recent()
    made.take(batch("a", "b"))
    made.clear()
    assert (names(made, 1), made.end) == ([], 3)
    made.take(batch("c"))
    assert (names(made, 1), made.of(1)[1]) == (["c"], 2)


def test_how_often_a_client_asked() -> None:
    made = Recent()
    made.take(Batch("feed", 1, NOON - 100, [row("old"), row("x", client="192.0.2.11")], {}))
    made.take(Batch("feed", 2, NOON - 5, [row("a", count=3), row("x", client="192.0.2.11")], {}))
    made.take(Batch("feed", 3, NOON - 3, [row("x", client="192.0.2.11")], {}))
    assert made.asked("192.0.2.10", NOON - 60) == (3, NOON - 5)
    assert made.asked("192.0.2.10", NOON - 100) == (4, NOON - 5)
    assert made.asked("192.0.2.12", 0) == (0, None)
    names(made, 1)
    assert made.asked("192.0.2.10", NOON - 60) == (3, NOON - 5), "rows have another form once somebody looked"
