"""The one thread that writes the log: batches wait in memory, and every few seconds all of them become one transaction.

Each transaction may cost a flash card a few blocks, so there is one in `interval` seconds, and one a second at most:
sooner than `interval` only while somebody looks at the log, or when very many rows wait.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from resolver.errors import StoreError
from resolver.journal.frames import Batch
from resolver.store.backlog import Backlog, Waiting, bare
from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.storing import store

CAPACITY = 200_000  # rows that wait
INTERVAL = 5.0  # seconds between two turns
HASTY = 1.0  # seconds between them when there is a reason for haste
LOOKED_AT = 60.0  # seconds for which somebody who looked may look again
PLENTY = 10_000  # waiting rows that are a reason for haste
TOGETHER = 20_000  # rows of one transaction, so that it ends in time on a slow disk
_LAST_TRIES = 0.1  # seconds between tries while closing

_logger = logging.getLogger(__name__)


class Counts(msgspec.Struct, frozen=True):
    """Since the start: rows written; rows waiting now; rows given up here; queries whose rows were given up before they
    came here; batches that came twice; batches of which nothing is stored; transactions; the seconds that the last of
    those took; and queries whose rows were given up here."""

    rows_written: int
    rows_waiting: int
    rows_dropped: int
    dropped_before: int
    repeated: int
    rejected: int
    transactions: int
    last_took: float
    queries_dropped: int


class Writer:
    """Takes batches from any thread, and writes them on its own.

    `acknowledge(feed, seq)` is called when every batch of `feed` up to `seq` is stored, or was stored before, or never
    will be; on the writer's thread, but for batches given up whole, where it is the submitter's. `interval` may be
    changed at any time. `interner` is what the texts of this database are known by.
    """

    def __init__(
        self,
        database: Store,
        acknowledge: Callable[[str, int], None],
        *,
        capacity: int = CAPACITY,
        interval: float = INTERVAL,
    ) -> None:
        self.interval = interval
        self.interner = Interner()
        self._database = database
        self._acknowledge = acknowledge
        self._backlog = Backlog(capacity)
        self._written = self._repeated = self._rejected = self._transactions = 0
        self._took = 0.0
        self._turns = self._whole_turns = 0
        self._flushing = 0  # the turn that somebody waits for
        self._looked = -LOOKED_AT
        self._closing = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, batch: Batch) -> None:
        """Take a batch; never waits for the database. When too many rows wait, the oldest are given up, and counted."""
        plenty = self._backlog.rows > PLENTY
        for gone in self._backlog.add(batch):
            self._tell(gone.feed, gone.seq)
        if not plenty and self._backlog.rows > PLENTY:
            self._notify()

    def hasten(self) -> None:
        """Somebody looks at the log: for a minute it is written every second."""
        hasty = self._is_looked_at()
        self._looked = time.monotonic()
        if not hasty:
            self._notify()

    def flush(self, timeout: float) -> bool:
        """Write now, and wait until all that was submitted before is stored; whether it is after `timeout` seconds."""
        with self._change:
            wanted = self._flushing = self._turns + 1
            self._change.notify_all()
            return self._change.wait_for(lambda: self._whole_turns >= wanted, timeout)

    def counts(self) -> Counts:
        backlog = self._backlog
        return Counts(
            rows_written=self._written,
            rows_waiting=backlog.rows,
            rows_dropped=backlog.rows_dropped,
            dropped_before=backlog.dropped_before,
            repeated=self._repeated + backlog.repeated,
            rejected=self._rejected + backlog.lost,
            transactions=self._transactions,
            last_took=self._took,
            queries_dropped=backlog.queries_dropped,
        )

    def close(self, timeout: float) -> bool:
        """Write what waits, trying for at most about `timeout` seconds; whether all of it is stored."""
        deadline = time.monotonic() + timeout
        self._closing = True
        self._notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        while not self._thread.is_alive() and len(self._backlog) and time.monotonic() < deadline:
            self._turn()
            time.sleep(_LAST_TRIES)
        return not self._thread.is_alive() and not len(self._backlog)

    def _notify(self) -> None:
        with self._change:
            self._change.notify_all()

    def _is_looked_at(self) -> bool:
        return time.monotonic() - self._looked < LOOKED_AT

    def _work(self) -> None:
        while not self._closing:
            self._rest()
            self._turn()
        self._turn()

    def _rest(self) -> None:
        """Wait until it is time for the next turn."""
        began = time.monotonic()
        with self._change:
            while not self._closing and self._flushing <= self._turns:
                hasty = self._is_looked_at() or self._backlog.rows > PLENTY
                left = began + (min(self.interval, HASTY) if hasty else self.interval) - time.monotonic()
                if left <= 0:
                    return
                self._change.wait(left)

    def _turn(self) -> None:
        """One try to bring the database up to date. Nothing may end the thread."""
        with self._change:
            self._turns += 1
        try:
            self._write_all()
        except StoreError:
            return  # the state of the database says it; the next turn tries again
        except Exception:
            _logger.exception("the log's writer met something it does not know")
            return
        with self._change:
            self._whole_turns = self._turns
            self._change.notify_all()

    def _write_all(self) -> None:
        """All that waits now, in transactions of some size."""
        left = len(self._backlog)
        if not left and self._database.state.state != "ok":
            self._database.probe()
        while left > 0 and (taken := self._backlog.take(TOGETHER)):
            self._write(taken)
            left -= len(taken)

    def _write(self, batches: list[Waiting]) -> None:
        """Store the batches together; if one of them is beyond storing, find it by halves, and give that one up."""
        left = [batches]
        try:
            while left:
                some = left[0]
                if self._is_stored(some):
                    del left[0]
                elif len(some) == 1:
                    self._give_up(some[0])
                    del left[0]
                else:
                    some = sorted(some, key=lambda batch: batch.seq)
                    left[:1] = [some[: len(some) // 2], some[len(some) // 2 :]]
        finally:
            self._backlog.put_back(list(itertools.chain.from_iterable(left)))

    def _give_up(self, batch: Waiting) -> None:
        """Of a batch that is beyond storing store what it counts, if that can be."""
        if batch.rows and self._is_stored([bare(batch)]):
            self._backlog.gave_up(batch)
            return
        _logger.error("batch %d of %s is given up", batch.seq, batch.feed)
        self._rejected += 1
        self._settled([batch])

    def _is_stored(self, batches: list[Waiting]) -> bool:
        try:
            self._store(batches)
        except StoreError:
            raise
        except Exception:
            _logger.exception("%d batches cannot be stored", len(batches))
            return False
        return True

    def _store(self, batches: list[Waiting]) -> None:
        began = time.perf_counter()
        fresh = self._database.run(
            lambda connection: store(connection, batches, self.interner, self._database.generation),
            self._stored,
            math.inf,  # as long as it goes on at all: these rows would be written from the beginning again
        )
        self._took = time.perf_counter() - began
        self._repeated += len(batches) - len(fresh)
        self._settled(batches)

    def _stored(self, fresh: Sequence[Waiting]) -> None:
        """Called when a transaction is stored for certain, be it later than its call returned."""
        self.interner.committed()
        self._transactions += 1
        self._written += sum(len(batch.rows) for batch in fresh)

    def _settled(self, batches: Sequence[Waiting]) -> None:
        highest: dict[str, int] = {}
        for batch in batches:
            self._backlog.done(batch)
            highest[batch.feed] = max(batch.seq, highest.get(batch.feed, batch.seq))
        for feed, seq in highest.items():
            self._tell(feed, seq)

    def _tell(self, feed: str, seq: int) -> None:
        try:
            self._acknowledge(feed, seq)
        except Exception:
            _logger.exception("batch %d of %s could not be acknowledged", seq, feed)
