import pathlib
import threading
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import StoreError
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.filters import ANY, LogFilter, LogRow
from resolver.store.queries import Queries
from resolver.store.writer import Writer
from tests.store.logged import Log, emptied
from tests.store.making import NOON, batch, row


@pytest.fixture
def log(database: Store) -> Log:
    return Log(database)


def test_a_row_comes_back_as_it_was(log: Log) -> None:
    log.put(row(count=3, verdict="block", shadow="trial: ||x^"))
    page = log.queries.log(LogFilter(), None, 10)
    rest = (1, 0, "upstream", "block", "ads", "||rule^", "via.example", "udp://192.0.2.53", 3, 1500, "trial: ||x^")
    assert page.rows == [LogRow(1, NOON, "192.0.2.10", "default", "www.example.com", *rest)]
    assert (page.next, page.reached) == (None, 0)


def test_every_condition(log: Log) -> None:
    log.put(row("a.example"), row("b.example", client="192.0.2.2"), second=NOON)
    log.put(row("c.example", group="kids"), row("d.example", verdict="block"), second=NOON + 10)
    assert log.names() == ["d.example", "c.example", "b.example", "a.example"]
    assert log.names(clients=("192.0.2.2",)) == ["b.example"]
    assert log.names(group="kids") == ["c.example"]
    assert log.names(verdict="block") == ["d.example"]
    assert log.names(name="b.example") == ["b.example"]
    assert log.names(since=NOON + 0.5) == ["d.example", "c.example"]
    assert log.names(since=NOON) == ["d.example", "c.example", "b.example", "a.example"]
    assert log.names(until=NOON + 10) == log.names(until=NOON + 0.5) == ["b.example", "a.example"]
    every = {"verdict": "pass", "group": "kids", "name": "example", "clients": ("192.0.2.10",)}
    assert log.names(since=NOON + 1, **every) == ["c.example"]
    assert log.names(clients=("192.0.2.2",), group="kids") == []
    assert log.names(clients=("",)) == []
    assert log.names(clients=()) == log.names(clients=(), verdict="pass") == []
    assert log.names(clients=("192.0.2.2", "192.0.2.10", "192.0.2.2", "203.0.113.1")) == log.names()
    assert log.names(clients=("192.0.2.2", "192.0.2.99"), since=NOON) == ["b.example"]


def test_what_shadow_lists_would_have_blocked(log: Log) -> None:
    log.put(row("a.example", shadow="trial: ||a^"), row("b.example"), row("c.example", shadow="trial-2: c"))
    log.put(row("d.example", shadow="trial: d", client="192.0.2.2"), second=NOON + 10)
    log.put(row("", shadow="no-name"), second=NOON - 10)
    assert log.names(shadow=ANY) == ["", "d.example", "c.example", "a.example"]
    assert log.names(shadow="no-name") == [""]
    assert log.names(shadow="trial") == ["d.example", "a.example"]
    assert log.names(shadow="trial-2") == ["c.example"]
    assert log.names(shadow="tria") == log.names(shadow="") == log.names(shadow="trial: ") == []
    assert log.names(shadow="trial", clients=("192.0.2.2",), verdict="pass", since=NOON + 1) == ["d.example"]
    assert log.names(shadow="trial", name="a.example") == ["a.example"]
    assert log.names(shadow=ANY, since=NOON + 1) == ["d.example"]
    assert log.names(shadow=ANY, name="example", clients=("192.0.2.10",)) == ["c.example", "a.example"]


def test_a_name_means_itself_and_all_below_it(log: Log) -> None:
    others = ["example.com.evil", "my-example.com", "example.com-x", "example", "com", "example.comx", "."]
    log.put(
        *(row(name) for name in ["a.example.com", *others, "example.com", r"a\046b.example.com", "x.a.example.com"])
    )
    below = ["x.a.example.com", r"a\046b.example.com", "example.com", "a.example.com"]
    assert log.names(name="example.com") == below
    assert log.names(name="a.example.com") == ["x.a.example.com", "a.example.com"]
    assert len(log.names(name=".")) == 11
    assert log.names(exact="example.com") == ["example.com"]
    assert log.names(exact="example.com", name="com", part="MPLE.c") == ["example.com"]
    assert log.names(exact="example.com", name="a.example.com") == []
    assert log.names(part="Example.COM", name="com") == [*below[:3], "my-example.com", "a.example.com"]


@pytest.mark.parametrize(
    "name", ["%", "_", "a_c.example", "%.example", "'", '"; drop table log; --', "/", "\\", ":a", "?"]
)
def test_nothing_in_a_name_means_anything_to_the_database(log: Log, name: str) -> None:
    log.put(row("abc.example"), row("x.example"), row("ab.example"), row(name), row(f"below.{name}"))
    assert log.names(name=name) == log.names(part=name) == [f"below.{name}", name]
    assert log.names(exact=name) == [name]


@pytest.mark.parametrize("name", ["\0", "a\0b.example"])
def test_a_zero_byte_in_what_is_asked(log: Log, name: str) -> None:
    """There is none in a name: it is \\000 there."""
    log.put(row("abc.example"), row("x.example"))
    assert log.names(part=name) == log.names(exact=name) == log.names(name=name) == []
    assert log.names(rule=name) == log.names(clients=(name,)) == []


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet=st.sampled_from("ab.%_/-\\'é"), max_size=6), min_size=1, max_size=12), st.data())
def test_names_are_found_as_a_plain_reading_finds_them(database: Store, names: list[str], data: st.DataObject) -> None:
    log = Log(database)
    emptied(database, "log", "blocks", "postings", "feeds")
    log.put(*map(row, names))
    asked = data.draw(st.sampled_from(names))
    if asked != ".":
        expected = [name for name in names if name == asked or name.endswith("." + asked)]
        assert log.names(name=asked) == expected[::-1]
    assert log.names(part=asked) == [name for name in names if asked in name][::-1]


def test_pages_are_complete_and_do_not_overlap(log: Log) -> None:
    for number in range(25):
        log.put(row(f"n{number}.example", verdict="block" if number % 5 else "pass"))
    pages = log.pages(LogFilter(verdict="block"), 7)
    seen = [found.name for page in pages for found in page.rows]
    assert seen == [f"n{number}.example" for number in range(24, -1, -1) if number % 5]
    assert [len(page.rows) for page in pages] == [7, 7, 6]


def test_pages_of_a_device_with_many_addresses(log: Log) -> None:
    """As many as a device may have; each page goes on where the one before ended."""
    clients = tuple(f"2001:db8::{number:x}" for number in range(64))
    for number in range(130):
        client = clients[number * 7 % 64] if number % 2 else "192.0.2.1"
        log.put(row(f"n{number}.example", client=client))
    seen = [found.name for page in log.pages(LogFilter(clients=clients), 9) for found in page.rows]
    assert seen == [f"n{number}.example" for number in range(129, 0, -2)]


def test_every_row_of_a_filter_one_after_the_other(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.store.queries._AT_ONCE", 7)
    log.put(*(row(f"n{number}.example", verdict="block" if number % 5 else "pass") for number in range(50)))
    each = log.queries.each(LogFilter(verdict="block"))
    first = next(each)
    log.put(row("later.example", verdict="block"))
    names = [first.name, *(one.name for one in each)]
    assert names == [f"n{number}.example" for number in range(49, 0, -1) if number % 5]
    assert list(log.queries.each(LogFilter(verdict="allow"))) == []


def test_pages_while_rows_are_written(database: Store) -> None:
    log = Log(database)
    for _ in range(20):
        log.put(*[row() for _ in range(25)])
    writer = Writer(database, lambda *_: None, interval=0.001)
    writer.start()
    stop = threading.Event()

    def write() -> None:
        seq = 0
        while not stop.wait(0.001):
            seq += 1
            writer.submit(batch(seq, [row() for _ in range(20)], feed="other"))

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        time.sleep(0.05)
        page = log.queries.log(LogFilter(), None, 17)
        newest = page.rows[0].id
        ids = [found.id for found in page.rows]
        while page.next is not None:
            page = log.queries.log(LogFilter(), page.next, 17)
            ids += [found.id for found in page.rows]
    finally:
        stop.set()
        thread.join()
        writer.close(5)
    assert newest > 500
    assert ids == list(range(newest, 0, -1))
    assert log.queries.log(LogFilter(), None, 1).rows[0].id > newest


def test_a_database_that_cannot_be_read_says_why(path: pathlib.Path) -> None:
    path.mkdir()
    database = Database.open(path)
    with pytest.raises(StoreError, match="cannot be used"):
        Queries(database).totals(0)
    database.close()


def test_a_query_that_takes_too_long_is_ended(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.put(*[row(f"n{number}.example") for number in range(20_000)])
    read = log.database.read
    monkeypatch.setattr(log.database, "read", lambda work: read(work, 0.0))
    with pytest.raises(StoreError, match="took too long"):
        log.queries.top("names", 0)


def test_limits_are_kept(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.store.queries.MAX_LIMIT", 3)
    log.put(*[row(f"n{number}.example") for number in range(5)])
    asked: Any = log.queries
    assert len(asked.log(LogFilter(), None, 100).rows) == len(asked.top("names", 0, None, 100)) == 3
    assert len(asked.log(LogFilter(), None, -1).rows) == 1
