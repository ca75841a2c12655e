import pathlib
import sqlite3
import stat
import time

import pytest
from sqlalchemy import Connection, insert, text

from resolver.errors import StoreError
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.tables import feeds
from tests.store.making import StillClock, aside, look, write, written

# -- the file ---------------------------------------------------------------------------------------------------------


def test_a_new_database_is_private_and_set_up(database: Database, path: pathlib.Path) -> None:
    assert database.state.state == "ok"
    assert database.incidents == []
    for file in (path, path.with_name("lull.db-wal"), path.with_name("lull.db-shm")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert look(path, "PRAGMA journal_mode") == [("wal",)]
    assert look(path, "PRAGMA auto_vacuum") == [(2,)]
    synchronous = database.run(lambda connection: connection.exec_driver_sql("PRAGMA synchronous").scalar())
    assert synchronous == 1


def test_a_file_that_others_could_read_is_closed_to_them(path: pathlib.Path) -> None:
    Database.open(path).close()
    path.chmod(0o644)
    Database.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_written_is_there_after_opening_again(path: pathlib.Path) -> None:
    first = Database.open(path)
    write(first, "a")
    first.close()
    second = Database.open(path)
    assert written(second) == ["a"]
    assert second.incidents == []
    second.close()


def test_a_closed_database_says_so(path: pathlib.Path) -> None:
    database = Database.open(path)
    database.close()
    with pytest.raises(StoreError, match="closed"):
        write(database, "a")
    with pytest.raises(StoreError, match="closed"):
        written(database)


def test_work_that_fails_on_its_own_account_changes_nothing(database: Database) -> None:
    def work(connection: Connection) -> None:
        connection.execute(insert(feeds).values(feed="a", seq=1, at=1))
        raise KeyError("mine")

    with pytest.raises(KeyError):
        database.run(work)
    write(database, "b")
    with pytest.raises(Exception, match=r"(?i)unique"):
        write(database, "b")
    assert written(database) == ["b"]
    assert database.state.state == "ok"


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError):
        database.read(lambda connection: connection.execute(insert(feeds).values(feed="a", seq=1, at=1)))
    assert written(database) == []


def test_a_read_that_takes_too_long_is_ended(database: Database) -> None:
    endless = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
    began = time.monotonic()
    with pytest.raises(StoreError, match="too long"):
        database.read(lambda connection: connection.execute(endless).scalar(), seconds=0.2)
    assert 0.15 < time.monotonic() - began < 2
    assert database.state.state == "ok"
    assert written(database) == []


# -- damage found when opening ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"x", b"not a database, " * 1000, b"\0" * 4096, b"SQLite format 3\0" + b"\xff" * 8000]
)
def test_garbage_is_set_aside(path: pathlib.Path, content: bytes) -> None:
    path.write_bytes(content)
    path.with_name("lull.db-wal").write_bytes(b"old log")
    database = Database.open(path, StillClock())
    assert database.state.state == "ok"
    write(database, "a")
    (kept,) = aside(path)
    assert kept.name == "lull.db.corrupt-20260101T120000.000000Z"
    assert kept.read_bytes() == content
    assert [incident.file for incident in database.incidents if incident.file] == [str(kept)]
    assert database.incidents[0].at == StillClock().now
    database.close()
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


def test_the_write_ahead_log_goes_with_the_damaged_file(path: pathlib.Path) -> None:
    path.write_bytes(b"garbage" * 1000)
    path.with_name("lull.db-wal").write_bytes(b"old log")
    Database.open(path).close()
    assert aside(path)[0].with_name(aside(path)[0].name + "-wal").read_bytes() == b"old log"


def test_an_empty_file_is_a_new_database(path: pathlib.Path) -> None:
    path.touch()
    database = Database.open(path)
    assert (database.state.state, database.incidents) == ("ok", [])
    database.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_without_its_database_is_thrown_away(path: pathlib.Path) -> None:
    database = Database.open(path)
    write(database, "old")
    log = path.with_name("lull.db-wal").read_bytes()
    database.close()
    path.unlink()
    path.with_name("lull.db-wal").write_bytes(log)
    again = Database.open(path)
    write(again, "new")
    assert (written(again), again.incidents) == (["new"], [])
    again.close()
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_creation_that_was_killed_is_finished(path: pathlib.Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    database = Database.open(path)
    write(database, "a")
    assert (written(database), database.incidents) == (["a"], [])
    database.close()


def test_a_database_of_something_else_is_kept_but_not_used(path: pathlib.Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    database = Database.open(path)
    assert database.state.state == "ok"
    assert "something else" in database.incidents[0].what
    assert look(aside(path)[0], "SELECT name FROM sqlite_master") == [("recipes",)]
    database.close()


def test_a_database_that_lost_a_table_is_replaced_with_its_rules_kept(path: pathlib.Path) -> None:
    database = Database.open(path)
    PeopleStore(database).add(NewRule("allow", "a.example"))
    database.close()
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE log")
    connection.close()
    again = Database.open(path)
    assert "lost its tables log" in again.incidents[0].what
    assert [rule.name for rule in PeopleStore(again).rules()] == ["a.example"]
    again.close()


def test_rules_are_read_out_of_a_damaged_file(path: pathlib.Path) -> None:
    """The first page of the table of totals is overwritten; that of the rules is not."""
    database = Database.open(path)
    PeopleStore(database).add(NewRule("deny", "b.example", comment="kept"))
    page = database.read(
        lambda connection: connection.execute(text("SELECT rootpage FROM sqlite_master WHERE name = 'totals'")).scalar()
    )
    database.close()
    assert page is not None
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xee" * 4096)
    again = Database.open(path)
    assert again.state.state == "ok"
    assert [(rule.name, rule.comment) for rule in PeopleStore(again).rules()] == [("b.example", "kept")]
    assert "1 rows of what people made were put back" in again.incidents[-1].what
    again.close()


def test_only_the_latest_damaged_files_are_kept(path: pathlib.Path) -> None:
    clock = StillClock()
    for _ in range(5):
        clock.now += 1
        path.write_bytes(b"garbage")
        path.with_name("lull.db-wal").write_bytes(b"old log")
        Database.open(path, clock).close()
    assert [file.name.partition("T")[2][:6] for file in aside(path)] == ["120003", "120004", "120005"]
    assert len(list(path.parent.glob("*Z-wal"))) == 3
