"""Batches and rows as the journal makes them, and small waits, for the tests of this room."""

from __future__ import annotations

import os
import pathlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, insert, select, text

from resolver.journal.frames import Batch, Row
from resolver.model import Exchange
from resolver.store import repairs
from resolver.store.backlog import Waiting
from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.people import PeopleStore
from resolver.store.repairs import Repair
from resolver.store.storing import store
from resolver.store.tables import feeds
from resolver.store.trail import Trail
from resolver.store.writer import Writer

R = TypeVar("R")

NOON = 1_767_268_800  # 2026-01-01 12:00 UTC


class StillClock:
    """A clock that is moved by hand, and may be set wrong by so many seconds."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now
        self.wrong = 0.0

    def time(self) -> float:
        return self.now + self.wrong

    def monotonic(self) -> float:
        return self.now - NOON + 1000

    @property
    def offset(self) -> float:
        return self.time() - self.monotonic()


def row(
    name: str = "www.example.com",
    *,
    client: str = "192.0.2.10",
    group: str = "default",
    verdict: str = "pass",
    count: int = 1,
    shadow: str = "",
    own: str = "",
) -> Row:
    rest = ("ads", "||rule^", "via.example", "udp://192.0.2.53", shadow, own)
    exchange = Exchange(name, 1, 0, "upstream", verdict, *rest)
    return Row(client, group, exchange, count, 1500)


def batch(seq: int, rows: list[Row], *, feed: str = "f", second: int = NOON, dropped: int = 0) -> Batch:
    """A batch whose totals are those of its rows."""
    totals: dict[str, int] = {}
    for item in rows:
        kind = f"{item.exchange.verdict}/{item.exchange.origin}"
        totals[kind] = totals.get(kind, 0) + item.count
    return Batch(feed, seq, second, rows, totals, dropped)


def waiting(seq: int, rows: list[Row], *, feed: str = "f", second: int = NOON, dropped: int = 0) -> Waiting:
    """A batch on its way into the tables."""
    made = batch(seq, rows, feed=feed, second=second, dropped=dropped)
    return Waiting(made.feed, made.seq, made.second, made.rows, made.totals, made.dropped)


def store_all(database: Store, batches: Sequence[Waiting], interner: Interner | None = None) -> list[Waiting]:
    """Store batches as the writer does; returns those that were not stored before."""
    mine = interner or Interner()
    return database.run(
        lambda connection: store(connection, batches, mine, database.generation), lambda _: mine.committed()
    )


def in_change(database: Store, work: Callable[[Trail], R], now: float = NOON) -> R:
    """Do something to the tables of what people made, and note it as ada's."""

    def whole(connection: Connection) -> R:
        trail = Trail(connection, now, "ada", "something")
        done = work(trail)
        trail.write()
        return done

    return database.run(whole)


def remember(people: PeopleStore, repair: Repair) -> None:
    """Have a try to repair a site."""
    people.change("", "", lambda connection, _: repairs.put(connection, repair))


def until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until something is true; fails if it does not become so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def look(where: pathlib.Path | Store, sql: str) -> list[tuple[object, ...]]:
    """What is stored: as a plain SQLite connection sees a file, or as a database itself reads it."""
    if not isinstance(where, pathlib.Path):
        return where.read(lambda connection: [tuple(row) for row in connection.execute(text(sql))])
    connection = sqlite3.connect(where)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def write(database: Store, feed: str) -> None:
    database.run(lambda connection: connection.execute(insert(feeds).values(feed=feed, seq=1, at=1)))


def written(database: Store) -> list[str]:
    return database.read(lambda connection: list(connection.scalars(select(feeds.c.feed).order_by(feeds.c.feed))))


def aside(path: pathlib.Path) -> list[pathlib.Path]:
    return sorted(file for file in path.parent.iterdir() if ".corrupt-" in file.name and file.name.endswith("Z"))


def garbage(path: pathlib.Path) -> None:
    """Overwrite in place, as a bad program or disk would: the inode stays."""
    size = max(path.stat().st_size, 8192)
    with path.open("r+b") as file:
        file.write(os.urandom(size))


Acks = list[tuple[str, int]]


class Writing:
    """A writer that does not wait, and what it acknowledged."""

    def __init__(self, database: Store, capacity: int = 200_000) -> None:
        self.acknowledged: Acks = []
        self.writer = Writer(database, lambda *ack: self.acknowledged.append(ack), capacity=capacity, interval=0.005)
        self.writer.start()

    def done(self, feed: str, seq: int) -> None:
        until(lambda: (feed, seq) in self.acknowledged)


def count(path: pathlib.Path, table: str = "log") -> int:
    return int(str(look(path, f"SELECT count(*) FROM {table}")[0][0]))
