"""The one thread that writes the log: batches wait in memory, and once a second all of them become one transaction."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from resolver.errors import StoreError
from resolver.journal.frames import Batch
from resolver.store.backlog import Backlog, Waiting
from resolver.store.database import Database
from resolver.store.storing import store

CAPACITY = 200_000  # rows that wait
INTERVAL = 1.0  # seconds between two transactions
_LAST_TRIES = 0.1  # seconds between tries while closing

_logger = logging.getLogger(__name__)


class Counts(msgspec.Struct, frozen=True):
    """Since the start: rows written; rows waiting now; rows given up here; queries whose rows were given up before they
    came here; batches that came twice; batches no database takes, or given up whole; transactions; and the seconds
    that the last of those took."""

    rows_written: int
    rows_waiting: int
    rows_dropped: int
    dropped_before: int
    repeated: int
    rejected: int
    transactions: int
    last_took: float


class Writer:
    """Takes batches from any thread, and writes them on its own.

    `acknowledge(feed, seq)` is called when every batch of `feed` up to `seq` is stored, or was stored before, or never
    will be; on the writer's thread, but for batches given up whole, where it is the submitter's.
    """

    def __init__(
        self,
        database: Database,
        acknowledge: Callable[[str, int], None],
        *,
        capacity: int = CAPACITY,
        interval: float = INTERVAL,
    ) -> None:
        self._database = database
        self._acknowledge = acknowledge
        self._interval = interval
        self._backlog = Backlog(capacity)
        self._written = self._before = self._repeated = self._rejected = self._transactions = 0
        self._took = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, batch: Batch) -> None:
        """Take a batch; never waits for the database. When too many rows wait, the oldest are given up, and counted."""
        self._before += batch.dropped
        for gone in self._backlog.add(batch):
            self._tell(gone.feed, gone.seq)

    def counts(self) -> Counts:
        backlog = self._backlog
        return Counts(
            rows_written=self._written,
            rows_waiting=backlog.rows,
            rows_dropped=backlog.rows_dropped,
            dropped_before=self._before,
            repeated=self._repeated + backlog.repeated,
            rejected=self._rejected + backlog.lost,
            transactions=self._transactions,
            last_took=self._took,
        )

    def close(self, timeout: float) -> bool:
        """Write what waits, trying for at most about `timeout` seconds; whether all of it is stored."""
        deadline = time.monotonic() + timeout
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        while not self._thread.is_alive() and len(self._backlog) and time.monotonic() < deadline:
            self._turn()
            time.sleep(_LAST_TRIES)
        return not self._thread.is_alive() and not len(self._backlog)

    def _work(self) -> None:
        while not self._closing.wait(self._interval):
            self._turn()
        self._turn()

    def _turn(self) -> None:
        """One try to bring the database up to date. Nothing may end the thread."""
        try:
            taken = self._backlog.take()
            if taken:
                self._write(taken)
            elif self._database.state.state != "ok":
                self._database.probe()
        except StoreError:
            return  # the state of the database says it; the next turn tries again
        except Exception:
            _logger.exception("the log's writer met something it does not know")

    def _write(self, batches: list[Waiting]) -> None:
        """Store the batches together; if one of them is beyond storing, each by itself, and that one is given up."""
        left = batches
        try:
            try:
                self._store(batches)
                left = []
            except StoreError:
                raise
            except Exception:
                _logger.exception("a batch cannot be stored")
                while left:
                    self._store_or_reject(left[0])
                    left = left[1:]
        finally:
            self._backlog.put_back(left)

    def _store_or_reject(self, batch: Waiting) -> None:
        try:
            self._store([batch])
        except StoreError:
            raise
        except Exception:
            _logger.exception("batch %d of %s is given up", batch.seq, batch.feed)
            self._rejected += 1
            self._settled([batch])

    def _store(self, batches: list[Waiting]) -> None:
        began = time.perf_counter()
        fresh = self._database.run(lambda connection: store(connection, batches))
        self._took = time.perf_counter() - began
        self._transactions += 1
        self._repeated += len(batches) - len(fresh)
        self._written += sum(len(batch.rows) for batch in fresh)
        self._settled(batches)

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
