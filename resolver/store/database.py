"""A SQLite file as a database: opened, begun, brought forward, and replaced by another when it is damaged."""

from __future__ import annotations

import contextlib
import os
import pathlib
import time
from collections.abc import Callable

from sqlalchemy import Connection

from resolver.model import Clock
from resolver.store import engines, opening
from resolver.store.classifying import classify
from resolver.store.face import OPEN_LIMIT, Kept
from resolver.store.hands import HUNG, Hands
from resolver.store.opening import Connections, Identity, Shape
from resolver.store.shared import Shared
from resolver.store.tables import KEPT
from resolver.store.tasks import touch
from resolver.store.trouble import Kind, Trouble, UnusableError

MIGRATION_PAUSE = 60.0  # seconds before a migration that failed is tried again

MIGRATING = Trouble(Kind.LOCKED, "the database is being brought forward to this version, which may take minutes")


class Database(Shared[Connections]):
    """One SQLite file (`face.Store`). `generation` changes whenever another file stands at `path`. Of the tables KEPT,
    those that `kept` does not know are read from a damaged file as far as that goes."""

    def __init__(self, path: pathlib.Path, clock: Clock = time, before: Callable[[], Kept] = dict) -> None:
        super().__init__(os.fsencode(path).decode(errors="replace"), Hands("the disk", HUNG), clock)
        self.path = path
        self._before = before
        self._grip = opening.Grip()
        self._file: Identity | None = None
        self._aside: pathlib.Path | None = None
        self._migration: tuple[float, UnusableError] | None = None

    @classmethod
    def open(cls, path: pathlib.Path, clock: Clock = time, before: Callable[[], Kept] = dict) -> Database:
        """Open, migrate, or begin the database at `path`. `before` gives what a new one begins with when nothing else
        is known of the rows to keep. Never raises: a database that cannot be used now says so in
        `state`, each use of it raises StoreError with the reason, and each use tries again."""
        database = cls(path, clock, before)
        with contextlib.suppress(UnusableError):
            database.run(touch, seconds=OPEN_LIMIT)
        return database

    def _check(self, opened: Connections) -> None:
        opening.check(self.path, opened.file, opened.descriptor)

    def _limit(self, connection: Connection, seconds: float) -> None:
        engines.limit_time(connection, seconds, self._hands)

    def _finish(self) -> None:
        super()._finish()
        self._grip.let_go()

    def _reopen(self, trouble: Trouble) -> None:
        if trouble.kind is Kind.CORRUPT:
            self._set_aside(trouble.detail)
        opened = self._opened
        self._close()
        if opened is not None and trouble.kind is Kind.GONE:
            opening.drop_companions(self.path, opened.beside)
        self._open_well()

    def _open(self) -> Connections:
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
        opened = opening.connect(self.path, self._grip, self._hands)
        if opened.file != self._file:
            self._file = opened.file
            self.generation += 1
        return opened

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
            with self._telling(MIGRATING, opening.MIGRATION_LIMIT):
                self._hands.beat(opening.MIGRATION_LIMIT)
                opening.migrate(self.path)
        except UnusableError as error:
            self._migration = (time.monotonic() + MIGRATION_PAUSE, error)
            raise
        self._migration = None
        self.health.happened("the database was brought forward; a copy of it as it was stands beside it")
