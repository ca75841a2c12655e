from __future__ import annotations

import pytest

from resolver.store import told as module
from resolver.store.face import Store
from resolver.store.tables import clients, names
from resolver.store.told import ids_below, ids_of, texts, told
from tests.store.logged import Log
from tests.store.making import row

NAMES = ["a.example", "x.a.example", "xa.example", "a.example.net"]


@pytest.fixture
def log(database: Store) -> Log:
    log = Log(database)
    log.put(*map(row, NAMES))
    return log


def test_texts_of_ids(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    assert texts(log.database, names.c.name, [3, 1, 4, 77]) == {1: NAMES[0], 3: NAMES[2], 4: NAMES[3]}
    assert texts(log.database, clients.c.client, {1}) == {1: "192.0.2.10"}
    assert texts(log.database, names.c.name, []) == {}


def test_ids_of_texts(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_NAMES_AT_ONCE", 2)
    assert sorted(ids_of(log.database, [*reversed(NAMES), "none.example", NAMES[0]])) == [1, 2, 3, 4]
    assert ids_of(log.database, []) == []
    assert [sorted(ids) for ids in ids_below(log.database, ["a.example", "none", "net"])] == [[1, 2], [], [4]]


def test_no_rows(log: Log) -> None:
    assert log.database.read(lambda connection: told(connection, [])) == []
