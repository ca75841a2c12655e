from __future__ import annotations

import pytest

from resolver.store import counting
from resolver.store.face import Store
from resolver.store.interning import Interner
from tests.store.adding_up import HOUR, check
from tests.store.making import NOON, look, row, store_all, waiting


def test_names_beyond_those_told_apart_are_left_out(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "APART", 3)
    interner = Interner()
    store_all(database, [waiting(1, [row("a"), row("b")])], interner)
    some = [row(name, client="192.0.2.1" if name < "d" else "192.0.2.2") for name in "bcdea"]
    store_all(database, [waiting(2, some)], interner)
    counts = "SELECT n.name, h.count FROM hour_names h JOIN names n ON n.id = h.name ORDER BY n.name"
    assert look(database, counts) == [("a", 2), ("b", 2), ("c", 1)]
    store_all(database, [waiting(3, [row("d"), row("c")])])  # control was started again
    assert look(database, counts) == [("a", 2), ("b", 2), ("c", 2)]
    store_all(database, [waiting(4, [row("d")], second=NOON + HOUR)], interner)
    assert look(database, counts) == [("a", 2), ("b", 2), ("c", 2), ("d", 1)]
    assert look(database, "SELECT sum(count) FROM hour_facets") == [(10,)]
    assert look(database, "SELECT sum(count) FROM hour_clients") == [(10,)]


def test_hours_in_any_order(database: Store) -> None:
    interner = Interner()
    for seq, hour in enumerate([0, 5, 1, 0, 4, 3, 5, 2, 0], 1):
        store_all(database, [waiting(seq, [row(f"{hour % 2}"), row(f"{seq}")], second=NOON + hour * HOUR)], interner)
        assert len(interner.told) <= 4
    check(database)
