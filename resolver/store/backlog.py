"""Batches that wait to be written: bounded, oldest rows given up first, totals kept longest."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence

import msgspec

from resolver.journal.frames import Batch, Row

MAX_BATCHES = 20_000  # hours of them; with their rows gone, what is left of one is a few hundred bytes

MAX_FEEDS = 1_000  # a worker's life is one; the database knows the others


class Waiting(msgspec.Struct, frozen=True):
    """What is left of a batch."""

    feed: str
    seq: int
    second: int
    rows: Sequence[Row]
    totals: Mapping[str, int]


class Backlog:
    """A queue between any thread that adds and one thread that takes. `rows` is how many wait, those being written
    included; `rows_dropped` had to give way, `repeated` batches were here before, `lost` went with their totals."""

    def __init__(self, capacity: int) -> None:
        self.rows = 0
        self.rows_dropped = 0
        self.repeated = 0
        self.lost = 0
        self._capacity = capacity
        self._lock = threading.Lock()
        self._whole: deque[Waiting] = deque()
        self._bare: deque[Waiting] = deque()
        self._highest: dict[str, int] = {}

    def add(self, batch: Batch) -> list[Waiting]:
        """Never waits. Returns the batches that had to go altogether."""
        with self._lock:
            if batch.seq <= self._highest.get(batch.feed, -1):
                self.repeated += 1
                return []
            self._note(batch)
            self._whole.append(Waiting(batch.feed, batch.seq, batch.second, batch.rows, batch.totals))
            self.rows += len(batch.rows)
            return self._shed()

    def take(self) -> list[Waiting]:
        """All that wait. They count until `done` or `put_back`."""
        with self._lock:
            taken = [*self._bare, *self._whole]
            self._bare.clear()
            self._whole.clear()
            return taken

    def done(self, batch: Waiting) -> None:
        """A batch that was taken is off our hands."""
        with self._lock:
            self.rows -= len(batch.rows)

    def put_back(self, batches: Sequence[Waiting]) -> None:
        """Batches that were taken could not be written: they are the oldest again."""
        with self._lock:
            self._whole.extendleft(reversed(batches))

    def __len__(self) -> int:
        return len(self._whole) + len(self._bare)

    def _note(self, batch: Batch) -> None:
        self._highest.pop(batch.feed, None)
        self._highest[batch.feed] = batch.seq
        if len(self._highest) > MAX_FEEDS:
            del self._highest[next(iter(self._highest))]  # the one that was silent longest

    def _shed(self) -> list[Waiting]:
        while self.rows > self._capacity and self._whole:
            oldest = self._whole.popleft()
            self.rows -= len(oldest.rows)
            self.rows_dropped += len(oldest.rows)
            self._bare.append(msgspec.structs.replace(oldest, rows=()))
        gone = []
        while len(self._bare) + len(self._whole) > MAX_BATCHES:
            gone.append((self._bare or self._whole).popleft())
            self.rows -= len(gone[-1].rows)
            self.rows_dropped += len(gone[-1].rows)
        self.lost += len(gone)
        return gone
