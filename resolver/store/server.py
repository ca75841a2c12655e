"""A database on a PostgreSQL server, for those who have one: it goes away and comes back, and hangs, without ever
keeping anybody."""

from __future__ import annotations

import contextlib
import pathlib
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from resolver.model import Clock
from resolver.store import enginespg, openingpg
from resolver.store.classifying import classify
from resolver.store.database import MIGRATING, MIGRATION_PAUSE
from resolver.store.face import OPEN_LIMIT, Kept
from resolver.store.hands import Hands
from resolver.store.opening import MIGRATION_LIMIT, Shape
from resolver.store.openingpg import Session
from resolver.store.shared import Shared
from resolver.store.tables import KEPT, metadata
from resolver.store.tasks import Task, touch
from resolver.store.trouble import Kind, Trouble, UnusableError

T = TypeVar("T")

RETRY = 1.0  # seconds before a server that could not be reached is tried again
_ATTEMPT = 30.0  # seconds that trying may take


class _Doubt(msgspec.Struct, frozen=True):
    """A transaction that was being committed when the connection broke, and what is to be done if it was stored."""

    transaction: str
    stored: Callable[[], None]


class Server(Shared[Session]):
    """A database by its URL (`face.Store`). `generation` changes with every connection: who knows what became of the
    server meanwhile."""

    def __init__(self, url: str, state: pathlib.Path, clock: Clock = time, before: Callable[[], Kept] = dict) -> None:
        super().__init__(enginespg.shown(url), Hands("the server", enginespg.ALLOWANCE), clock)
        self._url = url
        self._state = state
        self._before = before
        self._failed: Trouble | None = None
        self._suspect: Session | None = None
        self._doubt: _Doubt | None = None
        self._migration: tuple[float, UnusableError] | None = None

    @classmethod
    def open(cls, url: str, state: pathlib.Path, clock: Clock = time, before: Callable[[], Kept] = dict) -> Server:
        """As `Database.open`. Copies that are made before a migration are put into the directory `state`."""
        server = cls(url, state, clock, before)
        with contextlib.suppress(UnusableError):
            server.run(touch, seconds=OPEN_LIMIT)
        return server

    def _check(self, opened: Session) -> None:
        if opened is self._suspect:
            raise UnusableError(Trouble(Kind.GONE, "the server did not answer"))

    def _limit(self, connection: Connection, seconds: float) -> None:
        enginespg.limit_time(connection, seconds, self._hands)

    def _open(self) -> Session:
        self._hands.heed()  # somebody tried it while this waited
        if self._failed is not None:
            self._hands.tell(self._failed, _ATTEMPT)  # the others need not wait for what failed just now
        try:
            session = self._reached()
        except Exception as error:
            trouble = classify(error)
            if trouble is None and isinstance(error, DBAPIError):  # such as an option of the URL
                trouble = Trouble(Kind.FAILED, f"the server cannot be reached ({error.orig})")
            self._failed = trouble or self._failed
            self._hands.tell(self._failed, RETRY)
            if trouble is None:
                raise
            self.health.ill(trouble)
            raise UnusableError(trouble) from error
        self._failed = None
        self._hands.tell(None)
        self.generation += 1
        return session

    def _reached(self) -> Session:
        session = openingpg.connect(self._url, self._hands)
        try:
            self._make_ready(session)
        except BaseException:
            session.close()
            raise
        return session

    def _make_ready(self, session: Session) -> None:
        with session.writer.begin() as connection:
            try:
                enginespg.take(connection)
            except Exception as error:
                trouble = classify(error)
                if trouble is None or trouble.kind is not Kind.LOCKED:
                    raise
                raise UnusableError(Trouble(Kind.LOCKED, openingpg.TAKEN)) from error
            self._settle(connection)
            shape, missing = openingpg.examine(connection, self.place)
        if shape is Shape.OLD:
            self._migrate()
        if shape is Shape.NEW:
            with session.writer.begin() as connection:
                self._begin(connection, missing)

    def _settle(self, connection: Connection) -> None:
        """Find out what became of a transaction in doubt, before anything else is written. Nobody but us is there, so
        it is over."""
        if (doubt := self._doubt) is not None:
            stored = enginespg.was_stored(connection, doubt.transaction)
            self._doubt = None
            if stored:
                doubt.stored()

    def _begin(self, connection: Connection, missing: set[str]) -> None:
        wanted = {table.name for table in KEPT} & missing
        kept = self.kept()
        if wanted - kept.keys():
            kept = {**self._before(), **kept}
        count = openingpg.begin(connection, missing, kept)
        whole = missing == set(metadata.tables)
        if count or not whole:
            what = (
                "a new database was begun" if whole else f"missing tables were made anew: {', '.join(sorted(missing))}"
            )
            self.health.happened(f"{what}, {count} rows of what people made were put back into it")

    def _migrate(self) -> None:
        if self._migration and time.monotonic() < self._migration[0]:
            raise self._migration[1]
        try:
            with self._telling(MIGRATING, MIGRATION_LIMIT):
                self._hands.beat(MIGRATION_LIMIT)
                openingpg.migrate(self._url, self._state, self.place)
        except UnusableError as error:
            self._migration = (time.monotonic() + MIGRATION_PAUSE, error)
            raise
        self._migration = None
        self.health.happened("the database was brought forward; what people made was copied into the state directory")

    def _transact(self, opened: Session, task: Task[T]) -> None:
        with opened.writer.begin() as connection:
            result = task.work(connection)
            self._hands.beat()
            if transaction := enginespg.transaction(connection):
                self._doubt = _Doubt(transaction, lambda: task.stored(result))
        self._doubt = None
        task.stored(result)

    def _hung(self, trouble: Trouble) -> None:
        self._failed = trouble
        self._suspect = self._opened  # where one connection hangs, the others would be waited for in vain too
        self._hands.tell(trouble, RETRY)
        self._hands.cut()
        super()._hung(trouble)
