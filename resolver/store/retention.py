"""Keeping the log short: what is older than it is to be kept goes, and the oldest of what takes too much room; sums are
made final, and what is of no use any more is swept away. In small bites, so that nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import threading
import time
from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, delete, func, select

from resolver.errors import StoreError
from resolver.model import Clock
from resolver.store import bites, engines, hits, rollups
from resolver.store.deleting import Deleter
from resolver.store.face import Store
from resolver.store.pace import Stopped
from resolver.store.tables import blocks, feeds
from resolver.store.terms import BLOCK_ROWS

EVERY = 3600.0  # seconds between two sweeps
LOOK = 60.0  # seconds between two looks at the room that is taken
FEED_KEPT = 7 * 86_400  # seconds that the last number of a worker that went away is remembered
STALE = 0.04  # part of the postings that may be of blocks that are gone
UNUSED = 86_400.0  # seconds after which what nothing has any more is looked for, however little that may be

_ROOM = 10 / 11  # of what it may take is in use at most, as a tenth of a file stays free
_AIM = 0.95 * _ROOM  # and so much once something had to go
_TRIES = 4  # to come to that


class Kept(msgspec.Struct, frozen=True):
    """For how many seconds rows are kept, and how many bytes the database may take (0: as many as it needs)."""

    seconds: float
    bytes: int = 0


class Swept(msgspec.Struct, frozen=True):
    """How many rows were deleted, and whether nothing is left to do (False: told to stop)."""

    rows: int
    finished: bool


class Room(msgspec.Struct, frozen=True):
    """The bytes in use, and the oldest and the newest block."""

    used: int
    first: int
    last: int


async def keep_short(database: Store, forget: Callable[[], None], clock: Clock, kept: Callable[[], Kept]) -> None:
    """Sweep every hour, in a thread, and trim what grows too fast, until cancelled. `kept` gives what is to be kept
    now; `forget` is that of the writer's interner."""
    stop = threading.Event()
    sweeper = Sweeper(database, forget, stop, clock)
    last = -EVERY
    try:
        while True:
            with contextlib.suppress(StoreError):  # the state of the database says it
                if clock.monotonic() - last >= EVERY:
                    last = clock.monotonic()
                    await asyncio.to_thread(sweeper.sweep, kept())
                else:
                    await asyncio.to_thread(sweeper.trim, kept().bytes)
            await asyncio.sleep(LOOK)
    finally:
        stop.set()


class Sweeper:
    """Deletes what is to be kept no longer. Everything here blocks for as long as it takes, or until `stop` is set, and
    raises StoreError when the database cannot be used; what was deleted by then stays deleted. For one thread."""

    def __init__(self, database: Store, forget: Callable[[], None], stop: threading.Event, clock: Clock = time) -> None:
        """`forget` is that of the writer's interner."""
        self._database = database
        self._clock = clock
        self._deleter = Deleter(database, forget, stop)
        self._unused = clock.monotonic()

    def sweep(self, kept: Kept) -> Swept:
        """Everything that is due. Totals stay."""
        return self._until_stopped(lambda: self._sweep(kept, self._clock.time()))

    def trim(self, most: int) -> Swept:
        """Only what takes more room than `most` bytes (0: nothing does)."""
        return self._until_stopped(lambda: self._trim(most, self._clock.time()))

    def _until_stopped(self, work: Callable[[], None]) -> Swept:
        before = self._deleter.rows
        try:
            work()
        except Stopped:
            return Swept(self._deleter.rows - before, finished=False)
        return Swept(self._deleter.rows - before, finished=True)

    def _sweep(self, kept: Kept, now: float) -> None:
        deleter, oldest = self._deleter, now - kept.seconds
        deleter.run(lambda connection: _forget_feeds(connection, now - FEED_KEPT))
        deleter.run(lambda connection: hits.tidy(connection, now))
        deleter.each(self._database.read(lambda connection: rollups.crowded(connection, now)), rollups.close_hour)
        deleter.all(lambda connection: rollups.close_days(connection, now))
        deleter.delete(lambda connection: bites.old_rows(connection, oldest))
        deleter.all(lambda connection: rollups.forget_hours(connection, oldest, now))
        deleter.all(lambda connection: rollups.forget_days(connection, now - rollups.DAYS_KEPT))
        if self._clock.monotonic() - self._unused > UNUSED or self._database.read(bites.stale_share) > STALE:
            deleter.unused()
            self._unused = self._clock.monotonic()
        deleter.give_back()
        self._trim(kept.bytes, now)

    def _trim(self, most: int, now: float) -> None:
        """Delete the oldest blocks until there is room again, and some more, so that this is not soon to be done
        again."""
        deleter = self._deleter
        for tries in range(_TRIES):
            room = self._database.read(_room)
            if not most or room.used <= most * (_AIM if tries else _ROOM) or room.first >= room.last:
                return
            share = 1 - most * _AIM / room.used
            goal = room.first + math.ceil((room.last - room.first + 1) * share) - 1
            deleter.delete(functools.partial(bites.old_blocks, number=goal))
            oldest = self._database.read(lambda connection: connection.scalar(select(func.min(blocks.c.first))))
            deleter.all(functools.partial(rollups.forget_hours, before=oldest or now, now=now))
            deleter.unused()
            deleter.give_back()


def _room(connection: Connection) -> Room:
    first, last = connection.execute(select(func.min(blocks.c.block), func.max(blocks.c.block))).one()
    count = 0 if first is None else last - first + 1
    return Room(engines.used(connection, count * BLOCK_ROWS), first or 0, last or 0)


def _forget_feeds(connection: Connection, before: float) -> None:
    connection.execute(delete(feeds).where(feeds.c.at < before))
