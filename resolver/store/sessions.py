"""Sessions of browsers. They live in memory, so that signing in needs no database; what changes is written when there
is time, and read at the next start."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert

from resolver.store.accountrows import Session
from resolver.store.tables import sessions

IDLE = 7 * 86_400.0
"""Seconds after which a session that is not used is over."""

LIFE = 30 * 86_400.0
"""Seconds after which one is over in any case."""

MOST_OF_ONE = 20
MOST = 1000
"""Sessions of a user, and of all; the one not used for longest gives way."""

_CREEP = 300.0  # seconds by which `seen` may be behind in the database
_SLICE = 500  # rows of one statement


class Written(msgspec.Struct, frozen=True):
    """What was written, to be told to `Sessions.written`."""

    changed: dict[str, Session]
    gone: frozenset[str]
    anew: bool


class Sessions:
    """By any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}
        self._stored: dict[str, float] = {}  # `seen` as it is in the database
        self._changed: set[str] = set()
        self._gone: set[str] = set()
        self._anew = False

    def load(self, found: Iterable[Session]) -> None:
        """Take over what a database has, at a start."""
        with self._lock:
            for one in found:
                if one.digest not in self._open and one.digest not in self._gone:
                    self._open[one.digest] = one
                    self._stored[one.digest] = one.seen

    def write_anew(self) -> None:
        """Another database is in place of the one before: it is to have these sessions, and no others."""
        with self._lock:
            self._anew = True

    def find(self, digest: str, now: float) -> Session | None:
        """The session of this digest, unless it is over by now; it is then seen."""
        with self._lock:
            found = self._open.get(digest)
            if found is None:
                return None
            if _is_over(found, now):
                self._end(digest)
                return None
            seen = replace(found, seen=now)
            self._open[digest] = seen
            if abs(now - self._stored.get(digest, 0.0)) >= _CREEP:
                self._changed.add(digest)
            return seen

    def begin(self, session: Session) -> None:
        """Have a session from now on."""
        with self._lock:
            self._make_room([one for one in self._open.values() if one.user == session.user], MOST_OF_ONE)
            self._make_room(list(self._open.values()), MOST)
            self._open[session.digest] = session
            self._changed.add(session.digest)

    def end(self, which: Callable[[Session], bool]) -> list[Session]:
        """End those of which that is true; returns them."""
        with self._lock:
            ended = [one for one in self._open.values() if which(one)]
            for one in ended:
                self._end(one.digest)
            return ended

    def all(self, now: float) -> list[Session]:
        """Those that are not over, the last seen first."""
        with self._lock:
            there = [one for one in self._open.values() if not _is_over(one, now)]
        return sorted(there, key=lambda one: -one.seen)

    def tidy(self, now: float, users: Iterable[int]) -> None:
        """End what is over, and what is of nobody."""
        known = set(users)
        self.end(lambda one: _is_over(one, now) or one.user not in known)

    # To the database

    def waiting(self) -> Written | None:
        """What is to be written; None for nothing."""
        with self._lock:
            if not (self._changed or self._gone or self._anew):
                return None
            digests = self._open if self._anew else self._changed
            return Written({digest: self._open[digest] for digest in digests}, frozenset(self._gone), self._anew)

    def written(self, done: Written) -> None:
        """Note that it was written."""
        with self._lock:
            for digest, one in done.changed.items():
                now = self._open.get(digest)
                if now is not None:
                    self._stored[digest] = one.seen
                    if abs(now.seen - one.seen) < _CREEP:
                        self._changed.discard(digest)
            self._gone -= done.gone
            self._anew = self._anew and not done.anew

    def _make_room(self, those: list[Session], most: int) -> None:
        """For one more."""
        surplus = max(0, len(those) - most + 1)
        for one in sorted(those, key=lambda one: one.seen)[:surplus]:
            self._end(one.digest)

    def _end(self, digest: str) -> None:
        del self._open[digest]
        self._stored.pop(digest, None)
        self._changed.discard(digest)
        self._gone.add(digest)


def write(connection: Connection, waiting: Written) -> None:
    """Bring the table to that."""
    if waiting.anew:
        connection.execute(delete(sessions))
    old = [] if waiting.anew else sorted(waiting.gone | waiting.changed.keys())
    for start in range(0, len(old), _SLICE):
        connection.execute(delete(sessions).where(sessions.c.digest.in_(old[start : start + _SLICE])))
    if waiting.changed:
        connection.execute(insert(sessions), [msgspec.structs.asdict(one) for one in waiting.changed.values()])


def _is_over(session: Session, now: float) -> bool:
    return session.ends <= now or session.seen + IDLE <= now
