"""Forgetting: log rows older than they are to be kept go, in small bites, so that nobody waits for it; and the hits of
rules that are no more."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, delete, select

from resolver.errors import StoreError
from resolver.model import Clock
from resolver.store import engines, hits
from resolver.store.database import Database
from resolver.store.tables import feeds, log

BITE = 5_000  # rows of one transaction
PAGES = 1_000  # pages given back in one transaction
PAUSE = 0.2  # seconds between two bites
EVERY = 3600.0  # seconds between two sweeps
FEED_KEPT = 7 * 86_400  # seconds that the last number of a worker that went away is remembered


class Swept(msgspec.Struct, frozen=True):
    """How many rows were deleted, and whether nothing is left to do (False: told to stop)."""

    rows: int
    finished: bool


async def keep_short(database: Database, clock: Clock, keep: Callable[[], float]) -> None:
    """Sweep every hour, in a thread, until cancelled; `keep` gives for how many seconds rows are to be kept now."""
    stop = threading.Event()
    try:
        while True:
            with contextlib.suppress(StoreError):  # the state of the database says it
                await asyncio.to_thread(sweep, database, keep(), stop, clock=clock)
            await asyncio.sleep(EVERY)
    finally:
        stop.set()


def sweep(
    database: Database, keep: float, stop: threading.Event, *, clock: Clock = time, pause: float = PAUSE
) -> Swept:
    """Delete log rows older than `keep` seconds, and give the room back to the file system. Totals stay.

    Blocks, for as long as it takes, or until `stop` is set. Raises StoreError when the database cannot be used; what
    was deleted by then stays deleted.
    """
    now = clock.time()
    rows = 0
    database.run(lambda connection: _forget_feeds(connection, now - FEED_KEPT))
    database.run(lambda connection: hits.tidy(connection, now))
    while deleted := database.run(lambda connection: _bite(connection, now - keep)):
        rows += deleted
        if stop.wait(pause):
            return Swept(rows, finished=False)
    while database.run(lambda connection: engines.give_back(connection, PAGES)):
        if stop.wait(pause):
            return Swept(rows, finished=False)
    return Swept(rows, finished=True)


def _bite(connection: Connection, before: float) -> int:
    oldest = select(log.c.id).where(log.c.at < before).order_by(log.c.at).limit(BITE)
    return connection.execute(delete(log).where(log.c.id.in_(oldest))).rowcount


def _forget_feeds(connection: Connection, before: float) -> None:
    connection.execute(delete(feeds).where(feeds.c.at < before))
