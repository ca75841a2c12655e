"""The database as the rest of the control process uses it: write, read, and be told when neither is possible.

Nothing here raises but StoreError (and what the given work raises on its own account), and whatever happens to the
file, the next call, or the one after its cause has gone, works again.
"""

from __future__ import annotations

import contextlib
import pathlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlalchemy import Connection, delete, insert

from resolver.model import Clock
from resolver.store import engines, opening
from resolver.store.health import Health, Incident, StoreState
from resolver.store.opening import Connections, Identity, Kept, Shape
from resolver.store.tables import KEPT, feeds
from resolver.store.trouble import Kind, Trouble, UnusableError, classify

T = TypeVar("T")

READ_LIMIT = 5.0  # seconds that a read may take
PATIENCE = 10.0  # seconds to wait for other writing of our own
MIGRATION_PAUSE = 60.0  # seconds before a migration that failed is tried again

_REOPEN = {Kind.CORRUPT, Kind.GONE, Kind.SCHEMA}  # healed by opening anew, at once
_CLOSE = {Kind.FAILED, Kind.READONLY}  # a connection that failed so may never work again, even when its cause has gone


class Database:
    """One SQLite file. Any thread may call; writing is one at a time.

    `generation` changes whenever another file stands at `path`: what was read before may no longer be there. `kept`
    is asked, with the lock held, for the rows that a new database begins with; of the tables that it does not know,
    they are read from the damaged file as far as that goes.
    """

    def __init__(self, path: pathlib.Path, clock: Clock = time, before: Callable[[], Kept] = dict) -> None:
        self.path = path
        self._before = before
        self.generation = 0
        self.kept: Callable[[], Kept] = dict
        self.health = Health(path, clock)
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: Connections | None = None
        self._grip = opening.Grip()
        self._file: Identity | None = None
        self._aside: pathlib.Path | None = None
        self._closed = False
        self._migration: tuple[float, UnusableError] | None = None

    @classmethod
    def open(cls, path: pathlib.Path, clock: Clock = time, before: Callable[[], Kept] = dict) -> Database:
        """Open, migrate, or begin the database at `path`. `before` gives what a new one begins with when nothing else
        is known of the rows to keep. Never raises: a database that cannot be used now says so in
        `state`, each use of it raises StoreError with the reason, and each use tries again."""
        database = cls(path, clock, before)
        with contextlib.suppress(UnusableError):
            database.probe()
        return database

    @property
    def state(self) -> StoreState:
        """How the last use of it went."""
        return self.health.state

    @property
    def incidents(self) -> list[Incident]:
        """What happened to the file, oldest first."""
        return list(self.health.incidents)

    def run(self, work: Callable[[Connection], T], committed: Callable[[T], None] | None = None) -> T:
        """Do `work` in one transaction. It may be called twice, the second time on a new file, so it must not change
        anything but the database; `committed` gets its result, before any other writing begins.

        Raises StoreError when the database cannot be used; then nothing was done.
        """
        with self._locked():
            try:
                result = self._attempt(work)
            except Exception as error:
                trouble = classify(error)
                if trouble is None:
                    raise
                if trouble.kind not in _REOPEN:
                    raise self._unusable(trouble) from error
                result = self._heal_and_retry(trouble, work)
            if committed is not None:
                committed(result)
            self.health.well()
            return result

    def read(self, work: Callable[[Connection], T], seconds: float = READ_LIMIT) -> T:
        """Do `work` on a connection that cannot write and sees one moment's state. Raises StoreError when the database
        cannot be used, or when `seconds` were not enough."""
        try:
            opened = self._opened or self._open_now()
            try:
                return self._look(opened, work, seconds)
            except Exception as error:
                trouble = classify(error)
                if trouble is None or (trouble.kind not in _REOPEN and self._opened is opened):
                    raise
                return self._look(self._healed(opened, trouble), work, seconds)
        except Exception as error:
            trouble = classify(error)
            if trouble is None:
                raise
            raise UnusableError(trouble) from error

    def probe(self) -> None:
        """Really write something, and remove it: whether the database can be used. Raises StoreError if not."""
        self.run(_touch)

    def close(self) -> None:
        """Close the file; every later use raises StoreError."""
        with self._locked():
            self._closed = True
            self._close()
            self._grip.let_go()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=PATIENCE):
            raise UnusableError(Trouble(Kind.LOCKED, "the database is busy with other writing"))
        try:
            yield
        finally:
            self._lock.release()

    def _attempt(self, work: Callable[[Connection], T]) -> T:
        opened = self._opened or self._open()
        opening.check(self.path, opened.file, opened.descriptor)
        with opened.writer.begin() as connection:
            return work(connection)

    def _look(self, opened: Connections, work: Callable[[Connection], T], seconds: float) -> T:
        opening.check(self.path, opened.file, opened.descriptor)
        with opened.readers.begin() as connection:
            engines.limit_time(connection, seconds)
            return work(connection)

    def _heal_and_retry(self, trouble: Trouble, work: Callable[[Connection], T]) -> T:
        try:
            self._reopen(trouble)
            return self._attempt(work)
        except Exception as error:
            again = classify(error)
            if again is None:
                raise
            raise self._unusable(again) from error

    def _open_now(self) -> Connections:
        with self._locked():
            return self._opened or self._open()

    def _healed(self, broken: Connections, trouble: Trouble) -> Connections:
        with self._locked():
            if self._opened is broken:  # else another thread has healed it
                self._reopen(trouble)
            return self._opened or self._open()

    def _reopen(self, trouble: Trouble) -> None:
        if trouble.kind is Kind.CORRUPT:
            self._set_aside(trouble.detail)
        opened = self._opened
        self._close()
        if opened is not None and trouble.kind is Kind.GONE:
            opening.drop_companions(self.path, opened.beside)
        self._open()

    def _open(self) -> Connections:
        if self._closed:
            raise UnusableError(Trouble(Kind.FAILED, "the database is closed"))
        try:
            shape = opening.examine(self.path, self._grip)
        except Exception as error:
            trouble = classify(error)
            if trouble is None or trouble.kind is not Kind.CORRUPT:
                raise
            self._set_aside(trouble.detail)
            shape = Shape.NEW
        if shape is Shape.OLD:
            self._migrate()
        if shape is Shape.NEW:
            self._begin()
        self._opened = opening.connect(self.path, self._grip)
        if self._opened.file != self._file:
            self._file = self._opened.file
            self.generation += 1
        return self._opened

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _begin(self) -> None:
        kept = self.kept()
        if lost := [table for table in KEPT if table.name not in kept]:
            found = opening.salvage(self._aside, lost) if self._aside else {}
            kept = {**self._before(), **(found if any(found.values()) else {}), **kept}
        opening.begin(self.path, kept)
        self._file = None  # new, even when it is in the same file
        count = sum(map(len, kept.values()))
        if self._aside or count:
            self.health.happened(f"a new database was begun, {count} rows of what people made were put back into it")
        self._aside = None

    def _set_aside(self, why: str) -> None:
        try:
            aside = opening.set_aside(self.path, self._clock.time())
        except OSError as error:
            raise UnusableError(Trouble(Kind.CORRUPT, f"{why}, and it cannot be set aside: {error}")) from error
        self._aside = self._aside or aside  # the first has the rules, if a new one could not be begun since
        self.health.happened(f"{why}: it was set aside", str(aside))

    def _migrate(self) -> None:
        if self._migration and time.monotonic() < self._migration[0]:
            raise self._migration[1]
        try:
            opening.migrate(self.path)
        except UnusableError as error:
            self._migration = (time.monotonic() + MIGRATION_PAUSE, error)
            raise
        self._migration = None
        self.health.happened("the database was brought forward; a copy of it as it was stands beside it")

    def _unusable(self, trouble: Trouble) -> UnusableError:
        if trouble.kind in _CLOSE:
            self._close()
        if trouble.kind is not Kind.SLOW:
            self.health.ill(trouble)
        return UnusableError(trouble)


def _touch(connection: Connection) -> None:
    connection.execute(insert(feeds).values(feed="", seq=0, at=0))
    connection.execute(delete(feeds).where(feeds.c.feed == ""))
