"""The log as it comes: whoever looks gets what they ask for of what workers tell, without the database. It is for
looking: who is too slow, or asks for too much, misses some and is told how many."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import msgspec

from resolver.admin import shown
from resolver.admin.bodies import LogEntry
from resolver.admin.recent import Recent
from resolver.errors import ApiError
from resolver.network.calling import Calling
from resolver.store.filters import LogFilter, LogRow, matches

READERS = 20
"""At once."""

A_SECOND = 2_000
"""Entries that one reader gets in a second."""

AT_ONCE = 250
"""Entries that one reader gets at once."""

_LOOKED_AT = 2_000  # rows that are looked at for one reader before others get their turn
_FRESH = 1.0  # seconds for which names of devices, and what a reader's filter means, are not looked up again


class Item(msgspec.Struct, frozen=True):
    """An entry, and the mark by which a reader can go on after it. It is not in the database yet: its id is 0."""

    mark: str
    entry: LogEntry


class Missed(msgspec.Struct, frozen=True):
    """So many rows were gone before this reader came to them; perhaps none was asked for. None: nobody knows."""

    rows: int | None


class Tail:
    """Of control's loop. `calling` says what devices are called."""

    def __init__(self, recent: Recent, calling: Callable[[], Calling]) -> None:
        self.recent = recent
        self.readers = 0
        self._make_calling = calling
        self._calling: Calling | None = None
        self._called = 0.0

    @contextlib.contextmanager
    def subscribe(
        self, filter: Callable[[], LogFilter], *, since: float | None = None, after: str = ""
    ) -> Iterator[Reader]:
        """Somebody who looks: at what comes from now on; from `since` (Unix time) on, as far as it is at hand; or after
        a mark. `filter` is asked again now and then, as devices move. Raises ApiError when there are too many."""
        if self.readers >= READERS:
            message = f"{READERS} look at the log as it comes already: close one, or look at GET /api/v1/log"
            raise ApiError(503, "busy", message)
        begin = self.recent.end if since is None else self.recent.since(since)
        going_on = self.recent.after(after) if after else begin
        self.readers += 1
        try:
            yield Reader(self, filter, begin if going_on is None else going_on, unknown=going_on is None)
        finally:
            self.readers -= 1

    def name(self, client: str) -> str:
        """What a device is called now."""
        now = time.monotonic()
        if self._calling is None or now - self._called >= _FRESH:
            self._calling, self._called = self._make_calling(), now
        return self._calling.of(client)


class Reader:
    """Somebody who looks, from the row with the number `begin` on. `unknown`: nobody knows what they missed before."""

    def __init__(self, tail: Tail, filter: Callable[[], LogFilter], begin: int, *, unknown: bool) -> None:
        self._tail = tail
        self._recent = tail.recent
        self._filter = filter
        self._next = begin
        self._unknown = unknown
        self._matching = _matching(filter())
        self._matched = self._second = time.monotonic()
        self._spent = 0

    async def read(self, seconds: float) -> list[Item | Missed]:
        """What has come, AT_ONCE at most; nothing after about so many seconds without any."""
        end = time.monotonic() + seconds
        if self._unknown:
            self._unknown = False
            return [Missed(None)]
        while True:
            await self._wait_for_budget()
            found = self._some()
            self._spent += len(found)
            await asyncio.sleep(0)
            left = end - time.monotonic()
            if found or left <= 0:
                return found
            if self._next == self._recent.end:
                await self._recent.news(left)

    def _some(self) -> list[Item | Missed]:
        """What is asked for among the rows that come next, and how many are gone."""
        piece, gone = self._recent.of(self._next)
        if piece is None:
            return []
        found: list[Item | Missed] = [Missed(gone)] if gone else []
        self._next += gone
        matching, rows = self._matches(), piece.rows
        start = self._next - piece.first
        for row in rows[start : start + _LOOKED_AT]:
            if matching(row):
                found.append(Item(self._recent.mark(self._next), shown.entry(row, self._tail.name(row.client))))
            self._next += 1
            if len(found) >= AT_ONCE:
                break
        return found

    def _matches(self) -> Callable[[LogRow], bool]:
        now = time.monotonic()
        if now - self._matched >= _FRESH:
            self._matching, self._matched = _matching(self._filter()), now
        return self._matching

    async def _wait_for_budget(self) -> None:
        """Wait until there may be more in this second."""
        left = self._second + 1.0 - time.monotonic()
        if left > 0 and self._spent < A_SECOND:
            return
        await asyncio.sleep(max(0.0, left))
        self._second, self._spent = time.monotonic(), 0


def _matching(filter: LogFilter) -> Callable[[LogRow], bool]:
    """Whether a row is asked for. Most are not, and are told by what is quickly looked at."""
    if filter == LogFilter():
        return lambda _: True
    fields, clients = filter.alike, filter.clients
    get: Callable[[LogRow], Any] = attrgetter(*fields) if fields else lambda _: ()
    wanted = next(iter(fields.values())) if len(fields) == 1 else tuple(fields.values())
    return lambda row: get(row) == wanted and (clients is None or row.client in clients) and matches(filter, row)
