import pathlib

import pytest

from resolver.store.backlog import Waiting
from resolver.store.database import Database
from resolver.store.storing import store
from tests.store.making import NOON, batch, look, row


def waiting(seq: int, names: list[str], feed: str = "f") -> Waiting:
    made = batch(seq, [row(name) for name in names], feed=feed)
    return Waiting(made.feed, made.seq, made.second, made.rows, made.totals)


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 499, 500, 501, 1053])
def test_every_row_once_and_in_order(database: Database, path: pathlib.Path, count: int) -> None:
    names = [f"n{number}" for number in range(count)]
    parts = [waiting(1, names[: count // 3]), waiting(2, names[count // 3 :])]
    assert database.run(lambda connection: store(connection, parts)) == parts
    assert [name for (name,) in look(path, "SELECT name FROM log ORDER BY id")] == names


def test_only_what_is_new_is_stored(database: Database, path: pathlib.Path) -> None:
    database.run(lambda connection: store(connection, [waiting(3, ["c"])]))
    mixed = [waiting(2, ["b"]), waiting(5, ["e"]), waiting(4, ["d"]), waiting(5, ["e"]), waiting(1, ["a"], feed="g")]
    fresh = database.run(lambda connection: store(connection, mixed))
    assert [(item.feed, item.seq) for item in fresh] == [("f", 5), ("f", 4), ("g", 1)]
    assert look(path, "SELECT name FROM log ORDER BY id") == [("c",), ("e",), ("d",), ("a",)]
    assert look(path, "SELECT feed, seq, at FROM feeds ORDER BY feed") == [("f", 5, NOON), ("g", 1, NOON)]
    assert look(path, "SELECT count FROM totals") == [(4,)]


def test_a_kind_that_names_no_origin_is_counted_too(database: Database, path: pathlib.Path) -> None:
    odd = Waiting("f", 1, NOON, (), {"refused": 2, "block/local/x": 3})
    database.run(lambda connection: store(connection, [odd]))
    assert look(path, "SELECT verdict, origin, count FROM totals ORDER BY verdict") == [
        ("block", "local/x", 3),
        ("refused", "", 2),
    ]
