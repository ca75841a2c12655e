from __future__ import annotations

import itertools

from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.terms import BLOCK_ROWS, Of, term
from tests.store.adding_up import check
from tests.store.making import NOON, look, row, store_all, waiting


def test_a_batch_over_several_blocks(database: Store) -> None:
    interner, seq = Interner(), itertools.count(1)
    store_all(database, [waiting(next(seq), [row("first.example")])], interner)
    many = [row(f"n{number % 100}.example") for number in range(2 * BLOCK_ROWS + 100)]
    store_all(database, [waiting(next(seq), many, second=NOON + 9)], interner)
    assert look(database, "SELECT block, first, last FROM blocks ORDER BY block") == [
        (0, NOON, NOON + 9),
        (1, NOON + 9, NOON + 9),
        (2, NOON + 9, NOON + 9),
    ]
    assert look(database, f"SELECT block FROM postings WHERE term = {term(Of.NAME, 1)}") == [(0,)]
    assert look(database, f"SELECT block FROM postings WHERE term = {term(Of.NAME, 2)} ORDER BY block") == [
        (0,),
        (1,),
        (2,),
    ]
    check(database)


def test_a_block_goes_on_after_a_start_and_a_clock_that_went_back(database: Store) -> None:
    for seq, second in enumerate((NOON, NOON + 50, NOON - 50), 1):
        store_all(database, [waiting(seq, [row("a.example"), row(f"{seq}.example")], second=second)])
    assert look(database, "SELECT block, first, last FROM blocks") == [(0, NOON - 50, NOON + 50)]
    check(database)
