from __future__ import annotations

import pytest

from resolver.store import erasing as module
from resolver.store import rollups, terms
from resolver.store.counting import DAY
from resolver.store.erasing import Erased, erase
from resolver.store.face import Store
from resolver.store.filters import LogFilter
from resolver.store.interning import Interner
from resolver.store.scans import planned
from resolver.store.terms import Of
from tests.store import adding_up
from tests.store.making import NOON, look, row, store_all, waiting


@pytest.fixture
def house(database: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Three blocks; of two clients, and three names."""
    monkeypatch.setattr(terms, "BLOCK_BITS", 2)
    monkeypatch.setattr(module, "LASTS", 60.0)
    rows = [row("a.example"), row("b.example", verdict="block", count=2), row("a.example", client="192.0.2.2")]
    made = [waiting(seq, [*rows, row(f"n{seq}.example")], second=NOON - DAY + seq) for seq in range(3)]
    store_all(database, made, Interner())
    return database


def erased(house: Store, filter: LogFilter, *, blocks: int = 9, below: int | None = None) -> Erased:
    plan = house.read(lambda connection: planned(connection, filter))
    limit = plan.below if below is None else below
    return house.run(lambda connection: erase(connection, plan.asked, limit, range(blocks)))


def test_rows_and_what_tells_of_them(house: Store) -> None:
    done = erased(house, LogFilter(clients=("192.0.2.10",), name="a.example"))
    assert (done.blocks, done.rows) == (9, 3)
    assert done.lost[Of.CLIENT] == set()
    adding_up.check(house, off=3, whole=False)
    done = erased(house, LogFilter(name="b.example"))
    assert (done.rows, len(done.lost[Of.NAME]), len(done.lost[Of.KIND])) == (3, 1, 1)
    assert look(house, "SELECT sum(blocked) FROM hour_clients") == [(0,)]
    adding_up.check(house, off=9, whole=False)


def test_days_that_are_made_lose_it_too(house: Store) -> None:
    house.run(lambda connection: rollups.close_days(connection, NOON))
    erased(house, LogFilter(name="b.example"))
    day = NOON - DAY - NOON % DAY
    adding_up.check(house, off=6, whole=False, made=frozenset({day}))


def test_a_block_without_rows_is_gone(house: Store) -> None:
    done = erased(house, LogFilter())
    assert done.rows == 12
    for table in ("log", "blocks", "postings", "hour_names", "hour_clients"):
        assert look(house, f"SELECT count(*) FROM {table}") == [(0,)], table


def test_only_ids_below_one(house: Store) -> None:
    assert erased(house, LogFilter(name="a.example"), below=3).rows == 1


def test_a_bite_ends_when_it_is_large_enough(house: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LASTS", -1.0)
    assert erased(house, LogFilter()).blocks == 1
