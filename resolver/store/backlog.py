"""Batches that wait to be written: bounded, oldest rows given up first, what they count kept longest."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence

import msgspec

from resolver.journal.frames import Batch, Row

MAX_BATCHES = 20_000  # hours of them

MAX_FEEDS = 1_000  # a worker's life is one; the database knows the others

_HOUR = 3600


class Waiting(msgspec.Struct, frozen=True):
    """What is left of a batch; `dropped` are the queries whose rows were given up, here or before."""

    feed: str
    seq: int
    second: int
    rows: Sequence[Row]
    totals: Mapping[str, int]
    dropped: int = 0


def bare(batch: Waiting) -> Waiting:
    """A batch without its rows."""
    lost = sum(row.count for row in batch.rows)
    return Waiting(batch.feed, batch.seq, batch.second, (), batch.totals, batch.dropped + lost)


class Backlog:
    """A queue between any thread that adds and one thread that takes. `rows` is how many wait, those being written
    included; `rows_dropped` had to give way, and with them `queries_dropped`, beside the `dropped_before` that batches
    told of; `repeated` batches were here before, `lost` went with all that they count."""

    def __init__(self, capacity: int) -> None:
        self.rows = 0
        self.rows_dropped = 0
        self.queries_dropped = 0
        self.dropped_before = 0
        self.repeated = 0
        self.lost = 0
        self._capacity = capacity
        self._lock = threading.Lock()
        self._whole: deque[Waiting] = deque()
        self._bare: dict[tuple[str, int], Waiting] = {}  # by feed and hour
        self._highest: dict[str, int] = {}

    def add(self, batch: Batch) -> list[Waiting]:
        """Never waits. Returns the batches that had to go altogether."""
        with self._lock:
            if batch.seq <= self._highest.get(batch.feed, -1):
                self.repeated += 1
                return []
            self._note(batch)
            self.dropped_before += batch.dropped
            self._whole.append(Waiting(batch.feed, batch.seq, batch.second, batch.rows, batch.totals, batch.dropped))
            self.rows += len(batch.rows)
            return self._shed()

    def take(self, rows: int) -> list[Waiting]:
        """The oldest that wait: all that have no rows any more, and then as many as have so many rows together, but
        one at least. They are to be stored together, or by rising numbers, and count until `done` or `put_back`."""
        with self._lock:
            taken = list(self._bare.values())
            highest: dict[str, int] = {}
            for batch in taken:
                highest[batch.feed] = max(batch.seq, highest.get(batch.feed, -1))
            before = self._before(highest)
            self._bare.clear()
            while self._whole and (rows > 0 or not taken or before > 0):
                taken.append(self._whole.popleft())
                rows -= len(taken[-1].rows)
                before -= 1
            return taken

    def done(self, batch: Waiting) -> None:
        """A batch that was taken is off our hands."""
        with self._lock:
            self.rows -= len(batch.rows)

    def put_back(self, batches: Sequence[Waiting]) -> None:
        """Batches that were taken could not be written: they are the oldest again."""
        with self._lock:
            self._whole.extendleft(reversed(batches))

    def gave_up(self, batch: Waiting) -> None:
        """The rows of a batch that was taken were beyond storing."""
        with self._lock:
            self._count(batch)

    def __len__(self) -> int:
        return len(self._whole) + len(self._bare)

    def _note(self, batch: Batch) -> None:
        self._highest.pop(batch.feed, None)
        self._highest[batch.feed] = batch.seq
        if len(self._highest) > MAX_FEEDS:
            del self._highest[next(iter(self._highest))]  # the one that was silent longest

    def _before(self, bare: Mapping[str, int]) -> int:
        """How many of the whole ones are to be taken because one has a lower number than a bare one of its feed, as
        happens when batches are put back: it would be held for stored once the other one is."""
        if not bare:
            return 0
        numbered = enumerate(self._whole, 1)
        return max((place for place, one in numbered if one.seq < bare.get(one.feed, -1)), default=0)

    def _shed(self) -> list[Waiting]:
        while self._whole and (self.rows > self._capacity or len(self) > MAX_BATCHES):
            self._strip(self._whole.popleft())
        gone = []
        while len(self._bare) > MAX_BATCHES:
            gone.append(self._bare.pop(next(iter(self._bare))))
        self.lost += len(gone)
        return gone

    def _strip(self, batch: Waiting) -> None:
        """Give up the rows. What is left is joined with what is left of others of its feed and hour, under the highest
        number of them."""
        self._count(batch)
        left = bare(batch)
        if (other := self._bare.get((batch.feed, batch.second // _HOUR))) is not None:
            totals = dict(other.totals)
            for kind, count in left.totals.items():
                totals[kind] = totals.get(kind, 0) + count
            seq, second = max(other.seq, left.seq), max(other.second, left.second)
            left = Waiting(left.feed, seq, second, (), totals, other.dropped + left.dropped)
        self._bare[left.feed, left.second // _HOUR] = left

    def _count(self, batch: Waiting) -> None:
        self.rows -= len(batch.rows)
        self.rows_dropped += len(batch.rows)
        self.queries_dropped += sum(row.count for row in batch.rows)
