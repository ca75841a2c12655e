"""Many rows by one statement, past Core: bound parameters by name cost more than SQLite itself, and each statement lets
go of the interpreter, and may wait 5 ms for it when another thread is busy."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy
from sqlalchemy import Column, Connection, Dialect, Table

_SLICES = (512, 256, 128, 64, 32, 16, 8, 4, 2, 1)  # rows of one statement


def insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], more: str = "") -> None:
    """Add rows, each in the order of the table's columns. `more` is the end of the statement: what to do on a
    conflict."""
    for some in _slices(rows):
        statement = _inserting(connection.dialect, table, len(some), more)
        connection.exec_driver_sql(statement, tuple(itertools.chain.from_iterable(some)))


def ignore(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add those rows that are not there yet."""
    insert(connection, table, rows, " ON CONFLICT DO NOTHING")


def add_up(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add to what rows of these keys have, in every column that is not of the key; no key may come twice."""
    insert(connection, table, rows, _adding(connection.dialect, table))


def find(connection: Connection, key: Column[Any], keys: Collection[Any]) -> dict[Any, int]:
    """The id of each of these keys that its table has."""
    found: dict[Any, int] = {}
    for some in _slices(tuple(keys)):
        statement = _finding(connection.dialect, key, len(some))
        found.update(tuple(row) for row in connection.exec_driver_sql(statement, some))
    return found


def _slices(rows: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    start = 0
    for size in _SLICES:
        while len(rows) - start >= size:
            yield tuple(rows[start : start + size])
            start += size


@functools.lru_cache(maxsize=256)
def _inserting(dialect: Dialect, table: Table, count: int, more: str) -> str:
    head = str(sqlalchemy.insert(table).compile(dialect=dialect)).partition(" VALUES ")[0]
    row = f"({', '.join([_mark(dialect)] * len(table.c))})"
    return f"{head} VALUES {', '.join([row] * count)}{more}"


@functools.lru_cache(maxsize=32)
def _adding(dialect: Dialect, table: Table) -> str:
    quote = dialect.identifier_preparer.quote
    key = ", ".join(quote(column.name) for column in table.primary_key)
    sums = (quote(column.name) for column in table.c if not column.primary_key)
    new = ", ".join(f"{name} = {quote(table.name)}.{name} + excluded.{name}" for name in sums)
    return f" ON CONFLICT ({key}) DO UPDATE SET {new}"


@functools.lru_cache(maxsize=32)
def _finding(dialect: Dialect, key: Column[Any], count: int) -> str:
    head = str(sqlalchemy.select(key, key.table.c.id).compile(dialect=dialect))
    return f"{head} WHERE {dialect.identifier_preparer.quote(key.name)} IN ({', '.join([_mark(dialect)] * count)})"


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
