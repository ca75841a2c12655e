"""In which blocks of the log rows may be: of some time, and with a term of each of some groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from resolver.store.among import among
from resolver.store.conditions import Group
from resolver.store.filters import LogFilter
from resolver.store.tables import blocks, postings
from resolver.store.terms import Of, block

MOST = 20_000
"""Postings that one look-up reads: more of them are no help in finding few rows."""

_ENOUGH = 4  # blocks: to read them costs no more than to find out whether they are worth it


class Places(msgspec.Struct, frozen=True):
    """Blocks, newest first. Of a block in `names`, the names are known (their ids) that rows are wanted of."""

    blocks: Sequence[int]
    names: dict[int, list[int]]


def bounds(connection: Connection, filter: LogFilter, below: int) -> tuple[int | None, int | None]:
    """The oldest and the newest block that may have rows below a cursor, of the time that is asked for."""
    where = [blocks.c.block <= block(below - 1)]
    if filter.since is not None:
        where.append(blocks.c.last >= filter.since)
    if filter.until is not None:
        where.append(blocks.c.first < filter.until)
    lowest, newest = connection.execute(select(func.min(blocks.c.block), func.max(blocks.c.block)).where(*where)).one()
    return lowest, newest


def places(connection: Connection, groups: Iterable[Group], first: int, last: int) -> Places | None:
    """Where to look between two blocks, both among them; None if so much is there that it is better asked of fewer
    blocks."""
    numbers: Sequence[int] | None = None
    names: dict[int, list[int]] = {}
    for group in groups:
        if numbers is not None and len(numbers) <= _ENOUGH:
            break
        found = _postings(connection, group, first, last, numbers)
        if found is None:
            continue
        numbers = sorted(found, reverse=True)
        if group.of is Of.NAME:
            names = found
    return None if numbers is None else Places(numbers, {one: names[one] for one in numbers if one in names})


def _postings(
    connection: Connection, group: Group, first: int, last: int, numbers: Sequence[int] | None
) -> dict[int, list[int]] | None:
    """The blocks that have terms of a group, and the ids that those are of; None if there are too many."""
    values = {"terms": group.terms, "first": first, "last": last, "blocks": numbers}
    where = [among(connection, postings.c.term, "terms")]
    if numbers is None or len(group.terms) * len(numbers) > MOST:
        where.append(postings.c.block.between(bindparam("first"), bindparam("last")))
    else:
        where.append(among(connection, postings.c.block, "blocks"))
    found: dict[int, list[int]] = {}
    number = 0
    for term, one in connection.execute(
        select(postings.c.term, postings.c.block).where(*where).limit(MOST + 1), values
    ):
        found.setdefault(one, []).append(term >> 2)
        number += 1
    if number > MOST:
        return None
    return found if numbers is None else {one: found[one] for one in numbers if one in found}
