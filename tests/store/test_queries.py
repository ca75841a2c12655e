import pathlib
import threading
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import StoreError
from resolver.journal.frames import Row
from resolver.store import queries as module
from resolver.store.database import Database
from resolver.store.queries import ANY, HourTotals, LogFilter, LogRow, Queries, Top
from resolver.store.storing import store
from resolver.store.writer import Writer
from tests.store.making import NOON, batch, row


class Log:
    """A log to put rows in and to ask."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.queries = Queries(database)
        self._seq = 0

    def put(self, *rows: Row, second: int = NOON) -> None:
        self._seq += 1
        made: Any = batch(self._seq, list(rows), second=second)
        self.database.run(lambda connection: store(connection, [made]))

    def names(self, **conditions: Any) -> list[str]:
        return [found.name for found in self.queries.log(LogFilter(**conditions), None, 1000).rows]


@pytest.fixture
def log(database: Database) -> Log:
    return Log(database)


def test_a_row_comes_back_as_it_was(log: Log) -> None:
    log.put(row(count=3, verdict="block", shadow="trial: ||x^"))
    page = log.queries.log(LogFilter(), None, 10)
    rest = (1, 0, "upstream", "block", "ads", "||rule^", "via.example", "udp://192.0.2.53", 3, 1500, "trial: ||x^")
    assert page.rows == [LogRow(1, NOON, "192.0.2.10", "default", "www.example.com", *rest)]
    assert page.next is None


@pytest.mark.parametrize("narrow", [0, 50_000])
def test_every_condition(log: Log, monkeypatch: pytest.MonkeyPatch, narrow: int) -> None:
    monkeypatch.setattr(module, "NARROW", narrow)  # the two ways in which `since` is served
    log.put(row("a.example"), row("b.example", client="192.0.2.2"), second=NOON)
    log.put(row("c.example", group="kids"), row("d.example", verdict="block"), second=NOON + 10)
    assert log.names() == ["d.example", "c.example", "b.example", "a.example"]
    assert log.names(clients=("192.0.2.2",)) == ["b.example"]
    assert log.names(group="kids") == ["c.example"]
    assert log.names(verdict="block") == ["d.example"]
    assert log.names(name="b.example") == ["b.example"]
    assert log.names(since=NOON + 0.5) == ["d.example", "c.example"]
    assert log.names(since=NOON) == ["d.example", "c.example", "b.example", "a.example"]
    every = {"verdict": "pass", "group": "kids", "name": "example", "clients": ("192.0.2.10",)}
    assert log.names(since=NOON + 1, **every) == ["c.example"]
    assert log.names(clients=("192.0.2.2",), group="kids") == []
    assert log.names(clients=("",)) == []
    assert log.names(clients=()) == log.names(clients=(), verdict="pass") == []
    assert log.names(clients=("192.0.2.2", "192.0.2.10", "192.0.2.2", "203.0.113.1")) == log.names()
    assert log.names(clients=("192.0.2.2", "192.0.2.99"), since=NOON) == ["b.example"]


@pytest.mark.parametrize("narrow", [0, 50_000])
def test_what_shadow_lists_would_have_blocked(log: Log, monkeypatch: pytest.MonkeyPatch, narrow: int) -> None:
    monkeypatch.setattr(module, "NARROW", narrow)
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
    assert log.names(name="example.com") == ["x.a.example.com", r"a\046b.example.com", "example.com", "a.example.com"]
    assert log.names(name="a.example.com") == ["x.a.example.com", "a.example.com"]
    assert len(log.names(name=".")) == 11


@pytest.mark.parametrize(
    "name", ["%", "_", "a_c.example", "%.example", "'", '"; DROP TABLE log; --', "\0", "a\0b.example"]
)
def test_nothing_in_a_name_means_anything_to_the_database(log: Log, name: str) -> None:
    log.put(row("abc.example"), row("x.example"), row("ab.example"), row(name), row(f"below.{name}"))
    assert log.names(name=name) == [f"below.{name}", name]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet=st.sampled_from("ab.%_/-\\'\0é"), max_size=6), min_size=1, max_size=12), st.data())
def test_names_are_found_as_a_plain_reading_finds_them(
    database: Database, names: list[str], data: st.DataObject
) -> None:
    log = Log(database)
    database.run(lambda connection: connection.exec_driver_sql("DELETE FROM log"))
    database.run(lambda connection: connection.exec_driver_sql("DELETE FROM feeds"))
    log.put(*map(row, names))
    asked = data.draw(st.sampled_from(names))
    if asked != ".":
        expected = [name for name in names if name == asked or name.endswith("." + asked)]
        assert log.names(name=asked) == expected[::-1]


def test_pages_are_complete_and_do_not_overlap(log: Log) -> None:
    for number in range(25):
        log.put(row(f"n{number}.example", verdict="block" if number % 5 else "pass"))
    seen: list[str] = []
    cursor = None
    sizes = []
    while True:
        page = log.queries.log(LogFilter(verdict="block"), cursor, 7)
        seen += [found.name for found in page.rows]
        sizes.append(len(page.rows))
        cursor = page.next
        if cursor is None:
            break
    assert seen == [f"n{number}.example" for number in range(24, -1, -1) if number % 5]
    assert sizes == [7, 7, 6]


def test_pages_of_a_device_with_many_addresses(log: Log) -> None:
    """As many as a device may have; each page goes on where the one before ended."""
    clients = tuple(f"2001:db8::{number:x}" for number in range(64))
    for number in range(130):
        client = clients[number * 7 % 64] if number % 2 else "192.0.2.1"
        log.put(row(f"n{number}.example", client=client))
    seen, cursor = [], 1 << 60
    while cursor:
        page = log.queries.log(LogFilter(clients=clients), cursor, 9)
        seen += [found.name for found in page.rows]
        cursor = page.next or 0
    assert seen == [f"n{number}.example" for number in range(129, 0, -2)]


def test_pages_while_rows_are_written(database: Database) -> None:
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


def test_totals(log: Log) -> None:
    log.put(row(count=3), row(verdict="block"), second=NOON - 7200)
    log.put(row(count=2), second=NOON + 5)
    totals = log.queries.totals(NOON - 7200)
    assert (totals.queries, totals.verdicts, totals.origins) == (6, {"pass": 5, "block": 1}, {"upstream": 6})
    assert totals.hours == [HourTotals(NOON - 7200, {"block": 1, "pass": 3}), HourTotals(NOON, {"pass": 2})]
    assert log.queries.totals(NOON + 1800).queries == 2, "from the hour it lies in"
    assert log.queries.totals(NOON + 3600).hours == []


def test_top(log: Log) -> None:
    log.put(row("old.example", count=100), second=NOON - 100)
    log.put(row("a.example", count=5, client="192.0.2.1"), row("b.example", count=3), row("b.example", count=4))
    log.put(row("c.example", verdict="block", count=2), row("", client="", count=50))
    assert log.queries.top("names", NOON, 2) == [Top("b.example", 7), Top("a.example", 5)]
    assert log.queries.top("blocked", NOON, 10) == [Top("c.example", 2)]
    assert log.queries.top("clients", NOON, 10) == [Top("192.0.2.10", 9), Top("192.0.2.1", 5)]
    assert log.queries.top("names", NOON - 100, 1) == [Top("old.example", 100)]


@pytest.mark.parametrize("cursor", [None, 5])
def test_the_plan_is_the_one_meant(log: Log, monkeypatch: pytest.MonkeyPatch, cursor: int | None) -> None:
    """A name's own index serves it whatever else is asked; so does that of time for what is recent."""
    log.put(row())

    def plan(filter: LogFilter) -> str:
        def work(connection: Any) -> str:
            statement = module._page(connection, filter, cursor).limit(10)
            text = str(statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
            return " ".join(str(step[3]) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))

        return log.database.read(work)

    assert "INDEX log_name" in plan(LogFilter(name="example", clients=("c",), verdict="block", group="g"))
    assert "INDEX log_client" in plan(LogFilter(clients=("c",), verdict="block", group="g"))
    assert "INDEX log_verdict" in plan(LogFilter(verdict="block", group="g"))
    assert "INDEX log_at" in plan(LogFilter(name="example", clients=("c",), verdict="block", since=NOON))
    assert "INDEX log_at" in plan(LogFilter(shadow="trial", clients=("c",), since=NOON))
    assert "INDEX log_name" in plan(LogFilter(shadow=ANY, name="example"))
    of_one = LogFilter(shadow="trial", clients=("c",), verdict="pass", group="g")
    for filter in (of_one, LogFilter(shadow=ANY, clients=("c",))):
        assert "INDEX log_shadow" in plan(filter)
        assert "TEMP B-TREE" not in plan(filter)
    monkeypatch.setattr(module, "NARROW", 0)
    assert "INDEX log_client" in plan(LogFilter(clients=("c",), verdict="block", since=NOON))
    assert "TEMP B-TREE" not in plan(LogFilter(clients=("c",), since=NOON))
    several = plan(LogFilter(clients=("c", "d", "e"), verdict="block", since=NOON))
    assert several.count("INDEX log_client") == 3
    assert "TEMP B-TREE" not in several
    assert "TEMP B-TREE" not in plan(LogFilter(since=NOON))


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
        log.queries.top("names", 0, 10)
