"""What a database is to whoever uses it, whichever kind it is: one writes at a time, a few read, a failure is healed
where it can be, and told where it cannot.

Nothing here raises but StoreError (and what the given work raises on its own account), and whatever happens to the
database, the next call, or the one after its cause has gone, works again.
"""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from sqlalchemy import Connection

from resolver.model import Clock
from resolver.store.classifying import classify
from resolver.store.face import READ_LIMIT, WRITE_LIMIT, Kept
from resolver.store.hands import PATIENCE, Hands
from resolver.store.health import Health, Incident, StoreState
from resolver.store.tasks import Open, Task, touch
from resolver.store.trouble import Kind, Trouble, UnusableError

T = TypeVar("T")

_CLOSING = 3.0  # seconds
_SLACK = 3.0  # seconds beyond its own limit after which a read is given up

_REOPEN = {Kind.CORRUPT, Kind.GONE, Kind.SCHEMA}  # healed by opening anew, at once
_CLOSE = {Kind.FAILED, Kind.READONLY, Kind.HUNG}  # a connection that failed so may never work again


O = TypeVar("O", bound=Open)  # noqa: E741 - of Open


class Shared(ABC, Generic[O]):
    """A database (`face.Store`). `kept` and `_open` are called with the lock held."""

    def __init__(self, place: str, hands: Hands, clock: Clock) -> None:
        self.place = place
        self.generation = 0
        self.kept: Callable[[], Kept] = dict
        self.health = Health(place, clock)
        self._hands = hands
        hands.found = self._hung
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: O | None = None
        self._closed = False

    # What a kind of database does in its own way

    @abstractmethod
    def _open(self) -> O:
        """Open, migrate or begin it, whatever that takes. Raises what `classify` knows."""

    def _check(self, opened: O) -> None:
        """Whether it is still the database that was opened. Raises what `classify` knows."""

    @abstractmethod
    def _limit(self, connection: Connection, seconds: float) -> None:
        """Have every statement of a reader's transaction fail when they are over."""

    def _reopen(self, trouble: Trouble) -> None:  # noqa: ARG002 - of a file it says what is to become of it
        """Heal it, with the lock held."""
        self._hands.beat()
        self._close()
        self._open_well()

    def _transact(self, opened: O, task: Task[T]) -> None:
        with opened.writer.begin() as connection:
            result = task.work(connection)
            self._hands.beat()
        task.stored(result)

    def _hung(self, trouble: Trouble) -> None:
        """Somebody has waited in vain."""
        self.health.ill(trouble)

    # The face

    @property
    def state(self) -> StoreState:
        return self.health.state

    @property
    def incidents(self) -> list[Incident]:
        return list(self.health.incidents)

    def run(
        self,
        work: Callable[[Connection], T],
        committed: Callable[[T], None] | None = None,
        seconds: float = WRITE_LIMIT,
    ) -> T:
        def stored(result: T) -> None:
            if self._hands.pulse.given_up:
                self.generation += 1  # whoever asked was told that it was not
            if committed is not None:
                committed(result)
            self.health.well()

        task = Task(work, stored)
        return self._hands.write(lambda: self._run(task), seconds)

    def read(self, work: Callable[[Connection], T], seconds: float = READ_LIMIT) -> T:
        return self._hands.read(lambda: self._read(work, seconds), seconds + _SLACK)

    def probe(self) -> None:
        self.run(touch)

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(UnusableError):  # then it ends with the process
            self._hands.write(self._finish, _CLOSING)
        self._hands.stop()

    # By a thread of the database's own

    def _run(self, task: Task[T]) -> T:
        with self._locked():
            try:
                self._attempt(task)
            except Exception as error:
                trouble = classify(error)
                if trouble is None:
                    raise
                if trouble.kind not in _REOPEN:
                    raise self._unusable(trouble) from error
                self._heal_and_retry(trouble, task)
        return task.done[0]

    def _read(self, work: Callable[[Connection], T], seconds: float) -> T:
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
            if trouble.kind is Kind.HUNG and not isinstance(error, UnusableError):  # it could not be connected to
                self._hung(trouble)
            raise UnusableError(trouble) from error

    def _finish(self) -> None:
        with self._locked():
            self._close()

    def _attempt(self, task: Task[T]) -> None:
        opened = self._opened or self._open_well()
        self._check(opened)
        self._transact(opened, task)

    def _look(self, opened: O, work: Callable[[Connection], T], seconds: float) -> T:
        self._check(opened)
        with opened.readers.begin() as connection:
            self._limit(connection, seconds)
            return work(connection)

    def _heal_and_retry(self, trouble: Trouble, task: Task[T]) -> None:
        try:
            self._reopen(trouble)
            if not task.done:  # else it was found stored
                self._attempt(task)
        except Exception as error:
            again = classify(error)
            if again is None:
                raise
            raise self._unusable(again) from error

    def _open_now(self) -> O:
        with self._locked():
            return self._opened or self._open_well()

    def _healed(self, broken: O, trouble: Trouble) -> O:
        with self._locked():
            if self._opened is broken:  # else another thread has healed it
                self._reopen(trouble)
            return self._opened or self._open_well()

    def _open_well(self) -> O:
        if self._closed:
            raise UnusableError(Trouble(Kind.FAILED, "the database is closed"))
        self._opened = self._open()
        return self._opened

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _unusable(self, trouble: Trouble) -> UnusableError:
        if trouble.kind in _CLOSE:
            self._close()
        if not self._hands.pulse.given_up:
            self.health.ill(trouble)
        return UnusableError(trouble)

    @contextlib.contextmanager
    def _telling(self, trouble: Trouble, seconds: float) -> Iterator[None]:
        """For as long as this lasts, but at most so long, tell everybody at once."""
        self.health.ill(trouble)
        self._hands.tell(trouble, seconds)
        try:
            yield
        finally:
            self._hands.tell(None)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._hands.beat(PATIENCE + 1)
        if not self._lock.acquire(timeout=PATIENCE):
            raise UnusableError(Trouble(Kind.LOCKED, "the database is busy with other writing"))
        try:
            self._hands.beat()
            yield
        finally:
            if self._closed:  # perhaps while this hung
                self._close()
            self._lock.release()
