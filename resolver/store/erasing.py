"""Some rows of some blocks are deleted, and everything that tells of them: their terms, unless other rows of the block
have these too, and what they add to the sums of names and clients."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, Table, delete, select

from resolver.store import bulk
from resolver.store.among import among
from resolver.store.bites import LASTS, VALUES, settle
from resolver.store.conditions import Wanted
from resolver.store.counting import DAY, HOUR
from resolver.store.scans import WITH_FACETS
from resolver.store.tables import day_clients, day_names, facets, hour_clients, hour_names, log
from resolver.store.terms import Of, rows

_SUMS = {Of.NAME: (hour_names, day_names), Of.CLIENT: (hour_clients, day_clients)}

_Counts = dict[tuple[int, int], list[int]]
"""By hour and id: queries, and how many of them were blocked."""


class Erased(msgspec.Struct, frozen=True):
    """How many of the blocks that were given are done, the rows that were deleted, and of what some block has none any
    more."""

    blocks: int
    rows: int
    lost: dict[Of, set[int]]


def erase(connection: Connection, asked: Wanted, below: int, numbers: Sequence[int]) -> Erased:
    """Delete the rows with ids below one that are wanted, in the first of these blocks: in as many as a bite takes.
    `Interner.forget` is to be called when that is stored."""
    until = time.monotonic() + LASTS
    lost: dict[Of, set[int]] = {of: set() for of in VALUES}
    counts: dict[Of, _Counts] = {of: {} for of in _SUMS}
    deleted = done = 0
    for number in numbers:
        deleted += _erase(connection, asked, below, number, lost, counts)
        done += 1
        if time.monotonic() > until:
            break
    for of, taken in counts.items():
        for table, span in zip(_SUMS[of], (HOUR, DAY), strict=True):
            _take(connection, table, span, taken)
    return Erased(done, deleted, lost)


def _erase(
    connection: Connection,
    asked: Wanted,
    below: int,
    number: int,
    lost: Mapping[Of, set[int]],
    counts: Mapping[Of, _Counts],
) -> int:
    here = log.c.id >= rows(number).start, log.c.id < rows(number).stop
    what = (log.c.id, log.c.at, log.c.count, facets.c.verdict == "block", *VALUES.values())
    statement = select(*what).select_from(WITH_FACETS).where(*here, log.c.id < below, *asked.where)
    found = connection.execute(statement, asked.values).all()
    if not found:
        return 0
    gone: dict[Of, set[int]] = {of: set() for of in VALUES}
    for _, at, count, blocked, *its in found:
        for of, id in zip(VALUES, its, strict=True):
            gone[of].add(id)
            if of in counts:
                sums = counts[of].setdefault((at - at % HOUR, id), [0, 0])
                sums[0] += count
                sums[1] += count if blocked else 0
    connection.execute(delete(log).where(among(connection, log.c.id, "ids")), {"ids": [row[0] for row in found]})
    for of, ids in settle(connection, number, gone).items():
        lost[of].update(ids)
    return len(found)


def _take(connection: Connection, table: Table, span: int, counts: _Counts) -> None:
    """Take these from the sums of hours, or of days that are made; what comes to nothing is deleted, as is what was not
    there."""
    taken: _Counts = {}
    for (hour, id), (count, blocked) in counts.items():
        sums = taken.setdefault((hour - hour % span, id), [0, 0])
        sums[0] += count
        sums[1] += blocked
    bulk.add_up(connection, table, [(*key, -count, -blocked) for key, (count, blocked) in sorted(taken.items())])
    for start in {start for start, _ in taken}:
        connection.execute(delete(table).where(table.c[0] == start, table.c["count"] <= 0))
