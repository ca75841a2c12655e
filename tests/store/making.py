"""Batches and rows as the journal makes them, and small waits, for the tests of this room."""

from __future__ import annotations

import pathlib
import sqlite3
import time
from collections.abc import Callable

from resolver.journal.frames import Batch, Row
from resolver.model import Exchange

NOON = 1_767_268_800  # 2026-01-01 12:00 UTC


class StillClock:
    """A clock that is moved by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def row(
    name: str = "www.example.com",
    *,
    client: str = "192.0.2.10",
    group: str = "default",
    verdict: str = "pass",
    count: int = 1,
) -> Row:
    exchange = Exchange(name, 1, 0, "upstream", verdict, "ads", "||rule^", "via.example", "udp://192.0.2.53")
    return Row(client, group, exchange, count, 1500)


def batch(seq: int, rows: list[Row], *, feed: str = "f", second: int = NOON, dropped: int = 0) -> Batch:
    """A batch whose totals are those of its rows."""
    totals: dict[str, int] = {}
    for item in rows:
        kind = f"{item.exchange.verdict}/{item.exchange.origin}"
        totals[kind] = totals.get(kind, 0) + item.count
    return Batch(feed, seq, second, rows, totals, dropped)


def until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until something is true; fails if it does not become so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def look(path: pathlib.Path, sql: str) -> list[tuple[object, ...]]:
    """What a plain SQLite connection sees."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
