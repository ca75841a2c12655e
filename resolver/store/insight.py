"""What the lists ask of the log: which names people use, which met a rule, and what people did about it afterwards.

A week of a busy house is millions of rows. They are read a stretch at a time, each within the limit of a read, and
added up here, so that neither the database nor memory is held for long. Every function blocks, some for seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from resolver.store.conditions import MANY
from resolver.store.face import Store
from resolver.store.filters import LogFilter
from resolver.store.scans import WITH_FACETS, scan
from resolver.store.tables import clients, facets, kinds, log, names, postings, reverse
from resolver.store.terms import Of
from resolver.store.told import ids_below, ids_of, texts

DAY = 86_400
MOST = 200_000
"""How many kinds of queries are told apart. Of more, those asked least are left out."""

SOME = 20_000
"""The same where only what is asked most is wanted; each takes some 200 bytes meanwhile."""

OFTEN_DAYS, OFTEN_QUERIES, OFTEN_NAMES = 3, 50, 200

_ANSWERED = ("pass", "allow")
_DECIDED = ("block", "allow", "rewrite")

_WITH_CLIENTS = WITH_FACETS.join(clients, clients.c.id == log.c.client)

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

    def __init__(self, database: Store) -> None:
        self._database = database

    def often(self, since: float) -> list[Often]:
        """The names that are resolved often: on at least 3 different days (UTC) and at least 50 times. Of those the 200
        asked most, the first of them most."""
        days: dict[int, set[int]] = {}
        counts: dict[int, int] = {}
        groups: dict[int, dict[str, int]] = {}
        answered = and_(facets.c.verdict.in_(_ANSWERED), facets.c.rcode == 0)
        for (name, day, group), count in self._counted(
            since, (log.c.at // DAY, facets.c.group), answered, SOME
        ).items():
            days.setdefault(name, set()).add(day)
            counts[name] = counts.get(name, 0) + count
            seen = groups.setdefault(name, {})
            seen[group] = seen.get(group, 0) + 1
        enough = {(id,): n for id, n in counts.items() if n >= OFTEN_QUERIES and len(days[id]) >= OFTEN_DAYS}
        wanted = heapq.nsmallest(
            OFTEN_NAMES, self._told(enough, with_id=True), key=lambda one: (-one[-1], reverse(one[0]))
        )
        return [Often(name, tuple(g for g, n in groups[id].items() if n >= OFTEN_DAYS)) for name, id, _ in wanted]

    def popular(self, since: float, least: int, most: int) -> list[tuple[str, int]]:
        """The names and RR types that were asked for at least so often, and answered as upstream says: of those the
        `most` asked most, the first of them most."""
        sums = self._counted(since, (facets.c.type,), facets.c.verdict.in_(_ANSWERED), SOME)
        enough = heapq.nlargest(most, ((n, kind) for kind, n in sums.items() if n >= least))
        return [(name, type) for name, type, _ in self._told({kind: n for n, kind in enough})]

    def passed(self, since: float, names: Sequence[str] | None = None) -> list[Passed]:
        """What was answered as upstream says. With `names`: of these alone, and client by client."""
        sums = self._sums(since, (facets.c.type,), facets.c.verdict.in_(_ANSWERED), names)
        return [Passed(*one) for one in sums]

    def decided(self, since: float, names: Sequence[str] | None = None) -> list[Decided]:
        """What met a rule. With `names`: of these alone, and client by client."""
        columns = (facets.c.type, kinds.c.via, facets.c.source, facets.c.verdict, kinds.c.shadow)
        where = or_(facets.c.verdict.in_(_DECIDED), kinds.c.shadow != "")
        return [Decided(*one) for one in self._sums(since, columns, where, names)]

    def clients(self) -> list[str]:
        """Everybody who is in the log."""
        there = postings.c.term == clients.c.id * 4 + int(Of.CLIENT)
        known = clients.c.client != "", exists(select(postings.c.block).where(there).correlate(clients))
        statement = select(clients.c.client).where(*known).order_by(clients.c.client)
        return self._database.read(lambda connection: list(connection.scalars(statement)))

    def before(self, allowings: Sequence[Allowing], since: float) -> list[list[Decided]]:
        """What each of some rules of people's puts right: what was blocked from `since` until then, of its names and
        for whom it is. `client` and `shadow` are empty."""
        owners: dict[int, list[int]] = {}
        for place, ids in enumerate(ids_below(self._database, [one.name for one in allowings])):
            for id in ids:
                owners.setdefault(id, []).append(place)
        latest = max((one.created for one in allowings), default=since)
        blocked = LogFilter(verdict="block", since=since, until=latest)
        these = sorted(owners) if len(owners) <= MANY else None
        its = (facets.c.type, kinds.c.via, facets.c.source, facets.c.verdict)
        what = (log.c.name, *its, log.c.at, clients.c.client, facets.c.group, log.c.count)
        sums: list[_Sums] = [{} for _ in allowings]
        for *kind, at, client, group, count in scan(
            self._database, blocked, select(*what).select_from(_WITH_CLIENTS), these
        ):
            for place in owners.get(kind[0], ()):
                if _concerns(allowings[place], at, client, group):
                    sums[place][tuple(kind)] = sums[place].get(tuple(kind), 0) + count
        return [[_blocked(*one) for one in self._told(of_one)] for of_one in sums]

    def _sums(
        self,
        since: float,
        columns: Sequence[ColumnElement[Any]],
        where: ColumnElement[bool],
        names: Sequence[str] | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """The queries of each name and what stands in these columns: both, the client ("" if no names are given), and
        the count."""
        nobody = ("",) if names is None else ()
        for one in self._told(self._counted(since, columns, where, MOST, names)):
            yield *one[:-1], *nobody, one[-1]

    def _counted(
        self,
        since: float,
        columns: Sequence[ColumnElement[Any]],
        where: ColumnElement[bool],
        most: int,
        names: Sequence[str] | None = None,
    ) -> _Sums:
        """The same, a name being its id, of the `most` kinds of queries that were asked most."""
        ids = None if names is None else ids_of(self._database, names)
        by = (log.c.name, *columns, *(() if names is None else (clients.c.client,)))
        rows = WITH_FACETS if names is None else _WITH_CLIENTS
        statement = select(*by, func.sum(log.c.count)).select_from(rows).where(where).group_by(*by)
        sums: _Sums = {}
        for *kind, count in scan(self._database, LogFilter(since=since), statement, ids):
            key = tuple(kind)
            sums[key] = sums.get(key, 0) + int(count)
            if len(sums) > 2 * most:
                sums = _largest(sums, most)
        return _largest(sums, most)

    def _told(self, sums: _Sums, *, with_id: bool = False) -> Iterator[tuple[Any, ...]]:
        """Name, its id if wanted, key and count of each."""
        known = texts(self._database, names.c.name, {kind[0] for kind in sums})
        for (id, *rest), count in sums.items():
            if known.get(id):  # it may have been forgotten meanwhile
                yield known[id], *((id,) if with_id else ()), *rest, count


def _blocked(name: str, type: int, via: str, source: str, verdict: str, count: int) -> Decided:
    return Decided(name, type, via, source, verdict, "", "", count)


def _concerns(allowing: Allowing, at: int, client: str, group: str) -> bool:
    """Whether a query comes before it, and is of somebody whom it is for."""
    its = (allowing.clients is None or client in allowing.clients) and allowing.group in {"", group}
    return its and at < allowing.created


def _largest(sums: _Sums, most: int) -> _Sums:
    if len(sums) <= most:
        return sums
    return dict(heapq.nlargest(most, sums.items(), key=lambda one: one[1]))
