"""An old log, of one wide table, becomes the new one."""

from __future__ import annotations

import contextlib
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from typing import Any

from alembic import command
from sqlalchemy import column, create_engine, insert, table

from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.store import migrate
from resolver.store.database import Database
from resolver.store.migrate import upgrade
from resolver.store.server import Server
from resolver.store.tables import metadata, reverse, totals, version
from tests.postgres import Postgres
from tests.store.adding_up import check, logged
from tests.store.making import NOON, look, store_all, until, waiting
from tests.store.test_migrate import of_version

_COLUMNS = (
    'id, at, client, "group", name, type, rcode, origin, verdict, source, rule, via, upstream, count, took_us, shadow'
)
_TEXTS = ["", "a", "a b", "||x^", "é" * 2000, "\0a", "1:a"]
_NAMES = ["", ".", "com.example.www", "org.b", "a\\.b.c"]


def old_rows(first: int, count: int) -> list[tuple[Any, ...]]:
    """Of every sort, as the old log had them."""
    chance = random.Random(1)
    rows: list[tuple[Any, ...]] = []
    for id in range(first, first + count):
        who = (f"192.0.2.{chance.randint(0, 9)}", chance.choice(["default", "kids"]), chance.choice(_NAMES))
        answer = (chance.choice([1, 28]), chance.choice([0, 3]), "local", chance.choice(["block", "pass", "allow"]))
        texts = [chance.choice(_TEXTS) for _ in range(4)]
        took = chance.choice([0, 999, 1000, 1001, 5_000_000, 5_000_001])
        rows.append(
            (id, NOON + id, *who, *answer, *texts, chance.randint(1, 3), took, chance.choice(["", "l", "l: x"]))
        )
    return rows


def totals_of(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    counted: Counter[tuple[int, str, str]] = Counter()
    for _, at, *values in rows:
        counted[at // 3600 * 3600, values[6], values[5]] += values[11]
    return [(*key, count) for key, count in counted.items()]


def new(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as `logged` shows it."""
    _, at, client, group, name, *answer, source, rule, via, upstream, count, took, shadow = row
    return (client, group, reverse(name), *answer, source, rule, via, upstream, shadow, at, count, took)


def old(path: pathlib.Path, rows: list[tuple[Any, ...]]) -> None:
    """A database of the third shape with these rows, and their totals."""
    of_version(path, "0003")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executemany(f"INSERT INTO log ({_COLUMNS}) VALUES ({', '.join('?' * 16)})", rows)
        connection.executemany("INSERT INTO totals VALUES (?, ?, ?, ?)", totals_of(rows))
        connection.commit()


def test_every_row_is_there_and_found(path: pathlib.Path) -> None:
    rows = old_rows(9000, 5000)  # two blocks and a bit, the oldest are gone
    old(path, rows)
    upgrade(path)
    assert logged(path) == [new(row) for row in rows]
    assert look(path, "SELECT min(id), max(id), count(*) FROM log") == [(9000, 13_999, 5000)]
    assert look(path, "SELECT name FROM sqlite_master WHERE name LIKE '%log%'") == [("log",)]
    assert look(path, "PRAGMA integrity_check") == [("ok",)]
    check(path)


def test_the_log_goes_on_with_what_was_moved(path: pathlib.Path) -> None:
    rows = old_rows(1, 300)
    old(path, rows)
    database = Database.open(path)
    assert database.state.state == "ok", database.state
    values = "SELECT (SELECT count(*) FROM names), (SELECT count(*) FROM kinds), (SELECT count(*) FROM facets)"
    before = look(path, values)
    again = []
    for (
        _,
        _,
        client,
        group,
        name,
        type,
        rcode,
        origin,
        verdict,
        source,
        rule,
        via,
        upstream,
        count,
        took,
        shadow,
    ) in rows:
        exchange = Exchange(reverse(name), type, rcode, origin, verdict, source, rule, via, upstream, shadow)
        again.append(Row(client, group, exchange, count, took))
    store_all(database, [waiting(1, again)])
    assert look(path, values) == before
    assert [row[:12] for row in logged(path)[300:]] == [row[:12] for row in logged(path)[:300]]
    check(path)
    database.close()


def test_an_empty_log_is_moved_too(path: pathlib.Path) -> None:
    old(path, [])
    upgrade(path)
    check(path)


def test_killed_while_it_is_moved(path: pathlib.Path) -> None:
    rows = old_rows(1, 6000)
    old(path, rows)
    before = look(path, "SELECT sql FROM sqlite_master ORDER BY name")
    program = [sys.executable, "-m", "resolver.store.migrate", str(path)]
    wal = path.with_name(f"{path.name}-wal")
    with subprocess.Popen(program, cwd=pathlib.Path(__file__).parents[2]) as child:
        until(lambda: wal.exists() and wal.stat().st_size > 1 << 20)  # more than memory is to hold was written
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert look(path, "SELECT sql FROM sqlite_master ORDER BY name") == before
    assert look(path, "SELECT count(*) FROM log") == [(6000,)]
    upgrade(path)
    assert look(path, "PRAGMA integrity_check") == [("ok",)]
    assert len(logged(path)) == 6000
    check(path)


def test_every_row_is_there_and_found_on_postgresql(postgres: Postgres, tmp_path: pathlib.Path) -> None:
    url = postgres.schema()
    rows = [
        tuple(value.replace("\0", "") if isinstance(value, str) else value for value in row)
        for row in old_rows(1, 5000)
    ]
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        metadata.create_all(connection, tables=[version])
        command.upgrade(migrate.config(migrate.SCRIPTS, connection), "0003")
        names = [name.strip(' "') for name in _COLUMNS.split(",")]
        connection.execute(
            insert(table("log", *map(column, names))), [dict(zip(names, row, strict=True)) for row in rows]
        )
        connection.execute(insert(totals), [dict(zip(totals.c.keys(), row, strict=True)) for row in totals_of(rows)])
    engine.dispose()
    database = Server.open(url, tmp_path)
    until(lambda: database.state.state == "ok")
    assert logged(database) == [new(row) for row in rows]
    check(database)
    database.close()
