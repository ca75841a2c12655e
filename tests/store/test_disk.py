"""A real full disk and a real read-only one. They are mounted for the test, which takes root, and skipped elsewhere;
test_database has a full database for everyone."""

import pathlib
import subprocess
from collections.abc import Iterator

import pytest

from resolver.errors import StoreError
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.writer import Writer
from tests.mounting import mounted, small
from tests.store.making import batch, look, row, until


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A disk of 2 MiB."""
    with small(tmp_path / "disk", "2m") as where:
        yield where


def fill(disk: pathlib.Path) -> pathlib.Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        size = 65536
        while size:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2
    return ballast


def test_a_full_disk_loses_nothing_that_can_wait(disk: pathlib.Path) -> None:
    database = Database.open(disk / "lull.db")
    rules = PeopleStore(database)
    rules.add(NewRule("allow", "before.example"))
    acknowledged: list[int] = []
    writer = Writer(database, lambda feed, seq: acknowledged.append(seq), interval=0.01)
    writer.start()
    writer.submit(batch(1, [row() for _ in range(1000)]))
    until(lambda: acknowledged == [1])
    ballast = fill(disk)
    writer.submit(batch(2, [row(f"{n}.example") for n in range(5000)]))
    until(lambda: database.state.state == "full")
    with pytest.raises(StoreError, match="full"):
        rules.add(NewRule("allow", f"{'x' * 60_000}.example"))
    assert [rule.name for rule in rules.rules()] == ["before.example"]
    assert acknowledged == [1]
    ballast.unlink()
    until(lambda: acknowledged[-1:] == [2])
    assert database.state.state == "ok"
    assert writer.close(5)
    database.close()
    assert look(disk / "lull.db", "SELECT count(*) FROM log") == [(6000,)]
    assert look(disk / "lull.db", "PRAGMA integrity_check") == [("ok",)]


def test_a_start_on_a_full_disk(disk: pathlib.Path) -> None:
    ballast = fill(disk)
    database = Database.open(disk / "lull.db")
    assert database.state.state == "full"
    with pytest.raises(StoreError, match="full"):
        PeopleStore(database).rules()
    ballast.unlink()
    database.probe()
    assert database.state.state == "ok"
    assert PeopleStore(database).rules() == []
    assert not [file for file in disk.iterdir() if "corrupt" in file.name]
    database.close()


def test_garbage_on_a_full_disk(disk: pathlib.Path) -> None:
    """The damaged file can be renamed but a new one not begun, yet: the rules wait in memory."""
    database = Database.open(disk / "lull.db")
    rules = PeopleStore(database)
    rules.add(NewRule("allow", "a.example"))
    ballast = fill(disk)
    size = (disk / "lull.db").stat().st_size
    with (disk / "lull.db").open("r+b") as file:
        file.write(b"\xee" * size)
    with pytest.raises(StoreError, match="full"):
        database.probe()
    assert database.state.state == "full"
    assert [rule.name for rule in rules.rules()] == ["a.example"]
    ballast.unlink()
    database.probe()
    assert look(disk / "lull.db", "SELECT name FROM rules") == [("a.example",)]
    database.close()


def test_a_disk_mounted_read_only(tmp_path: pathlib.Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    here.mkdir()
    before = Database.open(there / "lull.db")
    PeopleStore(before).add(NewRule("deny", "a.example"))
    before.close()
    with mounted(here, "--bind", str(there)):
        _remount(here, "ro")
        database = Database.open(here / "lull.db")
        assert database.state.state == "readonly", database.state
        rules = PeopleStore(database)
        with pytest.raises(StoreError, match="cannot be written"):
            rules.add(NewRule("deny", "b.example"))
        _remount(here, "rw")
        database.probe()
        assert database.state.state == "ok"
        assert [rule.name for rule in rules.rules()] == ["a.example"]
        assert not [file for file in there.iterdir() if "corrupt" in file.name]
        database.close()


def _remount(where: pathlib.Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,bind,{how}", str(where)], check=True)
