"""Rows of batches into rows of the log: their ids, their blocks, and which terms these have."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from resolver.journal.frames import Row
from resolver.store import bulk
from resolver.store.backlog import Waiting
from resolver.store.counting import Sums
from resolver.store.interning import Interner, KindIds, KindKey
from resolver.store.speeds import speed
from resolver.store.tables import blocks, log, postings
from resolver.store.terms import Of, block, rows, term

_AT_ONCE = 20_000  # rows

_WIDER = (
    " ON CONFLICT (block) DO UPDATE SET"
    " first = CASE WHEN excluded.first < blocks.first THEN excluded.first ELSE blocks.first END,"
    " last = CASE WHEN excluded.last > blocks.last THEN excluded.last ELSE blocks.last END"
)

_Placed = tuple[int, int, int, int, int, int, int]
"""A row of the log."""


def place(connection: Connection, batches: Iterable[Waiting], interner: Interner, sums: Sums) -> None:
    """Write the rows of these batches, in that order, and count them in `sums`."""
    every = ((batch.second, row) for batch in batches for row in batch.rows)
    while some := list(itertools.islice(every, _AT_ONCE)):
        names = interner.names(connection, [row.exchange.name for _, row in some])
        clients = interner.clients(connection, [row.client for _, row in some])
        kinds = interner.kinds(connection, [_kind(row) for _, row in some])
        first = interner.first(connection, log, len(some))
        ids = range(first, first + len(some))
        placed: list[_Placed] = []
        for id, (second, row), name, client, (kind, facet, blocked) in zip(
            ids, some, names, clients, kinds, strict=True
        ):
            placed.append((id, second, name, client, kind, row.count, row.took_us))
            sums.add(second, row.count, name, client, facet, blocked)
        bulk.insert(connection, log, placed)
        _index(connection, placed, kinds, interner)


def _index(connection: Connection, placed: Sequence[_Placed], kinds: Sequence[KindIds], interner: Interner) -> None:
    """Note what is in the blocks of these rows."""
    ranges: list[tuple[int, int, int]] = []
    new: list[tuple[int, int]] = []
    start = 0
    while start < len(placed):
        number = block(placed[start][0])
        stop = min(len(placed), start + rows(number).stop - placed[start][0])
        part = placed[start:stop]
        seconds = [row[1] for row in part]
        ranges.append((number, min(seconds), max(seconds)))
        if interner.block != number:
            interner.block, interner.terms = number, set()
        terms = _terms(part, kinds[start:stop]) - interner.terms
        interner.terms |= terms
        new += ((one, number) for one in sorted(terms))
        start = stop
    bulk.ignore(connection, postings, new)
    bulk.insert(connection, blocks, ranges, _WIDER)


def _terms(part: Sequence[_Placed], kinds: Sequence[KindIds]) -> set[int]:
    terms = {term(Of.NAME, name) for name in {row[2] for row in part}}
    terms |= {term(Of.CLIENT, client) for client in {row[3] for row in part}}
    for kind, facet, _ in set(kinds):
        terms |= {term(Of.KIND, kind), term(Of.FACET, facet)}
    return terms


def _kind(row: Row) -> KindKey:
    e = row.exchange
    rest = (e.origin, e.verdict, e.source, e.upstream, speed(row.took_us), e.rule, e.via, e.shadow)
    return (row.group, e.type, e.rcode, *rest)
