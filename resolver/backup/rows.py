"""Rows of tables as lines of JSON, by the names of their columns: the same for every kind of database, and checked by
column when they come back, as SQLite would take anything anywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Connection, Float, Integer, String, Table, select

from resolver.errors import BackupError
from resolver.store import tables

PEOPLES = (
    tables.rules,
    tables.pauses,
    tables.sites,
    tables.overrides,
    tables.devices,
    tables.addresses,
    tables.users,
    tables.tokens,
    tables.requests,
    tables.choices,
    tables.repairs,
    tables.hits,
    tables.changes,
)
"""What people made, and what is known of it. Sessions are no part of it: who is signed in signs in again."""

SUMS = (tables.totals, tables.drops)
"""What is counted of all queries, which goes with the log."""

_LARGEST = (1 << 63) - 1

Row = dict[str, Any]


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Every row of a table, a line each."""
    encoder = msgspec.json.Encoder()
    statement = select(table).order_by(*table.primary_key)
    for row in connection.execute(statement).mappings():
        yield encoder.encode(dict(row)) + b"\n"


def rows(table: Table, given: Iterable[bytes], name: str) -> Iterator[Row]:
    """The rows that lines of the member `name` hold. A column that came later has its default. Raises BackupError."""
    for number, line in enumerate(given, 1):
        try:
            found = msgspec.json.decode(line, type=dict[str, Any])
            yield _row(table, found)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise BackupError(f"{name}:{number}: {error}") from None


def _row(table: Table, found: Row) -> Row:
    if unknown := sorted(found.keys() - table.c.keys()):
        raise ValueError(f"there is no column {unknown[0][:40]!a}")
    return {
        column.name: _value(column, found[column.name]) if column.name in found else _default(column)
        for column in table.c
    }


def _value(column: Column[Any], value: object) -> object:
    """A value that the column can hold. Raises ValueError."""
    match column.type, value:
        case (_, None) if column.nullable:
            return None
        case (Boolean(), bool()):
            return value
        case (Float(), float() | int()) if not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        case (Integer() | BigInteger(), int()) if not isinstance(value, bool) and abs(value) <= _LARGEST:
            return value
        case (String(), str()) if "\0" not in value:
            return value
        case _:
            raise ValueError(f"{column.name} cannot be {str(value)[:40]!a}")


def _default(column: Column[Any]) -> object:
    """What a row has in a column that was not there when it was written. Raises ValueError."""
    if column.nullable:
        return None
    given: Any = column.server_default
    if given is None:
        raise ValueError(f"{column.name} is missing")
    if isinstance(column.type, Boolean):
        return False
    text = str(given.arg)
    return int(text) if isinstance(column.type, Integer | BigInteger) else text
