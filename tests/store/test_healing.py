import os
import pathlib
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from resolver.errors import StoreError
from resolver.store import engines
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.tables import metadata
from tests.store.making import StillClock, aside, garbage, look, write, written

# -- damage while in use ----------------------------------------------------------------------------------------------


def test_garbage_written_over_it_is_healed_at_the_next_use(database: Database, path: pathlib.Path) -> None:
    rules = PeopleStore(database)
    rules.add(NewRule("allow", "a.example"))
    before = database.generation
    garbage(path)
    write(database, "b")
    assert written(database) == ["b"]
    assert database.generation > before
    assert database.state.state == "ok"
    assert len(aside(path)) == 1
    assert [rule.name for rule in rules.rules()] == ["a.example"]
    assert look(path, "SELECT name FROM rules") == [("a.example",)]
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


def test_garbage_behind_an_intact_header_is_healed_when_it_is_met(database: Database, path: pathlib.Path) -> None:
    rules = PeopleStore(database)
    rules.add(NewRule("allow", "a.example"))
    database.run(lambda connection: None)
    look(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    assert written(database) == []  # a reader, who has not seen these pages yet, is the first to meet it
    assert len(aside(path)) == 1
    write(database, "b")
    assert written(database) == ["b"]
    assert [rule.name for rule in rules.rules()] == ["a.example"]


def test_a_file_cut_short_is_healed(database: Database, path: pathlib.Path) -> None:
    write(database, "a")
    look(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(path, 0)
    write(database, "b")
    assert written(database) == ["b"]


@pytest.mark.parametrize("everything", [False, True])
def test_a_deleted_file_is_made_anew(database: Database, path: pathlib.Path, everything: bool) -> None:
    rules = PeopleStore(database)
    rules.add(NewRule("allow", "a.example"))
    write(database, "a")
    path.unlink()
    if everything:
        path.with_name("lull.db-wal").unlink()
        path.with_name("lull.db-shm").unlink()
    assert written(database) == []
    write(database, "b")
    assert written(database) == ["b"]
    assert [rule.name for rule in rules.rules()] == ["a.example"]
    assert look(path, "PRAGMA integrity_check") == [("ok",)]
    assert aside(path) == []


def test_another_good_database_put_in_its_place_is_taken_up(
    database: Database, path: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    rules = PeopleStore(database)
    rules.add(NewRule("allow", "old.example"))
    other = Database.open(tmp_path / "other.db")
    PeopleStore(other).add(NewRule("allow", "new.example"))
    write(other, "x")
    other.close()
    (tmp_path / "other.db").rename(path)
    assert written(database) == ["x"]
    assert [rule.name for rule in rules.rules()] == ["new.example"]


def test_tables_dropped_under_way_are_made_anew(database: Database, path: pathlib.Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE feeds")
    connection.close()
    write(database, "a")
    assert written(database) == ["a"]
    assert len(aside(path)) == 1


def test_many_threads_heal_it_once(database: Database, path: pathlib.Path) -> None:
    garbage(path)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            (write if number % 2 else lambda d, _: written(d))(database, str(number))
        except BaseException as error:  # noqa: BLE001 - looked at below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert written(database) == ["1", "3", "5", "7"]
    assert len(aside(path)) == 1


def test_closing_does_not_touch_a_file_that_took_its_place(database: Database, path: pathlib.Path) -> None:
    """SQLite must not copy the old log into the new file, nor delete the new file's log."""
    write(database, "a")
    reader_is_open = written(database)
    garbage(path)
    write(database, "b")
    for number in range(50):
        write(database, f"c{number}")
    assert reader_is_open == ["a"]
    assert path.with_name("lull.db-wal").exists()
    assert len(written(database)) == 51
    assert set(metadata.tables) <= {str(name) for (name,) in look(path, "SELECT name FROM sqlite_master")}


# -- what passes by itself --------------------------------------------------------------------------------------------


def test_locked_by_another_process_for_three_seconds(database: Database, path: pathlib.Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    with pytest.raises(StoreError, match="another process"):
        write(database, "a")
    assert time.monotonic() - began < 2.8
    assert database.state.state == "locked"
    assert written(database) == []  # reading goes on
    waiter = threading.Thread(target=write, args=(database, "b"))
    waiter.start()
    time.sleep(max(0.0, 3 - (time.monotonic() - began)))
    other.execute("COMMIT")
    waiter.join()
    other.close()
    assert written(database) == ["b"]
    assert database.state.state == "ok"


def test_a_connection_that_cannot_write_is_not_kept(database: Database, path: pathlib.Path) -> None:
    """SQLite falls back to reading only when it opens a file it may not write, and stays so when that has changed."""
    database.run(lambda connection: connection.exec_driver_sql("PRAGMA query_only = ON"))
    with pytest.raises(StoreError, match="cannot be written"):
        write(database, "a")
    assert database.state.state == "readonly"
    write(database, "b")
    assert database.state.state == "ok"
    assert written(database) == ["b"]


def test_full(database: Database, path: pathlib.Path) -> None:
    pages = database.run(lambda connection: int(connection.exec_driver_sql("PRAGMA page_count").scalar_one()))
    database.run(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(StoreError, match="full"):
        write(database, "x" * 100_000)
    assert database.state.state == "full"
    since = database.state.since
    with pytest.raises(StoreError, match="full"):
        write(database, "x" * 100_000)
    assert database.state.since == since
    assert written(database) == []
    database.run(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 100000"))
    write(database, "x" * 100_000)
    assert database.state.state == "ok"
    assert len(written(database)) == 1


def test_the_state_says_why_and_since_when(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_WAIT", 0.1)
    clock = StillClock()
    database = Database.open(path, clock)
    clock.now += 60
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError):
        write(database, "a")
    assert (database.state.state, database.state.since) == ("locked", clock.now)
    assert "SQLITE_BUSY" in database.state.detail
    blocker.close()
    clock.now += 60
    database.probe()
    assert (database.state.state, database.state.detail, database.state.since) == ("ok", "", clock.now)
    assert look(path, "SELECT * FROM feeds") == []
    database.close()


def test_another_process_that_looks_and_leaves_takes_nothing_away(database: Database, path: pathlib.Path) -> None:
    """SQLite's last process to close deletes the write-ahead log; ours must still be seen to have it open. (A file
    descriptor of our own, closed, would give up the locks of SQLite's: close(2) of POSIX does.)"""
    write(database, "a")
    assert written(database) == ["a"]
    wal = path.with_name("lull.db-wal")
    before = wal.stat().st_ino
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute('SELECT feed FROM feeds').fetchall())"
    )
    seen = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[('a',)]"
    assert wal.exists()
    assert wal.stat().st_ino == before
    write(database, "b")
    assert look(path, "SELECT feed FROM feeds") == [("a",), ("b",)]
