"""Batches into tables, against plain loops over the same batches."""

from __future__ import annotations

import itertools
import pathlib
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.store import interning, rollups, terms
from resolver.store.backlog import Waiting
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.storing import store
from tests.store.adding_up import DAY, HOUR, check, logged
from tests.store.making import NOON, look, row, store_all, waiting


@pytest.mark.parametrize("count", [0, 1, 7, 8, 63, 65, 511, 513, 1053])
def test_every_row_once_and_in_order(database: Store, count: int) -> None:
    names = [f"n{number}" for number in range(count)]
    parts = [waiting(1, [row(name) for name in names[: count // 3]]), waiting(2, list(map(row, names[count // 3 :])))]
    assert store_all(database, parts) == parts
    assert [found[2] for found in logged(database)] == names
    check(database)


def test_a_row_is_all_that_the_batch_says(database: Store) -> None:
    exchange = Exchange(
        "a.example", 28, 3, "cache", "allow", "rules", "allow a", "b.example", "tls://x", "l: ||a^", "r:1"
    )
    store_all(database, [waiting(1, [Row("192.0.2.7", "kids", exchange, 3, 5001)], second=NOON + 5)])
    values = ("192.0.2.7", "kids", "a.example", 28, 3, "cache", "allow", "rules", "allow a", "b.example", "tls://x")
    assert logged(database) == [(*values, "l: ||a^", NOON + 5, 3, 5001)]
    assert look(database, "SELECT id, key, name FROM names") == [(1, "example.a", "a.example")]
    assert look(database, "SELECT speed FROM facets") == [(3,)]
    assert look(database, 'SELECT "key", count FROM hits') == [("r:1", 3)]


def test_only_what_is_new_is_stored(database: Store) -> None:
    interner = Interner()
    store_all(database, [waiting(3, [row("c")])], interner)
    mixed = [waiting(seq, [row(name)]) for seq, name in ((2, "b"), (5, "e"), (4, "d"), (5, "e"))]
    fresh = store_all(database, [*mixed, waiting(1, [row("a")], feed="g")], interner)
    assert [(item.feed, item.seq) for item in fresh] == [("f", 5), ("f", 4), ("g", 1)]
    assert [found[2] for found in logged(database)] == ["c", "e", "d", "a"]
    assert look(database, "SELECT feed, seq, at FROM feeds ORDER BY feed") == [("f", 5, NOON), ("g", 1, NOON)]
    assert look(database, "SELECT count FROM totals") == [(4,)]
    check(database)


def test_a_kind_that_names_no_origin_is_counted_too(database: Store) -> None:
    store_all(database, [Waiting("f", 1, NOON, (), {"refused": 2, "block/local/x": 3})])
    assert look(database, "SELECT verdict, origin, count FROM totals ORDER BY verdict") == [
        ("block", "local/x", 3),
        ("refused", "", 2),
    ]


def test_what_was_given_up_is_counted_in_its_hour(database: Store) -> None:
    for seq, (second, dropped) in enumerate(((NOON, 2), (NOON + 1, 3), (NOON + HOUR, 4), (NOON + HOUR, 0)), 1):
        store_all(database, [waiting(seq, [], second=second, dropped=dropped)])
    assert look(database, "SELECT hour, count FROM drops ORDER BY hour") == [(NOON, 5), (NOON + HOUR, 4)]


_names = st.sampled_from(["", ".", "a.example", "b.example", "www.a.example", "c", "d.c", "e.c", "f.c"])
_rows = st.builds(
    lambda client, group, count, took, exchange: Row(client, group, exchange, count, took),
    st.sampled_from(["", "192.0.2.1", "192.0.2.2", "~0123456789ab", "2001:db8::1"]),
    st.sampled_from(["default", "kids"]),
    st.integers(1, 3),
    st.sampled_from([0, 1000, 1001, 7_000_000]),
    st.builds(
        lambda name, kind, verdict, rule, shadow: Exchange(
            name, kind, 0, "local", verdict, "ads", rule, "", "", shadow
        ),
        _names,
        st.sampled_from([1, 28]),
        st.sampled_from(["block", "pass", "allow"]),
        st.sampled_from(["", "||a^", "a" * 3000]),
        st.sampled_from(["", "l: ||x^"]),
    ),
)
_seconds = st.sampled_from([NOON, NOON + 1, NOON + HOUR, NOON - DAY, NOON - DAY + 7, NOON - 2 * DAY])
_batches = st.lists(
    st.tuples(st.sampled_from("fg"), _seconds, st.lists(_rows, max_size=12), st.integers(0, 2)), max_size=4
)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("store"), _batches),
        st.tuples(st.just("fail"), _batches, st.integers(0, 40)),
        st.tuples(st.just("again"), st.integers(0, 10)),
        st.tuples(st.just("close"), st.just(0)),
        st.tuples(st.just("restart"), st.just(0)),
    ),
    max_size=8,
)


class _BrokenError(Exception):
    pass


class Oracle:
    """A database that is written to, and what it must hold."""

    def __init__(self, database: Store) -> None:
        self.database = database
        self.interner = Interner()
        self.stored: list[Waiting] = []
        self.closed: set[int] = set()
        self._seq = itertools.count(1)

    def step(self, kind: str, what: Any, after: int = 0) -> None:
        match kind:
            case "store":
                some = self._batches(what)
                assert store_all(self.database, some, self.interner) == some
                self.stored += some
            case "fail":
                self._fail(self._batches(what), after)
            case "again":
                assert store_all(self.database, self.stored[-what:], self.interner) == []
            case "close":
                while self.database.run(lambda connection: rollups.close_days(connection, NOON)):
                    pass
                self.closed = {batch.second // DAY * DAY for batch in self.stored if batch.rows}
                self.closed -= {NOON // DAY * DAY}
            case "restart":
                self.interner = Interner()

    def _batches(self, what: list[tuple[str, int, list[Row], int]]) -> list[Waiting]:
        made = []
        for feed, second, rows, dropped in what:
            one = waiting(next(self._seq), rows, feed=feed, second=second, dropped=dropped)
            made.append(msgspec.structs.replace(one, totals=_totals(one)))
        return made

    def _fail(self, batches: list[Waiting], after: int) -> None:
        """Break off after so many statements; or at the end, when there are fewer."""

        def work(connection: Connection) -> None:
            left = itertools.count(after, -1)

            def broken(*_: object) -> None:
                if next(left) == 0:
                    raise _BrokenError

            event.listen(connection, "before_cursor_execute", broken)
            try:
                store(connection, batches, self.interner, self.database.generation)
            finally:
                event.remove(connection, "before_cursor_execute", broken)
            raise _BrokenError

        with pytest.raises(_BrokenError):
            self.database.run(work)

    def check(self) -> None:
        found = Counter(logged(self.database))
        assert found == Counter(_fields(batch.second, row) for batch in self.stored for row in batch.rows)
        late = {batch.second // DAY * DAY for batch in self.stored if batch.rows} & self.closed
        check(self.database, made=frozenset(late))


def _totals(batch: Waiting) -> dict[str, int]:
    """As a worker counts: what has no row too."""
    totals = dict(batch.totals)
    if batch.dropped:
        totals["pass/cache"] = totals.get("pass/cache", 0) + batch.dropped
    return totals


def _fields(second: int, row: Row) -> tuple[Any, ...]:
    e = row.exchange
    values = (row.client, row.group, e.name, e.type, e.rcode, e.origin, e.verdict, e.source, e.rule, e.via, e.upstream)
    return (*values, e.shadow, second, row.count, row.took_us)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps, few=st.booleans())
def test_all_that_is_kept_beside_the_rows_adds_up(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[Any, ...]], few: bool
) -> None:
    """With blocks of 8 rows, and an interner that keeps much, or next to nothing; transactions break off half-way,
    batches come again, or for days that were made."""
    monkeypatch.setattr(terms, "BLOCK_BITS", 3)
    for limit in ("NAMES", "CLIENTS", "KINDS", "FACETS"):
        monkeypatch.setattr(interning, limit, 2 if few else 1000)
    path = tmp_path / "lull.db"
    path.unlink(missing_ok=True)
    database = Database.open(path)
    oracle = Oracle(database)
    for step in steps:
        oracle.step(*step)
    oracle.check()
    database.close()
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("after", range(0, 40, 3))
def test_ids_of_a_transaction_that_failed_are_forgotten(database: Store, after: int) -> None:
    oracle = Oracle(database)
    oracle.step("store", [("f", NOON, [row("a.example")], 0)])
    some = [row(f"n{number}.example", client=f"192.0.2.{number}", verdict="block") for number in range(100)]
    oracle.step("fail", [("f", NOON, some, 1)], after)
    oracle.step("store", [("f", NOON, [*some[50:], row("z.example")], 1)])
    oracle.check()
