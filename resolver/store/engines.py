"""How a SQLite file is opened: the one place that knows PRAGMAs, URIs and what else is SQLite's alone."""

from __future__ import annotations

import os
import pathlib
import sqlite3
import time
import urllib.parse
from collections.abc import Callable
from typing import Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, Pool, QueuePool, StaticPool

BUSY_WAIT = 2.0  # seconds that a statement waits for another process's lock
MAGIC = b"SQLite format 3\0"
_WRITER = (
    "journal_mode = WAL",
    "synchronous = NORMAL",  # a power cut may cost the last seconds, never the file
    "cache_size = -8192",  # KiB
    "journal_size_limit = 16777216",  # bytes that the write-ahead log keeps once it was copied
)
_STEPS = 20_000  # of SQLite's virtual machine between two looks at the clock; well under a millisecond

_Mode = Literal["ro", "rw"]


def writer(path: pathlib.Path) -> Engine:
    """One connection, shared by whoever holds the database's lock. A transaction takes SQLite's write lock at its
    beginning, so that it cannot fail half-way because of another process."""
    return _engine("BEGIN IMMEDIATE", StaticPool, lambda: _connect(path, "rw", *_WRITER))


def readers(path: pathlib.Path) -> Engine:
    """A few connections that cannot write."""
    return _engine("BEGIN", QueuePool, lambda: _connect(path, "ro", "query_only = ON"))


def once(path: pathlib.Path, mode: _Mode) -> Engine:
    """Connections that are closed after use and change nothing by themselves, to look at a file. But "rw" lets SQLite
    finish what a killed process left half-done."""
    return _engine("BEGIN", NullPool, lambda: _connect(path, mode))


def companions(path: pathlib.Path) -> list[pathlib.Path]:
    """The files that SQLite keeps beside a database."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]


def limit_time(connection: Connection, seconds: float) -> None:
    """From now on, statements of this connection fail with SQLITE_INTERRUPT when `seconds` are over."""
    deadline = time.monotonic() + seconds
    _raw(connection).set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)


def give_back(connection: Connection, pages: int) -> bool:
    """Return up to `pages` free pages to the file system; whether there are more. A tenth of the file stays free for
    new rows: moving pages to and fro wears out flash."""
    free = int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one())
    surplus = free - int(connection.exec_driver_sql("PRAGMA page_count").scalar_one()) // 10
    for _ in range(min(pages, surplus)):  # more than one at a time takes stepping, which sqlite3 leaves after the first
        _raw(connection).execute("PRAGMA incremental_vacuum(1)")
    return surplus > pages


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def create(path: pathlib.Path) -> None:
    """Begin an empty database file that can give back free pages, which is settled before its first table."""
    connection = _connect(path, "rw")
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _engine(begin: str, pool: type[Pool], connect: Callable[[], sqlite3.Connection]) -> Engine:
    engine = create_engine("sqlite://", creator=connect, poolclass=pool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
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
