from __future__ import annotations

import pytest

from resolver.store import bites as module
from resolver.store import terms
from resolver.store.bites import Gone, delete_unused, old_blocks, old_rows, stale_postings, stale_share, unused
from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.tables import kinds, names
from resolver.store.terms import Of
from tests.store import adding_up
from tests.store.logged import emptied
from tests.store.making import NOON, look, row, store_all, waiting


class House:
    def __init__(self, database: Store) -> None:
        self.database = database
        self.interner = Interner()
        self._seq = 0

    def put(self, *names: str, second: int = NOON) -> None:
        self._seq += 1
        made = waiting(self._seq, [row(name) for name in names], second=second)
        store_all(self.database, [made], self.interner)

    def count(self, table: str) -> int:
        return int(str(look(self.database, f"SELECT count(*) FROM {table}")[0][0]))


@pytest.fixture
def house(database: Store, monkeypatch: pytest.MonkeyPatch) -> House:
    """Ten blocks of four rows and one of three, each with a name of its own, a second later than the one before."""
    monkeypatch.setattr(terms, "BLOCK_BITS", 2)
    monkeypatch.setattr(module, "LASTS", 60.0)
    house = House(database)
    house.put("n0.example", "n0.example", "n0.example")
    for number in range(1, 11):
        house.put(f"n{number}.example", *["every.example"] * 3, second=NOON + number)
    return house


def test_the_oldest_rows_of_before_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCKS", 2)
    ate = [house.database.run(lambda connection: old_rows(connection, NOON + 3)) for _ in range(3)]
    assert ate == [Gone(7, more=True), Gone(4, more=False), Gone(0, more=False)]
    assert look(house.database, "SELECT min(at), count(*) FROM log") == [(NOON + 3, 32)]
    assert house.count("blocks") == 8


def test_the_newest_block_is_told_of(house: House) -> None:
    gone = house.database.run(lambda connection: old_rows(connection, NOON + 100))
    assert gone == Gone(43, more=False, newest=True)
    house.interner.forget()
    house.put("n1.example")
    assert adding_up.logged(house.database)[0][2] == "n1.example"


def test_a_bite_ends_when_it_is_large_enough(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LASTS", -1.0)
    assert house.database.run(lambda connection: old_rows(connection, NOON + 3)) == Gone(3, more=True)


def test_of_a_block_with_both_only_the_old_go(house: House) -> None:
    house.put("late.example", "n10.example", second=NOON - 50)
    house.put("new.example", second=NOON + 11)
    gone = house.database.run(lambda connection: old_rows(connection, NOON - 1))
    assert gone == Gone(2, more=False, newest=True)
    house.interner.forget()
    of_late = "SELECT count(*) FROM names JOIN postings ON term = id * 4 WHERE name = 'late.example'"
    assert look(house.database, of_late) == [(0,)]
    house.put("late.example", second=NOON + 12)
    assert look(house.database, of_late) == [(1,)]
    assert look(house.database, "SELECT first, last FROM blocks ORDER BY block DESC LIMIT 1") == [
        (NOON + 11, NOON + 12)
    ]


def test_the_oldest_blocks_but_never_the_newest(house: House) -> None:
    assert house.database.run(lambda connection: old_blocks(connection, 2)) == Gone(11, more=False)
    assert house.database.run(lambda connection: old_blocks(connection, 99)) == Gone(28, more=False)
    assert look(house.database, "SELECT block FROM blocks") == [(10,)]


def test_postings_of_blocks_that_are_gone(house: House) -> None:
    before = house.count("postings")
    assert house.database.read(stale_share) == 0.0
    house.database.run(lambda connection: old_blocks(connection, 4))
    share = house.database.read(stale_share)
    assert 0.3 < share < 0.6
    after: int | None = -1
    bites = 0
    while after is not None:
        after = house.database.run(lambda connection, after=after: stale_postings(connection, after, 5))  # type: ignore[misc]
        bites += 1
    assert house.database.read(stale_share) == 0.0
    assert house.count("postings") < before
    assert bites > 3
    assert look(house.database, "SELECT min(block) FROM postings") == [(5,)]


def test_names_and_kinds_that_no_row_has(house: House) -> None:
    house.database.run(lambda connection: old_blocks(connection, 4))
    house.database.run(lambda connection: stale_postings(connection, -1, 100_000))
    found: list[int] = []
    after: int | None = 0
    while after is not None:
        some, after = house.database.read(lambda connection, after=after: unused(connection, names, Of.NAME, after, 3))  # type: ignore[misc]
        found += some
    texts = {id: str(name) for id, name in look(house.database, "SELECT id, name FROM names")}
    assert sorted(texts[id] for id in found) == [f"n{number}.example" for number in range(5)]
    house.put("n3.example")
    gone = house.database.run(lambda connection: delete_unused(connection, names, Of.NAME, found))
    assert gone == 4, "one was asked for meanwhile"
    assert house.database.run(lambda connection: delete_unused(connection, kinds, Of.KIND, [1])) == 0


def test_an_empty_log(database: Store) -> None:
    assert database.run(lambda connection: old_rows(connection, NOON)) == Gone(0, more=False)
    assert database.run(lambda connection: old_blocks(connection, 5)) == Gone(0, more=False)
    assert database.read(stale_share) == 0.0
    assert database.run(lambda connection: stale_postings(connection, -1, 5)) is None
    house = House(database)
    house.put("a.example")
    emptied(database, "log", "blocks")
    assert database.read(stale_share) == 1.0
    assert database.run(lambda connection: stale_postings(connection, -1, 5)) is None
    assert house.count("postings") == 0
