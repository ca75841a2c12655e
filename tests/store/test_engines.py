import os
import pathlib
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from resolver.store import engines
from resolver.store.database import Database
from resolver.store.hands import Hands


@pytest.mark.parametrize(
    "name", [b"a b", b"a?mode=memory", b"#x", b"100%25", "zürich".encode(), b"\xff", b"file:x", b"a'b"]
)
def test_any_path_will_do(tmp_path: pathlib.Path, name: bytes) -> None:
    directory = tmp_path / os.fsdecode(name)
    directory.mkdir()
    database = Database.open(directory / "lull.db")
    assert database.state.state == "ok"
    database.close()
    assert [file.name for file in directory.iterdir()] == ["lull.db"]


def test_no_connection_makes_a_file(tmp_path: pathlib.Path) -> None:
    hands = Hands("the disk")
    file = tmp_path / "x"
    for engine in (engines.writer(file), engines.readers(file, hands), engines.once(file, "rw")):
        with pytest.raises(OperationalError, match="unable to open"), engine.connect():
            pass
        engine.dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_writer_holds_the_lock_from_the_beginning(database: Database, path: pathlib.Path) -> None:
    other = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)

    def work(connection: object) -> None:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")

    database.run(work)
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_foreign_database_is_looked_at_without_a_change(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    before = path.read_bytes()
    engine = engines.once(path, "rw")
    with engine.begin() as looking:
        assert looking.exec_driver_sql("SELECT count(*) FROM recipes").scalar() == 0
    engine.dispose()
    assert path.read_bytes() == before


def test_free_pages_are_given_back_as_many_as_asked(database: Database, path: pathlib.Path) -> None:
    def number(what: str) -> int:
        return database.run(lambda connection: int(connection.exec_driver_sql(f"PRAGMA {what}").scalar_one()))

    database.run(lambda connection: connection.exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(1000000) AS b"))
    database.run(lambda connection: connection.exec_driver_sql("DROP TABLE big"))
    free, pages = number("freelist_count"), number("page_count")
    assert free > 200
    assert database.run(lambda connection: engines.give_back(connection, 50))
    assert (number("freelist_count"), number("page_count")) == (free - 50, pages - 50)
    assert not database.run(lambda connection: engines.give_back(connection, 1000))
    assert number("freelist_count") == (pages - 50) // 10, "a tenth stays"
    assert not database.run(lambda connection: engines.give_back(connection, 1000))
