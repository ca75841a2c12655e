"""What the lists ask of the log: which names people use, which met a rule, and what people did about it afterwards.

A week of a busy house is millions of rows. They are read a slice at a time, each within the limit of a read, and added
up here, so that neither the database nor memory is held for long. Every function blocks, some for seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, ColumnExpressionArgument, func, or_, select

from resolver.store.database import Database
from resolver.store.tables import log, reverse

DAY = 86_400
MOST = 200_000
"""How many kinds of queries are told apart. Of more, those asked least are left out."""

OFTEN_DAYS, OFTEN_QUERIES, OFTEN_NAMES = 3, 50, 200
SLICE = 200_000
"""Rows that one read looks at."""

_ANSWERED = ("pass", "allow")
_DECIDED = ("block", "allow", "rewrite")

_AT_ONCE = 20  # names that one read asks for: those asked most may have a tenth of all rows

_Key = ColumnElement[Any]
_Condition = ColumnExpressionArgument[bool]
_Sums = dict[tuple[Any, ...], int]


class Passed(msgspec.Struct, frozen=True, gc=False):
    """How often a question for a name and RR type was answered: no rule was against it. An empty `client` stands for
    all of them together."""

    name: str
    type: int
    client: str
    count: int


class Decided(msgspec.Struct, frozen=True, gc=False):
    """How often a question met a rule, which was about its name or about `via`. `source` is the list, or who else
    decided; `shadow` ("list: rule") is the rule of a shadow list that would have blocked it. An empty `client` stands
    for all of them together."""

    name: str
    type: int
    via: str
    source: str
    verdict: str
    shadow: str
    client: str
    count: int


class Often(msgspec.Struct, frozen=True):
    """A name that is resolved often, and the groups in which it is on as many days."""

    name: str
    groups: tuple[str, ...]


class Allowing(msgspec.Struct, frozen=True):
    """That people allowed a name and all below it at a Unix time, for the clients of some addresses (None: whoever), in
    a group (empty: any)."""

    name: str
    created: float
    clients: tuple[str, ...] | None = None
    group: str = ""


class Insight:
    """`since` is Unix time throughout, and rows without a name take no part. Raises StoreError when the database cannot
    be read now, or not in time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def often(self, since: float) -> list[Often]:
        """The names that are resolved often: on at least 3 different days (UTC) and at least 50 times. Of those the 200
        asked most, the first of them most."""
        days: dict[str, set[int]] = {}
        counts: dict[str, int] = {}
        groups: dict[str, dict[str, int]] = {}
        where = (_plain(log.c.verdict).in_(_ANSWERED), log.c.rcode == 0)
        for (name, day, group), count in self._sums((log.c.name, log.c.at // DAY, log.c.group), where, since).items():
            days.setdefault(name, set()).add(day)
            counts[name] = counts.get(name, 0) + count
            seen = groups.setdefault(name, {})
            seen[group] = seen.get(group, 0) + 1
        wanted = [name for name in days if len(days[name]) >= OFTEN_DAYS and counts[name] >= OFTEN_QUERIES]
        wanted = sorted(wanted, key=lambda name: (-counts[name], name))[:OFTEN_NAMES]
        return [Often(reverse(name), tuple(g for g, n in groups[name].items() if n >= OFTEN_DAYS)) for name in wanted]

    def passed(self, since: float, names: Sequence[str] | None = None) -> list[Passed]:
        """What was answered as upstream says. With `names`: of these alone, and client by client."""
        where = (_plain(log.c.verdict).in_(_ANSWERED),)
        return [Passed(*kind) for kind in self._kinds([log.c.name, log.c.type], where, since, names)]

    def decided(self, since: float, names: Sequence[str] | None = None) -> list[Decided]:
        """What met a rule. With `names`: of these alone, and client by client."""
        keys = [log.c.name, log.c.type, log.c.via, log.c.source, log.c.verdict, log.c.shadow]
        where = (or_(log.c.verdict.in_(_DECIDED), log.c.shadow != ""),)
        return [Decided(*kind) for kind in self._kinds(keys, where, since, names)]

    def clients(self) -> list[str]:
        """Everybody who is in the log."""
        statement = select(log.c.client).where(log.c.client != "").group_by(log.c.client)
        return self._database.read(lambda connection: list(connection.scalars(statement)))

    def before(self, allowing: Allowing, since: float) -> list[Decided]:
        """What a rule of people's puts right: what was blocked from `since` until then, of its names and for whom it
        is. `client` and `shadow` are empty."""
        key = reverse(allowing.name)
        where: list[_Condition] = [
            *(log.c.name >= key, log.c.name < key + "/", or_(log.c.name == key, log.c.name >= key + ".")),
            *(log.c.at + 0 >= since, log.c.at + 0 < allowing.created, _plain(log.c.verdict) == "block"),
        ]
        if allowing.clients is not None:
            where.append(_plain(log.c.client).in_(allowing.clients))
        if allowing.group:
            where.append(_plain(log.c.group) == allowing.group)
        found = self._read([log.c.name, log.c.type, log.c.via, log.c.source, log.c.verdict], where)
        return [Decided(*_shown(row[:-1], "", "", row[-1])) for row in found]

    def _kinds(
        self, keys: Sequence[_Key], where: Sequence[_Condition], since: float, names: Sequence[str] | None
    ) -> Iterator[tuple[Any, ...]]:
        """Each kind of query by its keys, the client and the count; without `names` the client is empty."""
        if names is None:
            for kind, count in self._sums(keys, where, since).items():
                yield _shown(kind, "", count)
            return
        keys, where = (*keys, log.c.client), (log.c.at + 0 >= since, *where)
        for start in range(0, len(names), _AT_ONCE):
            some = [reverse(name) for name in names[start : start + _AT_ONCE]]
            for row in self._read(keys, (log.c.name.in_(some), *where)):
                yield _shown(row)

    def _sums(self, keys: Sequence[_Key], where: Sequence[_Condition], since: float) -> _Sums:
        """The queries of each kind, the first key being the name."""
        sums: _Sums = {}
        name, *rest = keys
        kind: list[_Key] = [_plain(name), *rest]  # so that the index of names does not seem to be of use
        for low, high in self._slices(since):
            those = (log.c.id >= low, log.c.id < high, log.c.at + 0 >= since, name != "")
            for row in self._read(kind, (*those, *where)):
                sums[row[:-1]] = sums.get(row[:-1], 0) + int(row[-1])
            if len(sums) > 2 * MOST:
                sums = _largest(sums)
        return _largest(sums)

    def _slices(self, since: float) -> Iterator[tuple[int, int]]:
        """The ids of the rows since then, from, and up to but without; a slice at a time."""
        statement = select(func.min(log.c.id), func.max(log.c.id)).where(log.c.at >= since)
        low, high = self._database.read(lambda connection: connection.execute(statement).one())
        if low is not None:
            for start in range(low, high + 1, SLICE):
                yield start, min(start + SLICE, high + 1)

    def _read(self, keys: Sequence[_Key], where: Sequence[_Condition]) -> list[tuple[Any, ...]]:
        statement = select(*keys, func.sum(log.c.count)).where(*where).group_by(*keys)
        return self._database.read(lambda connection: [tuple(row) for row in connection.execute(statement)])


def _plain(column: ColumnElement[str]) -> ColumnElement[str]:
    """The same value, but no index is on it."""
    return column + ""


def _shown(kind: tuple[Any, ...], *more: Any) -> tuple[Any, ...]:
    """A kind whose name is as people read it."""
    name, *rest = kind
    return (reverse(name), *rest, *more)


def _largest(sums: _Sums) -> _Sums:
    if len(sums) <= MOST:
        return sums
    return dict(heapq.nlargest(MOST, sums.items(), key=lambda one: one[1]))
