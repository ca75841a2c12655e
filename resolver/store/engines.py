"""How a SQLite file is opened: the one place that knows PRAGMAs, URIs and what else is SQLite's alone; and what each
kind of database does in its own way."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
import time
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from resolver.store import enginespg
from resolver.store.hands import READERS, Hands

BUSY_WAIT = 2.0  # seconds that a statement waits for another process's lock
MAGIC = b"SQLite format 3\0"
_WRITER = (
    "journal_mode = WAL",
    "synchronous = NORMAL",  # a power cut may cost the last seconds, never the file
    "cache_size = -8192",  # KiB
    "journal_size_limit = 16777216",  # bytes that the write-ahead log keeps once it was copied
)
ROW_BYTES = 160
"""Of a row of the log on PostgreSQL, with its share of the indexes and of the other tables."""
_STEPS = 20_000  # of SQLite's virtual machine between two looks at the clock; well under a millisecond
_WRITERS_STEPS = 1_000_000  # between two signs of life

_Mode = Literal["ro", "rw"]


def writer(path: pathlib.Path, hands: Hands | None = None) -> Engine:
    """One connection, shared by whoever holds the database's lock. A transaction takes SQLite's write lock at its
    beginning, so that it cannot fail half-way because of another process. Its statements are signs of life."""
    hands = hands or Hands("the disk")

    def connect() -> sqlite3.Connection:
        connection = _connect(path, "rw", *_WRITER)
        connection.set_progress_handler(lambda: not hands.pulse.goes_on(), _WRITERS_STEPS)
        return connection

    return _living(_engine("BEGIN IMMEDIATE", connect, poolclass=StaticPool), hands)


def readers(path: pathlib.Path, hands: Hands) -> Engine:
    """A few connections that cannot write."""
    size = {"poolclass": QueuePool, "pool_size": READERS, "max_overflow": 0}
    return _living(_engine("BEGIN", lambda: _connect(path, "ro", "query_only = ON"), **size), hands)


def once(path: pathlib.Path, mode: _Mode) -> Engine:
    """Connections that are closed after use and change nothing by themselves, to look at a file. But "rw" lets SQLite
    finish what a killed process left half-done."""
    return _engine("BEGIN", lambda: _connect(path, mode), poolclass=NullPool)


def companions(path: pathlib.Path) -> list[pathlib.Path]:
    """The files that SQLite keeps beside a database."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]


def limit_time(connection: Connection, seconds: float, hands: Hands) -> None:
    """From now on, statements of this connection fail with SQLITE_INTERRUPT when `seconds` are over. That it comes to
    look at the clock is a sign of life."""
    deadline, pulse = time.monotonic() + seconds, hands.pulse
    _raw(connection).set_progress_handler(lambda: time.monotonic() > deadline or not pulse.goes_on(), _STEPS)


def give_back(connection: Connection, pages: int) -> bool:
    """Return up to `pages` free pages to the file system; whether there are more. A tenth of the file stays free for
    new rows: moving pages to and fro wears out flash. Another kind of database does that itself."""
    if connection.dialect.name != "sqlite":
        return False
    free = int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one())
    surplus = free - int(connection.exec_driver_sql("PRAGMA page_count").scalar_one()) // 10
    for _ in range(min(pages, surplus)):  # more than one at a time takes stepping, which sqlite3 leaves after the first
        _raw(connection).execute("PRAGMA incremental_vacuum(1)")
    return surplus > pages


def used(connection: Connection, rows: int) -> int:
    """The bytes in use of a database whose log has so many rows. Of another kind of database, which keeps the room that
    it once had, what the rows take is reckoned."""
    if connection.dialect.name != "sqlite":
        return rows * ROW_BYTES
    pages, free, size = (
        int(connection.exec_driver_sql(f"PRAGMA {what}").scalar_one())
        for what in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


@contextlib.contextmanager
def wiping(connection: Connection) -> Iterator[None]:
    """For as long as this lasts, what is deleted is overwritten. Another kind of database has no such thing."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def follow_ids(connection: Connection, table: str) -> None:
    """After rows with ids of their own were put into a table that gives them: it is to give none of these again."""
    if connection.dialect.name == "postgresql":  # SQLite sees to that itself
        enginespg.follow_ids(connection, table)


def go_on_from(connection: Connection, table: str, id: int) -> None:
    """Have a table that gives ids itself (SQLite: for ever new ones) give none up to this one, or to its highest."""
    if connection.dialect.name == "postgresql":
        enginespg.go_on_from(connection, table, id)
        return
    known = connection.exec_driver_sql("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", (table,)).scalar()
    if known is None:
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, id))
    elif known < id:
        connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (id, table))


def create(path: pathlib.Path) -> None:
    """Begin an empty database file that can give back free pages, which is settled before its first table."""
    connection = _connect(path, "rw")
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _engine(begin: str, connect: Callable[[], sqlite3.Connection], **pool: Any) -> Engine:
    engine = create_engine("sqlite://", creator=connect, hide_parameters=True, **pool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _living(engine: Engine, hands: Hands) -> Engine:
    """Each statement is a sign of life, and is interrupted when nobody waits for it any more; one that hangs in the
    file system, when that answers."""
    event.listen(engine, "before_cursor_execute", lambda *_: hands.beat())
    event.listen(engine, "checkout", lambda connection, *_: hands.hold(connection.interrupt))
    return engine


def _connect(path: pathlib.Path, mode: _Mode, *pragmas: str) -> sqlite3.Connection:
    uri = f"file:{urllib.parse.quote(os.fsencode(path.absolute()))}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_WAIT, isolation_level=None, check_same_thread=False)
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection
