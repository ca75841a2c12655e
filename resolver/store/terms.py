"""Terms: what a row of the log can be found by, as one number, and the blocks of rows that are looked through.

A block is 4096 neighbouring ids. For each of its rows' terms the block is noted once (table `postings`), so that a
search looks at few blocks and there is no index on the log itself.
"""

from __future__ import annotations

from enum import IntEnum

BLOCK_BITS = 12
BLOCK_ROWS = 1 << BLOCK_BITS


class Of(IntEnum):
    """Whose id a term is made of."""

    NAME = 0
    CLIENT = 1
    KIND = 2
    FACET = 3


def term(of: Of, id: int) -> int:
    return id << 2 | of


def block(row: int) -> int:
    """The block that a row lies in, by its id."""
    return row >> BLOCK_BITS


def rows(block: int) -> range:
    """The ids of a block."""
    return range(block << BLOCK_BITS, block + 1 << BLOCK_BITS)
