import itertools

from hypothesis import given
from hypothesis import strategies as st

from resolver.store.terms import BLOCK_ROWS, Of, block, rows, term


def test_no_two_things_have_one_term() -> None:
    every = [term(of, id) for of, id in itertools.product(Of, range(1000))]
    assert len(set(every)) == len(every)


@given(st.integers(0, 1 << 60))
def test_a_row_lies_in_its_block(id: int) -> None:
    assert id in rows(block(id))
    assert len(rows(block(id))) == BLOCK_ROWS == 4096
