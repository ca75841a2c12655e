from __future__ import annotations

import pathlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, event

from resolver.store import interning
from resolver.store.face import Store
from resolver.store.interning import Cache, Interner, KindKey, digest
from resolver.store.tables import clients, names
from tests.store.making import look

KIND: KindKey = ("default", 1, 0, "local", "block", "ads", "", 0, "||a^", "", "")


def names_of(database: Store, interner: Interner, texts: Sequence[str]) -> list[int]:
    """As a transaction that is stored."""

    def work(connection: Connection) -> list[int]:
        interner.begin(database.generation)
        return interner.names(connection, texts)

    return database.run(work, lambda _: interner.committed())


class _BrokenError(Exception):
    pass


def test_each_text_has_one_id(database: Store) -> None:
    interner = Interner()
    assert names_of(database, interner, ["b.a", "c.a", "b.a", ""]) == [1, 2, 1, 3]
    assert names_of(database, interner, ["", "d", "c.a"]) == [3, 4, 2]
    assert names_of(database, Interner(), ["d", "new", "b.a"]) == [4, 5, 1]
    assert look(database, 'SELECT id, "key", name FROM names ORDER BY id') == [
        (1, "a.b", "b.a"),
        (2, "a.c", "c.a"),
        (3, "", ""),
        (4, "d", "d"),
        (5, "new", "new"),
    ]


def test_what_is_remembered_is_not_asked_for(database: Store) -> None:
    interner = Interner()
    names_of(database, interner, ["a", "b"])

    def work(connection: Connection) -> list[int]:
        asked: list[object] = []
        event.listen(connection, "before_cursor_execute", lambda *_: asked.append(1))
        interner.begin(database.generation)
        found = interner.names(connection, ["b", "a", "b"])
        assert not asked
        return found

    assert database.run(work) == [2, 1, 2]


def test_clients_and_kinds(database: Store) -> None:
    interner = Interner()
    other: KindKey = (*KIND[:4], "pass", *KIND[5:])
    shadowed: KindKey = (*KIND[:10], "trial: ||a^")

    def work(connection: Connection) -> tuple[list[int], list[tuple[int, int, bool]]]:
        interner.begin(database.generation)
        return interner.clients(connection, ["x", "y", "x"]), interner.kinds(connection, [KIND, other, shadowed, KIND])

    found = [(1, 1, True), (2, 2, False), (3, 1, True), (1, 1, True)]
    for _ in range(2):
        assert database.run(work, lambda _: interner.committed()) == ([1, 2, 1], found)
        interner.forget()
    facets = 'SELECT id, "group", type, rcode, origin, verdict, source, upstream, speed FROM facets ORDER BY id'
    assert look(database, facets) == [(1, *KIND[:8]), (2, *other[:8])]
    assert look(database, "SELECT id, facet, rule, via, shadow FROM kinds ORDER BY id") == [
        (1, 1, "||a^", "", ""),
        (2, 2, "||a^", "", ""),
        (3, 1, "||a^", "", "trial: ||a^"),
    ]


def test_ids_that_were_not_stored_are_forgotten_and_not_given_again(database: Store) -> None:
    interner = Interner()
    names_of(database, interner, ["a"])

    def work(connection: Connection) -> None:
        interner.begin(database.generation)
        assert interner.names(connection, ["a", "b", "c"]) == [1, 2, 3]
        raise _BrokenError

    with pytest.raises(_BrokenError):
        database.run(work)
    assert names_of(database, interner, ["c", "a"]) == [4, 1]


def test_no_id_is_given_twice_when_the_last_ones_were_deleted(database: Store) -> None:
    interner = Interner()
    names_of(database, interner, ["a", "b", "c"])
    database.run(lambda connection: connection.execute(delete(names)), lambda _: interner.forget())
    assert names_of(database, interner, ["b", "a"]) == [4, 5]
    assert names_of(database, interner, ["b", "a"]) == [4, 5]


def test_another_database_is_another_world(database: Store, path: pathlib.Path) -> None:
    interner = Interner()
    names_of(database, interner, ["a", "b"])
    path.unlink()
    assert names_of(database, interner, ["b"]) == [1]
    assert look(database, "SELECT id, name FROM names") == [(1, "b")]


def test_what_was_not_used_lately_makes_room(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interning, "CLIENTS", 100)
    interner = Interner()

    def work(connection: Connection) -> list[list[int]]:
        interner.begin(database.generation)
        return [interner.clients(connection, ["always", *(f"{part}.{n}" for n in range(20))]) for part in range(50)]

    found = database.run(work, lambda _: interner.committed())
    assert len({id for part in found for id in part}) == 1 + 50 * 20
    assert len(look(database, "SELECT id FROM clients")) == 1 + 50 * 20
    assert {part[0] for part in found} == {1}
    assert clients.name == "clients"


@given(st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=20), st.integers(1, 20))
def test_a_cache_is_right_and_bounded(rounds: list[list[int]], limit: int) -> None:
    cache: Cache[int, str] = Cache(limit)
    for keys in rounds:
        assert cache.look(keys, lambda some: {key: str(key) for key in some}) == [str(key) for key in keys]
        assert len(cache) <= max(limit, 2)


def test_a_cache_keeps_what_is_used() -> None:
    cache: Cache[int, int] = Cache(10)
    asked: list[int] = []

    def find(some: Sequence[int]) -> dict[int, int]:
        asked.extend(some)
        return {key: key for key in some}

    for number in range(1, 100):
        cache.look([0, number], find)
    assert asked.count(0) == 1
    assert len(asked) == 100
    cache.clear()
    cache.look([0], find)
    assert asked.count(0) == 2


_text = st.text(st.sampled_from("a1:\0"), max_size=4)
_values = st.tuples(st.integers(0, 11), _text, _text, _text)


@given(_values, _values)
def test_a_digest_stands_for_one_kind(one: tuple[int, str, str, str], other: tuple[int, str, str, str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)
    assert len(digest(*one)) == 16
