"""A page of the log: newest first, exactly the rows that a filter lets through, in bounded time.

Blocks of rows are read from the newest down. While they yield enough, that is all; else the terms of what is wanted
tell which blocks are worth reading. When the time is over the page ends, with fewer rows, and the next one goes on from
there.
"""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from resolver.store.among import among
from resolver.store.conditions import Group, Wanted, wanted
from resolver.store.filters import LogFilter, LogPage
from resolver.store.pieces import Pieces
from resolver.store.places import bounds, places
from resolver.store.tables import blocks, log
from resolver.store.terms import rows
from resolver.store.told import told

BUDGET = 0.03
"""Seconds that a page takes, more or less: what is under way is brought to an end."""

_PIECES = 0.9  # of that time may be spent on finding the names with a piece of text
_WORTH = 8  # blocks to fill a page: if it takes no more than that, they are read one after the other
_FIRST, _LARGEST = 64, 1 << 15  # blocks whose postings are looked at together
_GROWS, _AIM = 8, 64  # how fast that grows, and how many blocks worth reading it is to come to
_RUN = 4  # neighbouring blocks that are read by one statement
_NEWEST = (1 << 63) - 1


class Pager:
    """Makes pages of the database of this `generation`, from one moment's state of it."""

    def __init__(self, connection: Connection, pieces: Pieces, generation: int, budget: float = BUDGET) -> None:
        self._connection = connection
        self._pieces = pieces
        self._generation = generation
        self._budget = budget

    def page(self, filter: LogFilter, cursor: int | None, limit: int) -> LogPage:
        """At most `limit` rows with ids below the cursor (None: from the newest)."""
        began = time.monotonic()
        connection, below = self._connection, cursor or _NEWEST
        lowest, newest = bounds(connection, filter, below)
        asked = wanted(connection, filter)
        if lowest is None or newest is None or asked.impossible:
            return LogPage([], None)
        walk = _Walk(connection, asked, below, limit, began + self._budget)
        left = walk.along(newest, lowest)
        if left >= lowest and not walk.over and asked.piece:
            until = began + _PIECES * self._budget
            ids = self._pieces.find(connection, asked.piece, self._generation, until)
            asked = asked if ids is None else asked.with_names(ids)
        if left >= lowest and not asked.impossible:
            left = walk.by_terms(asked.groups, left, lowest)
        if len(walk.found) > limit:
            shown = walk.found[:limit]
            return LogPage(told(connection, shown), shown[-1].id, shown[-1].at)
        if left < lowest or asked.impossible:
            return LogPage(told(connection, walk.found), None)
        return LogPage(told(connection, walk.found), rows(left).stop, _reached(connection, left))


class _Walk:
    """One page's way down the log. A step returns the newest block that is still to be looked at."""

    def __init__(self, connection: Connection, asked: Wanted, below: int, limit: int, deadline: float) -> None:
        self.found: list[Row[Any]] = []
        self._connection = connection
        self._values = asked.values
        self._below = below
        self._limit = limit
        self._deadline = deadline
        its = (log.c.id >= bindparam("low"), log.c.id < bindparam("high"))
        self._all = select(log).where(*its, *asked.where).order_by(log.c.id.desc()).limit(bindparam("most"))
        self._of_names = self._all.where(among(connection, log.c.name, "names"))

    @property
    def over(self) -> bool:
        """Whether the page is full (and one row more is found), or its time is over."""
        return len(self.found) > self._limit or time.monotonic() > self._deadline

    def along(self, newest: int, lowest: int) -> int:
        """Read block after block, at least one, as long as they are worth it."""
        left = newest
        while True:
            worth = self._read(left, left) * _WORTH >= self._limit
            left -= 1
            if left < lowest or not worth or self.over:
                return left

    def by_terms(self, groups: Sequence[Group], newest: int, lowest: int) -> int:
        """Read the blocks that have a term of each group; all of them, where that is no help."""
        left, size = newest, _FIRST
        while left >= lowest and not self.over:
            first = max(lowest, left - size + 1)
            there = places(self._connection, groups, first, left)
            if there is None and groups and size > _FIRST:
                size //= _GROWS
                continue
            worth = range(left, first - 1, -1) if there is None else there.blocks
            for newer, older in _runs(worth, there.names if there else ()):
                if self.over:
                    return newer
                self._read(newer, older, there.names.get(newer) if there else None)
            left = first - 1
            size = min(_LARGEST, size * max(1, min(_GROWS, _AIM // (len(worth) + 1))))
        return left

    def _read(self, newer: int, older: int, names: Sequence[int] | None = None) -> int:
        """Take the rows of a run of blocks, of these names alone if there are any given. How many there were."""
        most = self._limit + 1 - len(self.found)
        values = {
            **self._values,
            "low": rows(older).start,
            "high": min(rows(newer).stop, self._below),
            "most": most,
        }
        if names is None:
            found = self._connection.execute(self._all, values).all()
        else:
            found = self._connection.execute(self._of_names, {**values, "names": names}).all()
        self.found += found
        return len(found)


def _runs(numbers: Iterable[int], alone: Container[int]) -> Iterator[tuple[int, int]]:
    """Blocks that are read together, from the newest down: neighbours, unless they are to be read `alone`."""
    run: list[int] = []
    for number in numbers:
        if run and (run[-1] - 1 != number or len(run) == _RUN or number in alone or run[-1] in alone):
            yield run[0], run[-1]
            run = []
        run.append(number)
    if run:
        yield run[0], run[-1]


def _reached(connection: Connection, left: int) -> int:
    """The second down to which all was looked through, if this block comes next."""
    statement = select(blocks.c.first).where(blocks.c.block > left).order_by(blocks.c.block).limit(1)
    return connection.scalar(statement) or 0
