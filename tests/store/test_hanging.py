"""A real file system that does not answer: frozen (fsfreeze(8)), so that whoever writes to it waits in the kernel,
where nothing reaches him. It is mounted for the test, which takes root, and skipped elsewhere; test_shared has a hang
for everyone."""

import pathlib
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from resolver.errors import StoreError
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from tests.mounting import ext4
from tests.store.making import Writing, batch, look, row, until


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    with ext4(tmp_path, 16) as where:
        yield where


def freeze(disk: pathlib.Path) -> None:
    subprocess.run(["fsfreeze", "-f", str(disk)], check=True)


def thaw(disk: pathlib.Path) -> None:
    subprocess.run(["fsfreeze", "-u", str(disk)], check=True)


def test_a_disk_that_does_not_answer_keeps_nobody(disk: pathlib.Path) -> None:
    database = Database.open(disk / "lull.db")
    database._hands._allowance = 0.5
    people = PeopleStore(database)
    people.add(NewRule("allow", "before.example"))
    writing = Writing(database)
    writing.writer.submit(batch(1, [row()]))
    writing.done("f", 1)
    freeze(disk)
    writing.writer.submit(batch(2, [row(f"{n}.example") for n in range(100)]))
    until(lambda: database.state.state == "hung")
    threads = threading.active_count()
    began = time.monotonic()
    for number in range(20):
        with pytest.raises(StoreError, match="the disk does not answer"):
            people.add(NewRule("allow", f"{number}.example"))
        with pytest.raises(StoreError, match="the disk does not answer"):
            people.hits()
        assert [rule.name for rule in people.rules()] == ["before.example"]
    assert time.monotonic() - began < 1
    assert threading.active_count() <= threads
    thaw(disk)
    writing.done("f", 2)
    people.add(NewRule("allow", "after.example"))
    assert database.state.state == "ok"
    assert writing.writer.counts().rows_written == 101
    assert writing.writer.counts().rows_waiting == 0
    assert writing.writer.close(5)
    assert [rule.name for rule in people.rules()] == ["before.example", "after.example"]
    database.close()
    assert look(disk / "lull.db", "SELECT sum(count) FROM log") == [(101,)]
    assert look(disk / "lull.db", "SELECT name FROM rules ORDER BY id") == [("before.example",), ("after.example",)]
    assert look(disk / "lull.db", "PRAGMA integrity_check") == [("ok",)]


def test_a_start_on_a_disk_that_does_not_answer(disk: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.store.database.HUNG", 0.5)
    freeze(disk)
    began = time.monotonic()
    database = Database.open(disk / "lull.db")
    assert time.monotonic() - began < 3
    assert database.state.state == "hung"
    with pytest.raises(StoreError, match="the disk does not answer"):
        PeopleStore(database).rules()
    thaw(disk)
    until(lambda: _works(database))
    assert PeopleStore(database).rules() == []
    database.close()


def _works(database: Database) -> bool:
    try:
        database.probe()
    except StoreError:
        return False
    return database.state.state == "ok"
