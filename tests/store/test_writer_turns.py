"""When the writer writes, and how much at once."""

import pathlib
import sqlite3
import time

import pytest

from resolver.store import writer as module
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.writer import Writer
from tests.store.making import Acks, batch, count, row, until


def test_all_that_wait_become_one_transaction(database: Database, path: pathlib.Path) -> None:
    acknowledged: Acks = []
    writer = Writer(database, lambda *ack: acknowledged.append(ack), interval=60)
    writer.start()
    for seq in range(1, 11):
        writer.submit(batch(seq, [row()]))
        writer.submit(batch(seq, [row()], feed="g"))
    assert writer.close(5)
    assert writer.counts().transactions == 1
    assert sorted(acknowledged) == [("f", 10), ("g", 10)]
    assert count(path) == 20


def test_at_most_one_transaction_an_interval(database: Store) -> None:
    writer = Writer(database, lambda *_: None, interval=0.2)
    writer.start()
    began = time.monotonic()
    for seq in range(1, 60):
        writer.submit(batch(seq, [row()]))
        time.sleep(0.01)
    took = time.monotonic() - began
    assert 1 <= writer.counts().transactions <= took / 0.2
    assert writer.close(5)


def test_no_transaction_is_large(database: Database, path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOGETHER", 100)
    writer = Writer(database, lambda *_: None, interval=60)
    writer.start()
    for seq in range(1, 31):
        writer.submit(batch(seq, [row()] * 30))
    assert writer.flush(5)
    assert (writer.counts().transactions, count(path)) == (8, 900)
    assert writer.close(5)


def test_flush_waits_for_all_that_was_submitted_before(database: Database, path: pathlib.Path) -> None:
    writer = Writer(database, lambda *_: None, interval=60)
    writer.start()
    assert writer.flush(5)
    for seq in range(1, 21):
        writer.submit(batch(seq, [row()]))
        assert writer.flush(5)
        assert count(path) == seq
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    writer.submit(batch(21, [row()]))
    assert not writer.flush(0.05)
    blocker.close()
    assert writer.flush(8)
    assert count(path) == 21
    assert writer.close(5)


def test_who_looks_sees_what_was_asked_a_moment_ago(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HASTY", 0.05)
    monkeypatch.setattr(module, "LOOKED_AT", 0.5)
    writer = Writer(database, lambda *_: None, interval=60)
    writer.start()
    time.sleep(0.1)
    writer.submit(batch(1, [row()]))
    time.sleep(0.2)
    assert writer.counts().rows_written == 0
    writer.hasten()
    until(lambda: writer.counts().rows_written == 1, 0.4)
    writer.submit(batch(2, [row()]))
    until(lambda: writer.counts().rows_written == 2, 0.4)
    time.sleep(0.6)
    writer.submit(batch(3, [row()]))
    time.sleep(0.2)
    assert writer.counts().rows_written == 2
    assert writer.close(5)
    assert writer.counts().rows_written == 3


def test_when_very_much_waits_it_is_written_sooner(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HASTY", 0.05)
    monkeypatch.setattr(module, "PLENTY", 100)
    writer = Writer(database, lambda *_: None, interval=60)
    writer.start()
    writer.submit(batch(1, [row()] * 100))
    time.sleep(0.2)
    assert writer.counts().rows_written == 0
    writer.submit(batch(2, [row()]))
    until(lambda: writer.counts().rows_written == 101, 1)
    assert writer.close(5)
