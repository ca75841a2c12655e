"""Pages of the log against a plain reading of the same rows; blocks, look-ups and budgets are small."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from resolver.store import conditions, pages, pieces, places, terms
from resolver.store.face import Store
from resolver.store.filters import ANY, LogFilter, LogPage, LogRow, matches
from resolver.store.pages import Pager
from resolver.store.pieces import Pieces
from tests.store.logged import Log, any_filter, any_row, emptied
from tests.store.making import NOON, row


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (terms, "BLOCK_BITS", 3),
        (pages, "_FIRST", 2),
        (pages, "_GROWS", 3),
        (pages, "_AIM", 4),
        (pages, "_RUN", 3),
        (pages, "_WORTH", 2),
        (places, "_ENOUGH", 1),
        (pieces, "STRETCH", 3),
    ):
        monkeypatch.setattr(module, name, value)


def turned(database: Store, filter: LogFilter, limit: int, budget: float, known: Pieces) -> Iterator[LogPage]:
    cursor = None

    def read(connection: Connection) -> LogPage:
        return Pager(connection, known, 1, budget).page(filter, cursor, limit)

    for _ in range(10_000):
        page = database.read(read)
        yield page
        cursor = page.next
        if cursor is None:
            return
    raise AssertionError("it has no end")


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 32), st.sampled_from((0.0, 9.0)), st.integers(1, 9), st.sampled_from((0, 2, 1000)))
def test_pages_are_what_a_plain_reading_finds(database: Store, seed: int, budget: float, limit: int, many: int) -> None:
    emptied(database, "log", "blocks", "postings", "feeds")
    chance = random.Random(seed)
    written = Log(database)
    for number in range(chance.randint(1, 25)):
        rows = [any_row(chance) for _ in range(chance.randint(1, 12))]
        written.put(*rows, second=NOON + number + chance.choice((0, 0, 0, -7)))  # some come late
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conditions, "MANY", many)
        patch.setattr(pieces, "MANY", many)
        patch.setattr(conditions, "FEW", many)
        patch.setattr(places, "MOST", chance.choice((1, 5, 1000)))
        every = [one for page in turned(database, LogFilter(), 1000, 9.0, Pieces()) for one in page.rows]
        known = Pieces()
        for _ in range(6):
            filter = any_filter(chance, NOON - 7, NOON + 25)
            found = list(turned(database, filter, limit, budget, known))
            expected = [one for one in every if matches(filter, one)]
            assert [one for page in found for one in page.rows] == expected, filter
            assert all(len(page.rows) <= limit for page in found)
            if budget:
                assert [len(page.rows) for page in found] == sizes(len(expected), limit)


def sizes(number: int, limit: int) -> list[int]:
    """Of the pages when each is as full as it can be."""
    return [limit] * ((number - 1) // limit) + [(number - 1) % limit + 1] if number else [0]


def test_nothing_is_missed_or_comes_twice_while_rows_are_written(database: Store) -> None:
    chance = random.Random(6)
    written = Log(database)
    for _ in range(20):
        written.put(*[any_row(chance) for _ in range(9)])
    stop = threading.Event()

    def write() -> None:
        more = random.Random(7)
        for _ in range(300):
            written.put(*[any_row(more, names=("new.example", "a.example")) for _ in range(2)])
            if stop.wait(0.002):
                return

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        known = Pieces()
        for _ in range(12):
            filter = any_filter(chance, NOON - 1, NOON + 1)
            first, *rest = turned(database, filter, 5, chance.choice((0.0, 9.0)), known)
            every = [one for page in turned(database, LogFilter(), 1000, 9.0, known) for one in page.rows]
            newest = rows_of(first, rest)
            seen = newest[0].id if newest else 0
            expected = [one for one in every if one.id <= seen and matches(filter, one)]
            assert newest == expected, filter
    finally:
        stop.set()
        thread.join()


def rows_of(first: LogPage, rest: list[LogPage]) -> list[LogRow]:
    return [one for page in (first, *rest) for one in page.rows]


def test_a_page_without_time_goes_on_and_says_how_far_it_looked(database: Store) -> None:
    written = Log(database)
    for number in range(10):
        written.put(*[row(f"n{number}.example") for _ in range(8)], second=NOON + number)
    found = list(turned(database, LogFilter(exact="n0.example", verdict="pass"), 100, 0.0, Pieces()))
    assert len(found) == 11, "one block a page: the first row has id 1, so that the last block has but one"
    assert [page.reached for page in found] == [*range(NOON + 9, NOON - 1, -1), 0]
    assert [len(page.rows) for page in found] == [0] * 9 + [1, 7]
    (whole,) = turned(database, LogFilter(exact="n0.example"), 100, 9.0, Pieces())
    assert (len(whole.rows), whole.next, whole.reached) == (8, None, 0)


def test_a_full_page_says_how_far_it_looked(database: Store) -> None:
    written = Log(database)
    for number in range(10):
        written.put(row(), second=NOON + number)
    pages = list(turned(database, LogFilter(), 4, 9.0, Pieces()))
    assert [page.reached for page in pages] == [NOON + 6, NOON + 2, 0]


def test_a_time_without_rows_is_not_looked_through(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Log(database)
    for number in range(50):
        written.put(*[row() for _ in range(8)], second=NOON + number * 100)
    read: list[int] = []
    reading = pages._Walk._read
    monkeypatch.setattr(
        pages._Walk,
        "_read",
        lambda self, newer, *rest: read.append(newer) or reading(self, newer, *rest),  # type: ignore[func-returns-value]
    )
    (page,) = turned(database, LogFilter(since=NOON + 100, until=NOON + 200), 100, 9.0, Pieces())
    assert len(page.rows) == 8
    assert read[0] == 2
    assert len(read) == 2


def test_few_blocks_are_read_for_what_is_rare(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Log(database)
    for number in range(200):
        rows = [row("seldom.example", client="192.0.2.9", shadow="trial: x")] if number in {5, 150} else []
        written.put(*rows, *[row() for _ in range(8 - len(rows))])
    read: list[int] = []
    reading = pages._Walk._read
    monkeypatch.setattr(
        pages._Walk,
        "_read",
        lambda self, newer, *rest: read.append(newer) or reading(self, newer, *rest),  # type: ignore[func-returns-value]
    )
    for filter in (
        LogFilter(exact="seldom.example"),
        LogFilter(name="seldom.example"),
        LogFilter(part="ldom.e"),
        LogFilter(clients=("192.0.2.9",)),
        LogFilter(shadow=ANY),
        LogFilter(part="example", clients=("192.0.2.9",), verdict="pass"),
    ):
        read.clear()
        (page,) = turned(database, filter, 100, 9.0, Pieces())
        assert (len(page.rows), len(read)) == (2, 3), filter
    read.clear()
    (page,) = turned(database, LogFilter(clients=("192.0.2.77",)), 100, 9.0, Pieces())
    assert (page.rows, read) == ([], [])


def test_an_empty_log(database: Store) -> None:
    assert list(turned(database, LogFilter(part="x"), 10, 0.0, Pieces())) == [LogPage([], None)]
