"""The one thread that writes the log: batches wait in memory, and once a second all of them become one transaction."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from resolver.errors import StoreError
from resolver.store.backlog import Backlog, Batch, Waiting
from resolver.store.database import Database
from resolver.store.tables import feeds, log, reverse, totals

CAPACITY = 200_000  # rows that wait
INTERVAL = 1.0  # seconds between two transactions
HOUR = 3600
_LAST_TRIES = 0.1  # seconds between tries while closing

_COLUMNS = [column.name for column in log.c if column is not log.c.id]

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


def store(connection: Connection, batches: Sequence[Waiting]) -> list[Waiting]:
    """Write the batches that are not stored yet, and their totals; returns those."""
    known = _stored(connection, {batch.feed for batch in batches})
    fresh = {(batch.feed, batch.seq): batch for batch in batches if batch.seq > known.get(batch.feed, -1)}
    statement = str(insert(log).compile(dialect=connection.dialect, column_keys=_COLUMNS))
    counted: Counter[tuple[int, str, str]] = Counter()
    for batch in fresh.values():
        if batch.rows:  # past Core: its bound parameters by name cost more than SQLite itself
            connection.exec_driver_sql(statement, _tuples(batch))
        hour = batch.second // HOUR * HOUR
        for kind, count in batch.totals.items():
            verdict, _, origin = kind.partition("/")
            counted[hour, verdict, origin] += count
    _add_totals(connection, counted)
    _remember_feeds(connection, fresh.values(), known)
    return list(fresh.values())


def _tuples(batch: Waiting) -> list[tuple[Any, ...]]:
    """Rows in the order of _COLUMNS."""
    made: list[tuple[Any, ...]] = []
    for row in batch.rows:
        e = row.exchange
        made.append(
            (
                *(batch.second, row.client, row.group, reverse(e.name), e.type, e.rcode, e.origin, e.verdict),
                *(e.source, e.rule, e.via, e.upstream, row.count, row.took_us),
            )
        )
    return made


def _stored(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The highest sequence number stored of each feed. One look-up each: there are as many as workers."""
    found = (
        connection.execute(select(feeds.c.feed, feeds.c.seq).where(feeds.c.feed == name)).first() for name in names
    )
    return {row.feed: row.seq for row in found if row is not None}


def _add_totals(connection: Connection, counted: Counter[tuple[int, str, str]]) -> None:
    for (hour, verdict, origin), count in counted.items():
        key = (totals.c.hour == hour, totals.c.verdict == verdict, totals.c.origin == origin)
        changed = connection.execute(update(totals).where(*key).values(count=totals.c.count + count))
        if not changed.rowcount:
            connection.execute(insert(totals).values(hour=hour, verdict=verdict, origin=origin, count=count))


def _remember_feeds(connection: Connection, fresh: Iterable[Waiting], known: dict[str, int]) -> None:
    last: dict[str, Waiting] = {}
    for batch in fresh:
        if batch.feed not in last or batch.seq > last[batch.feed].seq:
            last[batch.feed] = batch
    for feed, batch in last.items():
        values = {"seq": batch.seq, "at": batch.second}
        if feed in known:
            connection.execute(update(feeds).where(feeds.c.feed == feed).values(**values))
        else:
            connection.execute(insert(feeds).values(feed=feed, **values))
