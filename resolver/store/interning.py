"""Texts as numbers: what the log's rows are made of, each kept once in its table and known here by its id.

One interner serves one database, and is used where that is written alone: in the work and the `committed` of
`Store.run`. What it remembers is a shortcut and no more. It forgets all of it when a transaction came to nothing (the
ids that it gave were not stored), and when another database stands in the place of the one it knew. Who deletes rows of
these tables, of the log or of its postings, calls `forget` in `committed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Table, and_, func, select

from resolver.store import bulk
from resolver.store.tables import clients, facets, kinds, names, reverse

NAMES, CLIENTS, KINDS, FACETS = 50_000, 10_000, 20_000, 5_000
"""How many of each are remembered."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Facet = tuple[str, int, int, str, str, str, str, int]
"""Group, type, RCODE, origin, verdict, source, upstream, speed."""

KindKey = tuple[str, int, int, str, str, str, str, int, str, str, str]
"""A facet, and rule, via and shadow."""

KindIds = tuple[int, int, bool]
"""The ids of a kind and its facet, and whether it was blocked."""


class Cache(Generic[K, V]):
    """At most `limit` values, those used lately among them."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def look(self, keys: Sequence[K], find: Callable[[Sequence[K]], Mapping[K, V]]) -> list[V]:
        """The value of each key; those that are not remembered as `find` says."""
        found = list(map(self._young.get, keys))
        if None not in found:
            return found  # type: ignore[return-value]  # no value is None, as the line before says
        lacking = dict.fromkeys(key for key, value in zip(keys, found, strict=True) if value is None)
        known = {key: self._old[key] for key in lacking if key in self._old}
        if unknown := [key for key in lacking if key not in known]:
            known.update(find(unknown))
        self._remember(known)
        return [known[key] if value is None else value for key, value in zip(keys, found, strict=True)]

    def clear(self) -> None:
        self._young, self._old = {}, {}

    def _remember(self, known: Mapping[K, V]) -> None:
        for key, value in known.items():
            if len(self._young) >= self._half:
                self._young, self._old = {}, self._young
            self._young[key] = value


class Interner:
    """`terms` are those that the block `block` has already, and `told` the names and clients that are told apart in an
    hour: for those who write these, and forgotten with the rest."""

    def __init__(self) -> None:
        self.block = -1
        self.terms: set[int] = set()
        self.told: dict[tuple[str, int], set[int]] = {}
        self._names: Cache[str, int] = Cache(NAMES)
        self._clients: Cache[str, int] = Cache(CLIENTS)
        self._facets: Cache[Facet, int] = Cache(FACETS)
        self._kinds: Cache[KindKey, KindIds] = Cache(KINDS)
        self._last: dict[str, int] = {}  # the last id of each table
        self._generation: int | None = None
        self._sure = True

    def begin(self, generation: int) -> None:
        """A transaction begins, on the database of that generation."""
        if generation != self._generation:
            self._last.clear()
        if generation != self._generation or not self._sure:
            self.forget()
        self._generation = generation
        self._sure = False

    def committed(self) -> None:
        """The transaction is stored."""
        self._sure = True

    def forget(self) -> None:
        """Remember nothing but which ids were given: none is given twice."""
        self.block = -1
        self.terms, self.told = set(), {}
        for cache in (self._names, self._clients, self._facets, self._kinds):
            cache.clear()

    def first(self, connection: Connection, table: Table, count: int) -> int:
        """The first of so many new ids, one after the other."""
        stored = connection.execute(select(func.max(table.c.id))).scalar() or 0
        first = max(stored, self._last.get(table.name, 0)) + 1
        self._last[table.name] = first + count - 1
        return first

    def names(self, connection: Connection, texts: Sequence[str]) -> list[int]:
        """The ids of names in presentation form."""

        def find(some: Sequence[str]) -> dict[str, int]:
            keys = {reverse(text): text for text in some}
            found = bulk.find(connection, names.c.key, keys)
            self._add(connection, names, found, keys, lambda given, key: (given, key, keys[key]))
            return {text: found[key] for key, text in keys.items()}

        return self._names.look(texts, find)

    def clients(self, connection: Connection, texts: Sequence[str]) -> list[int]:
        """The ids of clients."""

        def find(some: Sequence[str]) -> dict[str, int]:
            found = bulk.find(connection, clients.c.client, some)
            self._add(connection, clients, found, some, lambda given, text: (given, text))
            return found

        return self._clients.look(texts, find)

    def kinds(self, connection: Connection, keys: Sequence[KindKey]) -> list[KindIds]:
        """The ids of kinds and their facets."""

        def find(some: Sequence[KindKey]) -> dict[KindKey, KindIds]:
            of = self.facets(connection, [key[:8] for key in some])
            rest = {digest(facet, *key[8:]): (facet, *key[8:]) for key, facet in zip(some, of, strict=True)}
            found = bulk.find(connection, kinds.c.digest, rest)
            self._add(connection, kinds, found, rest, lambda given, key: (given, *rest[key], key))
            return {
                key: (found[made], facet, key[4] == "block") for made, key, facet in zip(rest, some, of, strict=True)
            }

        return self._kinds.look(keys, find)

    def facets(self, connection: Connection, keys: Sequence[Facet]) -> list[int]:
        """The ids of facets."""
        return self._facets.look(keys, lambda values: self._find_facets(connection, values))

    def _find_facets(self, connection: Connection, those: Sequence[Facet]) -> dict[Facet, int]:
        """One look-up each: there are a few hundred at all."""
        columns = [column for column in facets.c if column is not facets.c.id]
        found: dict[Facet, int] = {}
        for one in those:
            same = and_(*(column == value for column, value in zip(columns, one, strict=True)))
            id = connection.execute(select(facets.c.id).where(same)).scalar()
            if id is not None:
                found[one] = id
        self._add(connection, facets, found, those, lambda given, one: (given, *one))
        return found

    def _add(
        self,
        connection: Connection,
        table: Table,
        found: dict[K, int],
        keys: Iterable[K],
        row: Callable[[int, K], tuple[Any, ...]],
    ) -> None:
        """Store what was not found, and note its ids in `found`."""
        new = [key for key in keys if key not in found]
        if not new:
            return
        first = self.first(connection, table, len(new))
        bulk.insert(connection, table, [row(id, key) for id, key in enumerate(new, first)])
        found.update(zip(new, range(first, first + len(new)), strict=True))


def digest(facet: int, *texts: str) -> bytes:
    """What a kind is found by: 16 bytes for its facet, rule, via and shadow, of whatever length and with whatever in
    them."""
    return hashlib.blake2b(b"\0".join((b"%d" % facet, *map(_sized, texts))), digest_size=16).digest()


def _sized(text: str) -> bytes:
    data = text.encode()
    return b"%d:%b" % (len(data), data)
