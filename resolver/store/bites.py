"""Deleting what the log no longer needs, a little at a time: each function is one bite, for one transaction of few
milliseconds, so that nobody who writes waits for it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Table, delete, exists, func, select, update

from resolver.store.among import among
from resolver.store.scans import WITH_FACETS
from resolver.store.tables import blocks, clients, kinds, log, names, postings
from resolver.store.terms import Of, rows, term

LASTS = 0.02
"""Seconds after which a bite is large enough."""

_BLOCKS = 64  # that one bite looks at
_SAMPLES, _SAMPLE = 32, 100  # places of the postings that are looked at, and how many there

TERMS: tuple[tuple[Table, Of], ...] = ((names, Of.NAME), (clients, Of.CLIENT), (kinds, Of.KIND))
"""The tables whose rows are of no use once no row of the log has them."""


VALUES: dict[Of, Column[int]] = {
    Of.NAME: log.c.name,
    Of.CLIENT: log.c.client,
    Of.KIND: log.c.kind,
    Of.FACET: kinds.c.facet,
}
"""By which a row is found."""


class Gone(msgspec.Struct, frozen=True):
    """How many rows were deleted, whether there is more to do, and whether the newest block was touched: then whoever
    writes must forget what it knows of that."""

    rows: int
    more: bool
    newest: bool = False


def old_rows(connection: Connection, before: float) -> Gone:
    """The oldest rows of before a Unix time, and their blocks."""
    return _gone(connection, blocks.c.first < before, before)


def old_blocks(connection: Connection, number: int) -> Gone:
    """The oldest blocks up to one, but never the newest."""
    newest = select(func.max(blocks.c.block)).scalar_subquery()
    return _gone(connection, (blocks.c.block <= number) & (blocks.c.block < newest), None)


def _gone(connection: Connection, which: ColumnElement[bool], before: float | None) -> Gone:
    until = time.monotonic() + LASTS
    newest = connection.scalar(select(func.max(blocks.c.block)))
    found = connection.execute(select(blocks).where(which).order_by(blocks.c.block).limit(_BLOCKS)).all()
    deleted = 0
    for done, (number, _, last) in enumerate(found, 1):
        whole = before is None or last < before
        deleted += _delete(connection, number) if whole or before is None else _delete_some(connection, number, before)
        if time.monotonic() > until:
            return Gone(deleted, done < len(found) or len(found) == _BLOCKS, number == newest)
    return Gone(deleted, len(found) == _BLOCKS, bool(found) and found[-1].block == newest)


def _delete(connection: Connection, number: int) -> int:
    ids = rows(number)
    gone = connection.execute(delete(log).where(log.c.id >= ids.start, log.c.id < ids.stop)).rowcount
    connection.execute(delete(blocks).where(blocks.c.block == number))
    return gone


def _delete_some(connection: Connection, number: int, before: float) -> int:
    """The rows of before then: in a block there may be some that are younger."""
    old = (log.c.id >= rows(number).start, log.c.id < rows(number).stop, log.c.at < before)
    found = connection.execute(select(*VALUES.values()).select_from(WITH_FACETS).where(*old)).all()
    connection.execute(delete(log).where(*old))
    settle(connection, number, {of: set(ids) for of, ids in zip(VALUES, zip(*found, strict=True), strict=False)})
    return len(found)


def settle(connection: Connection, number: int, gone: Mapping[Of, Collection[int]]) -> dict[Of, set[int]]:
    """Rows of a block were deleted, which had these values: bring what is known of the block to what is left in it.
    Returns the values that it has no longer."""
    here = (log.c.id >= rows(number).start, log.c.id < rows(number).stop)
    lost: dict[Of, set[int]] = {}
    for of, ids in gone.items():
        if of is Of.FACET and not lost[Of.KIND]:  # as long as all kinds are there, so are their facets
            lost[of] = set()
            continue
        rows_of = WITH_FACETS if of is Of.FACET else log
        lost[of] = set(ids).difference(
            connection.scalars(select(VALUES[of]).select_from(rows_of).where(*here).distinct())
        )
    if terms := [term(of, id) for of, ids in lost.items() for id in sorted(ids)]:
        its = among(connection, postings.c.term, "terms")
        connection.execute(delete(postings).where(its, postings.c.block == number), {"terms": terms})
    first, last = connection.execute(select(func.min(log.c.at), func.max(log.c.at)).where(*here)).one()
    statement = delete(blocks) if first is None else update(blocks).values(first=first, last=last)
    connection.execute(statement.where(blocks.c.block == number))
    return lost


def oldest_block(connection: Connection) -> int:
    """The first that has rows; without any, the one after the last that can be."""
    found = connection.scalar(select(func.min(blocks.c.block)))
    return 1 << 62 if found is None else found


def stale_share(connection: Connection) -> float:
    """Which part of the postings is of blocks that are gone, as a look at some places of them has it."""
    oldest = oldest_block(connection)
    highest = connection.scalar(select(func.max(postings.c.term))) or 0
    seen = stale = 0
    for place in range(_SAMPLES):
        term = highest * place // _SAMPLES
        some = select(postings.c.block).where(postings.c.term >= term).order_by(postings.c.term, postings.c.block)
        found = connection.scalars(some.limit(_SAMPLE)).all()
        seen += len(found)
        stale += sum(block < oldest for block in found)
    return stale / seen if seen else 0.0


def stale_postings(connection: Connection, after: int, count: int) -> int | None:
    """The postings of blocks that are gone, of the terms after one, some `count` postings on; returns the last of
    those terms, None if there are no more."""
    there = postings.c.term > after
    last = connection.scalar(select(postings.c.term).where(there).order_by(postings.c.term).offset(count).limit(1))
    if last is not None:
        there &= postings.c.term <= last
    connection.execute(delete(postings).where(there, postings.c.block < oldest_block(connection)))
    return last


def unused(connection: Connection, table: Table, of: Of, after: int, count: int) -> tuple[list[int], int | None]:
    """Of the next `count` ids after one, those that no row of the log has; and the last of them, None if there are no
    more. Only reads."""
    id: ColumnElement[int] = table.c.id
    last = connection.scalar(select(id).where(id > after).order_by(id).offset(count).limit(1))
    here = id > after if last is None else (id > after) & (id <= last)
    return list(connection.scalars(select(id).where(here, ~_is_used(table, of)))), last


def delete_unused(connection: Connection, table: Table, of: Of, ids: Sequence[int]) -> int:
    """Delete those of these that no row of the log has. `Interner.forget` is to be called when that is stored."""
    those = among(connection, table.c.id, "ids")
    return connection.execute(delete(table).where(those, ~_is_used(table, of)), {"ids": ids}).rowcount


def _is_used(table: Table, of: Of) -> ColumnElement[bool]:
    term = table.c.id * 4 + int(of)
    return exists(select(postings.c.block).where(postings.c.term == term).correlate(table))
