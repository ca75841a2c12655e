"""What is done to a database that is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection, Engine, delete, insert

from resolver.store.tables import feeds

T = TypeVar("T")


class Open(Protocol):
    """An open database: what writes, and what reads."""

    @property
    def writer(self) -> Engine: ...

    @property
    def readers(self) -> Engine: ...

    def close(self) -> None: ...


class Task(Generic[T]):
    """One transaction that somebody asked for, and what came of it once it was stored."""

    def __init__(self, work: Callable[[Connection], T], stored: Callable[[T], None]) -> None:
        self.work = work
        self.done: list[T] = []
        self._stored = stored

    def stored(self, result: T) -> None:
        self._stored(result)
        self.done.append(result)


def touch(connection: Connection) -> None:
    """Write something, and remove it."""
    connection.execute(insert(feeds).values(feed="", seq=0, at=0))
    connection.execute(delete(feeds).where(feeds.c.feed == ""))
