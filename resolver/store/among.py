"""Whether a number is one of many: thousands of them, in one parameter of a statement whose text stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    String,
    TypeDecorator,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.types import TypeEngine

POSTGRESQL = "postgresql"


class Numbers(TypeDecorator[Sequence[int]]):
    """A parameter that is many numbers: JSON for SQLite, an array for PostgreSQL."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = ARRAY(BigInteger) if dialect.name == POSTGRESQL else String()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == POSTGRESQL:
            return value if value is None else list(value)
        return f"[{','.join(map(str, value))}]"


def among(connection: Connection, column: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """That a column is one of the numbers that the statement gets as its parameter `name`."""
    numbers = bindparam(name, type_=Numbers())
    if connection.dialect.name == POSTGRESQL:
        return column == any_(numbers)
    return column.in_(select(func.json_each(numbers).table_valued("value").c.value))
