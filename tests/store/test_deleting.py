from __future__ import annotations

import threading

import pytest

from resolver.errors import StoreError
from resolver.store import bites, terms
from resolver.store.deleting import Deleter
from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.pace import Stopped
from resolver.store.terms import Of
from tests.store.logged import emptied
from tests.store.making import NOON, look, row, store_all, waiting


@pytest.fixture
def database(database: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(terms, "BLOCK_BITS", 2)
    monkeypatch.setattr(bites, "LASTS", 60.0)
    monkeypatch.setattr("resolver.store.pace.LEAST_REST", 0.0)
    made = [waiting(seq, [row(f"n{seq}-{one}.example") for one in range(4)], second=NOON + seq) for seq in range(20)]
    store_all(database, made, Interner())
    return database


def test_rows_are_counted_and_the_writer_is_told(database: Store) -> None:
    told: list[int] = []
    deleter = Deleter(database, lambda: told.append(1), threading.Event())
    deleter.delete(lambda connection: bites.old_rows(connection, NOON + 5))
    assert (deleter.rows, told) == (20, [])
    deleter.delete(lambda connection: bites.old_rows(connection, NOON + 50))
    assert deleter.rows == 80
    assert told, "the newest block went"


def test_what_nothing_has_any_more(database: Store) -> None:
    told: list[int] = []
    deleter = Deleter(database, lambda: told.append(1), threading.Event())
    deleter.delete(lambda connection: bites.old_blocks(connection, 9))
    emptied(database, "hour_names", "hour_clients")
    deleter.unused()
    assert [deleter.values_deleted[of] for of in (Of.NAME, Of.CLIENT, Of.KIND)] == [39, 0, 0]
    assert look(database, "SELECT min(block) FROM postings") == [(10,)]
    assert look(database, "SELECT count(*) FROM names WHERE id NOT IN (SELECT name FROM log)") == [(0,)]
    assert told


def test_it_stops_between_two_bites(database: Store) -> None:
    stop = threading.Event()
    stop.set()
    deleter = Deleter(database, lambda: None, stop)
    with pytest.raises(Stopped):
        deleter.unused()
    with pytest.raises(Stopped):
        deleter.all(lambda _: True)


def test_a_database_that_cannot_be_used(database: Store) -> None:
    database.close()
    with pytest.raises(StoreError):
        Deleter(database, lambda: None, threading.Event()).unused()


def test_what_is_wiped_stays_deleted(database: Store) -> None:
    deleter = Deleter(database, lambda: None, threading.Event(), wipe=True)
    deleter.delete(lambda connection: bites.old_rows(connection, NOON + 5))
    deleter.give_back()
    assert look(database, "SELECT min(at) FROM log") == [(NOON + 5,)]
