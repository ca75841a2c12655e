"""What all tables are made with: their metadata, and columns in short."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, String

metadata = MetaData()

ID = BigInteger().with_variant(Integer, "sqlite")
"""Of a primary key: only INTEGER PRIMARY KEY is SQLite's own row number."""

BYTEWISE = String().with_variant(String(collation="C"), "postgresql")
"""Text that is looked through in the order of its bytes, as SQLite orders all text."""


def made() -> Column[int]:
    """The primary key `id` that the database gives."""
    return Column("id", ID, primary_key=True)


def given() -> Column[int]:
    """The primary key `id` that the writer gives."""
    return Column("id", ID, primary_key=True, autoincrement=False)


def number(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **options)


def small(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def part(name: str) -> Column[int]:
    """A number that is part of the primary key."""
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def words(name: str, **options: Any) -> Column[str]:
    return Column(name, String, nullable=False, **options)
