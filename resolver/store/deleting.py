"""Deleting in bites, one after the other with a rest between them."""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table

from resolver.store import bites, engines
from resolver.store.bites import Gone
from resolver.store.face import Store
from resolver.store.idsets import in_sums
from resolver.store.pace import Pace
from resolver.store.terms import Of

T = TypeVar("T")
U = TypeVar("U")


class Deleter:
    """`forget` is that of the writer's interner; `rows` counts the rows of the log that were deleted, `values_deleted`
    names, clients and kinds. With `wipe` what is deleted is overwritten, as far as the database can do that.

    Everything blocks for as long as it takes, and raises Stopped when `stop` is set, or StoreError when the database
    cannot be used; what was deleted by then stays deleted. For one thread.
    """

    def __init__(
        self, database: Store, forget: Callable[[], None], stop: threading.Event, *, wipe: bool = False
    ) -> None:
        self.rows = 0
        self.values_deleted = Counter[Of]()
        self._database = database
        self._forget = forget
        self._stop = stop
        self._wipe = wipe

    def run(self, work: Callable[[Connection], T], committed: Callable[[T], None] | None = None) -> T:
        """One transaction, without a rest."""

        def wiped(connection: Connection) -> T:
            with engines.wiping(connection):
                return work(connection)

        return self._database.run(wiped if self._wipe else work, committed)

    def pace(self, size: int = 1, *, least: int = 1, most: int = 1) -> Pace:
        return Pace(self._stop, size, least=least, most=most)

    def all(self, work: Callable[[Connection], bool]) -> None:
        """Bite after bite, as long as `work` says that there is more to do."""
        pace = self.pace()
        while pace.bite(lambda _: self.run(work)):
            pass

    def each(self, things: Iterable[U], work: Callable[[Connection, U], None]) -> None:
        """A bite for each of some things."""
        pace = self.pace()
        for thing in things:
            pace.bite(functools.partial(self._one, work, thing))

    def delete(self, work: Callable[[Connection], Gone]) -> None:
        """The same for rows of the log."""
        pace = self.pace()
        while pace.bite(lambda _: self.run(work, self._gone)).more:
            pass

    def unused(self) -> None:
        """Delete the postings of blocks that are gone; then the names, clients and kinds that nothing has any more."""
        pace = self.pace(20_000, least=500, most=400_000)
        after: int | None = -1
        while after is not None:
            after = pace.bite(functools.partial(self._postings, after))
        for table, of in bites.TERMS:
            looking = self.pace(5_000, least=500, most=50_000)
            used = in_sums(self._database, of)
            last: int | None = 0
            while last is not None:
                found, last = looking.bite(functools.partial(self._look, table, of, last))
                self.values(table, of, [id for id in found if id not in used])

    def values(self, table: Table, of: Of, ids: Sequence[int]) -> None:
        """Delete those of these names, clients or kinds that no row of the log has. They are to stand in no sums."""
        pace = self.pace(500, least=50, most=5_000)
        done = 0
        while done < len(ids):
            some = ids[done : done + pace.size]
            self.values_deleted[of] += pace.bite(functools.partial(self._values, table, of, some))
            done += len(some)

    def give_back(self) -> None:
        """Give the room back to the file system."""
        pace = self.pace(200, least=10, most=2_000)
        while pace.bite(lambda pages: self.run(lambda connection: engines.give_back(connection, pages))):
            pass

    def _one(self, work: Callable[[Connection, U], None], thing: U, _: int) -> None:
        self.run(lambda connection: work(connection, thing))

    def _gone(self, gone: Gone) -> None:
        self.rows += gone.rows
        if gone.newest:
            self._forget()

    def _postings(self, after: int, count: int) -> int | None:
        return self.run(lambda connection: bites.stale_postings(connection, after, count))

    def _look(self, table: Table, of: Of, after: int, count: int) -> tuple[list[int], int | None]:
        return self._database.read(lambda connection: bites.unused(connection, table, of, after, count))

    def _values(self, table: Table, of: Of, ids: Sequence[int], _: int) -> int:
        return self.run(lambda connection: bites.delete_unused(connection, table, of, ids), lambda _: self._forget())
