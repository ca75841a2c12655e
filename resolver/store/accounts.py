"""Users, their sessions, tokens and what members ask for: kept in the database, remembered here, so that people can
sign in while it is locked, full or being replaced."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, update

from resolver.errors import StoreError
from resolver.model import Clock
from resolver.store import accountrows
from resolver.store.accountrows import Picture, Session, Token, User
from resolver.store.face import Kept, Store
from resolver.store.sessions import Sessions
from resolver.store.sessions import write as write_sessions
from resolver.store.tables import tokens, users
from resolver.store.trail import Trail

R = TypeVar("R")

MOST_NOTES = 500
"""Entries of the trail that may wait for the database; more are counted."""

_CREEP = 300.0  # seconds by which `seen` of a token may be behind


class Note(msgspec.Struct, frozen=True):
    """An entry of the trail about what needs no row: somebody signed in, or could not."""

    at: float
    who: str
    what: str


class AccountStore:
    """By any thread. What changes users and tokens is one transaction and raises StoreError when that is not possible:
    then nothing was changed. The rest works from memory; `flush` writes it down."""

    def __init__(self, database: Store, clock: Clock = time) -> None:
        self.sessions = Sessions()
        self.picture: Picture | None = None
        """What is known, perhaps only remembered; None while the tables could never be read."""
        self._database = database
        self._clock = clock
        self._generation = -1
        self._behind = False
        self._turns = itertools.count(1)
        self._taken = 0
        self._lock = threading.Lock()
        self._marked: set[int | str] = set()  # ids of users and digests of tokens that were seen since
        self._notes: deque[Note] = deque()
        self._lost = 0

    @property
    def stale(self) -> bool:
        """Whether it has to be read: it never was, somebody else changed rows, or another database is in place of the
        one before."""
        return self.picture is None or self._behind or self._generation != self._database.generation

    def read(self) -> None:
        """Read it, or raise StoreError."""
        turn, first = next(self._turns), self.picture is None

        def work(connection: Connection) -> tuple[Picture, list[Session]]:
            return accountrows.read(connection), accountrows.read_sessions(connection) if first else []

        picture, found = self._database.read(work)
        if first:
            self.sessions.load(found)
        self._take(picture, turn)

    def changed(self) -> None:
        """Somebody else changed rows: read them, now or when that can be done."""
        self._behind = True
        with contextlib.suppress(StoreError):
            self.read()

    def beside(self) -> Kept:
        """The rows of users and tokens, for a database begun anew; nothing when they were never read. Does not use the
        database."""
        picture = self.picture
        if picture is None:
            return {}
        return {
            users.name: list(map(asdict, picture.users.values())),
            tokens.name: list(map(asdict, picture.tokens.values())),
        }

    def change(self, who: str, what: str, work: Callable[[Connection], R]) -> R:
        """Do `work` in one transaction, with an entry on the trail (none if `what` is empty), which cannot be taken
        back: the rows hold secrets, and the trail does not. May be called twice, so it must not change anything but
        the database."""

        def whole(connection: Connection) -> tuple[R, Picture]:
            result = work(connection)
            if what:
                trail = Trail(connection, self._clock.time(), who)
                trail.note(what)
                trail.write()
            return result, accountrows.read(connection)

        return self._database.run(whole, lambda done: self._take(done[1], next(self._turns)))[0]

    # Remembered at once, written when there is time

    def signed_in(self, id: int) -> None:
        """Note that a user signed in now."""
        self._mark_user(id, lambda user: replace(user, seen=self._clock.time()))

    def use_step(self, user: User, step: int) -> bool:
        """Take the step of a code as used; False when it, or a later one, was used already."""
        used = False

        def newer(now: User) -> User:
            nonlocal used
            used = now.step >= step or now.totp != user.totp
            return now if used else replace(now, step=step)

        self._mark_user(user.id, newer)
        return not used

    def use_token(self, token: Token) -> None:
        """Note that a token was used now."""
        now = self._clock.time()
        if token.seen is not None and abs(now - token.seen) < _CREEP:
            return
        with self._lock:
            if self.picture is not None and token.digest in self.picture.tokens:
                held = {**self.picture.tokens, token.digest: replace(self.picture.tokens[token.digest], seen=now)}
                self.picture = replace(self.picture, tokens=held)
                self._marked.add(token.digest)

    def note(self, who: str, what: str) -> None:
        """Have this on the trail as soon as there is time."""
        with self._lock:
            if len(self._notes) < MOST_NOTES:
                self._notes.append(Note(self._clock.time(), who, what))
            else:
                self._lost += 1

    def flush(self) -> None:
        """Write down what waits. Raises StoreError; then it goes on waiting."""
        with self._lock:
            picture, marked = self.picture, set(self._marked)
            notes, lost = list(self._notes), self._lost
        if picture is None:
            return
        self.sessions.tidy(self._clock.time(), picture.users)
        waiting = self.sessions.waiting()
        if not (marked or notes or lost or waiting):
            return

        def work(connection: Connection) -> None:
            if waiting is not None:
                write_sessions(connection, waiting)
            _write_marks(connection, picture, marked)
            for note in [*notes, *self._told(lost)]:
                trail = Trail(connection, note.at, note.who)
                trail.note(note.what)
                trail.write()

        def committed(_: None) -> None:
            if waiting is not None:
                self.sessions.written(waiting)
            self._written(picture, marked, len(notes), lost)

        self._database.run(work, committed)

    def _take(self, picture: Picture, turn: int) -> None:
        """Take this picture, unless there is one already of a later turn: reading began then, or writing ended."""
        with self._lock:
            if turn <= self._taken:
                return
            moved = self.picture is not None and self._generation != self._database.generation
            self._taken, self._generation, self._behind = turn, self._database.generation, False
            self.picture = accountrows.newest(picture, self.picture)
        if moved:
            self.sessions.write_anew()

    def _mark_user(self, id: int, change: Callable[[User], User]) -> None:
        with self._lock:
            if self.picture is not None and id in self.picture.users:
                self.picture = replace(self.picture, users={**self.picture.users, id: change(self.picture.users[id])})
                self._marked.add(id)

    def _written(self, picture: Picture, marked: set[int | str], notes: int, lost: int) -> None:
        with self._lock:
            for _ in range(min(notes, len(self._notes))):
                self._notes.popleft()
            self._lost -= lost
            now = self.picture or picture
            self._marked -= {key for key in marked if _marks(now, key) == _marks(picture, key)}

    def _told(self, lost: int) -> list[Note]:
        what = f"{lost:,} more entries of the trail were given up while the database could not be used"
        return [Note(self._clock.time(), "", what)] if lost else []


def _marks(picture: Picture, key: int | str) -> tuple[float | None, int]:
    """When a user or token was last seen, and the step of a user."""
    found = picture.users.get(key) if isinstance(key, int) else picture.tokens.get(key)
    return (None, 0) if found is None else (found.seen, found.step if isinstance(found, User) else 0)


def _write_marks(connection: Connection, picture: Picture, marked: set[int | str]) -> None:
    for key in marked:
        seen, step = _marks(picture, key)
        if isinstance(key, int):
            connection.execute(update(users).where(users.c.id == key).values(seen=seen))
            connection.execute(update(users).where(users.c.id == key, users.c.step < step).values(step=step))
        else:
            connection.execute(update(tokens).where(tokens.c.digest == key).values(seen=seen))
