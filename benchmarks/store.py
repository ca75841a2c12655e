#!/usr/bin/env python3
"""What the log costs: store.py [FOLDER] [--rows N] [--url PATH|URL] [--days D] [--devices N] [--begin T] [--straight].

Writes real-looking traffic (`traffic.py`, which also says what FOLDER may hold) through the store's own writer into a
database of SQLite (a path; by default a temporary one) or PostgreSQL (a URL, best of an empty database), as fast as it
takes it. The traffic is made by a process of its own, and comes as a worker's does: as frames. Prints rows a second and
this process's memory after each fifth, µs of CPU a row of this process beside reading frames, and bytes a row on disk
with all tables and indexes.

--straight makes a large database instead: batches go into the store's function in transactions of 200,000 rows.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from typing import IO

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import msgspec
from sqlalchemy import text

from benchmarks.traffic import Traffic
from resolver.journal.frames import Batch, pack
from resolver.store.backlog import Waiting
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.opened import open_store
from resolver.store.storing import store
from resolver.store.tables import metadata
from resolver.store.writer import PLENTY, Writer

BEGIN = 1_767_225_600  # 2026-01-01 00:00 UTC
TOGETHER = 200_000  # rows of one transaction, straight
PARTS = 5
LIMIT = 120.0  # seconds of one transaction


def memory() -> float:
    """Of this process, resident, in MB."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def size(database: Store) -> int:
    """Bytes of all tables and indexes."""
    if isinstance(database, Database):
        return sum(file.stat().st_size for file in database.path.parent.glob(f"{database.path.name}*"))
    statement = text("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname = :name")
    every = database.read(lambda c: [c.execute(statement, {"name": name}).scalar() for name in metadata.tables])
    return sum(int(one or 0) for one in every)


class Progress:
    """Tells it after each part."""

    def __init__(self, rows: int, parts: int) -> None:
        self._step = self._next = max(1, rows // parts)
        self._began = time.perf_counter()

    def at(self, rows: int) -> None:
        if rows >= self._next:
            self._next += self._step
            print(f"{rows:>12,} rows  {rows / self.took:>9,.0f} rows/s  {memory():6.0f} MB", flush=True)

    @property
    def took(self) -> float:
        return time.perf_counter() - self._began


def through_writer(database: Store, batches: Iterable[Batch], rows: int) -> None:
    writer = Writer(database, lambda _, __: None, interval=0.0)
    writer.start()
    progress = Progress(rows, PARTS)
    before = time.process_time() - time.thread_time()
    for batch in batches:
        writer.submit(batch)
        while (counts := writer.counts()).rows_waiting > 2 * PLENTY:
            time.sleep(0.002)
        progress.at(counts.rows_written)
    writer.flush(600)
    cpu, counts = time.process_time() - time.thread_time() - before, writer.counts()
    print(f"{counts.rows_written:,} rows in {progress.took:.1f} s: {counts.rows_written / progress.took:,.0f}", end=" ")
    print(f"rows/s, {cpu / counts.rows_written * 1e6:.1f} µs of CPU a row, {counts.transactions} transactions")
    writer.close(10)


def straight(database: Store, batches: Iterable[Batch], rows: int) -> None:
    interner, done, progress = Interner(), 0, Progress(rows, 10 * PARTS)
    waiting = (Waiting(one.feed, one.seq, one.second, one.rows, one.totals, one.dropped) for one in batches)
    while some := _some(waiting):
        database.run(
            lambda connection, some=some: store(connection, some, interner, database.generation),  # type: ignore[misc]
            lambda _: interner.committed(),
            LIMIT,
        )
        done += sum(len(batch.rows) for batch in some)
        progress.at(done)


def _some(waiting: Iterator[Waiting]) -> list[Waiting]:
    """The next batches, up to a transaction's worth."""
    some: list[Waiting] = []
    rows = 0
    for batch in waiting:
        some.append(batch)
        rows += len(batch.rows)
        if rows >= TOGETHER:
            break
    return some


def feed(arguments: argparse.Namespace) -> None:
    """As the process that makes the traffic: frames on standard output."""
    traffic = Traffic(arguments.folder, devices=arguments.devices)
    for batch in traffic.batches(arguments.rows, arguments.begin, arguments.days):
        sys.stdout.buffer.write(pack(batch))


def fed(stream: IO[bytes]) -> Iterator[Batch]:
    decoder = msgspec.msgpack.Decoder(Batch)
    while head := stream.read(4):
        yield decoder.decode(stream.read(int.from_bytes(head, "big")))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, nargs="?")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--devices", type=int, default=40)
    parser.add_argument("--begin", type=int, default=BEGIN, help="Unix time of the first row")
    parser.add_argument("--straight", action="store_true")
    parser.add_argument("--feed", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.feed:
        feed(arguments)
        return
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        if "://" in arguments.url:
            database = open_store(arguments.url, scratch, time, dict)
        else:
            database = Database.open(pathlib.Path(arguments.url) if arguments.url else scratch / "lull.db")
        command = [sys.executable, __file__, *itertools.chain(sys.argv[1:], ["--feed"])]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as made:
            assert made.stdout is not None
            (straight if arguments.straight else through_writer)(database, fed(made.stdout), arguments.rows)
        if not isinstance(database, Database):
            print(f"{size(database) / arguments.rows:.1f} bytes a row on disk")
        database.close()  # a file is complete, and alone, once it is closed
        if isinstance(database, Database):
            print(f"{size(database) / arguments.rows:.1f} bytes a row on disk")


if __name__ == "__main__":
    main()
