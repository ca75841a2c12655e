"""Forgetting: nothing of it is found afterwards, and nothing else is gone."""

from __future__ import annotations

import pathlib
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import StoreError
from resolver.store import rollups, terms
from resolver.store.face import Store
from resolver.store.filters import LogFilter, matches
from resolver.store.forgetting import Forget, Forgot, forget
from resolver.store.queries import Queries
from resolver.store.writer import Writer
from tests.store import adding_up
from tests.store.logged import CLIENTS, any_row, emptied
from tests.store.making import NOON, batch, look, row

HOUR, DAY = 3600, 86_400


@pytest.fixture
def writer(database: Store) -> Iterator[Writer]:
    made = Writer(database, lambda *_: None, interval=60.0)
    made.start()
    yield made
    made.close(5)


class House:
    """A log that is written by a writer."""

    def __init__(self, database: Store, writer: Writer) -> None:
        self.database = database
        self.writer = writer
        self._seq = 0

    def put(self, *rows: Any, second: int = NOON) -> None:
        self._seq += 1
        self.writer.submit(batch(self._seq, list(rows), second=second))

    def forget(self, **what: Any) -> Forgot:
        return forget(self.database, self.writer, Forget(**what))

    def names(self) -> list[str]:
        return [one.name for one in Queries(self.database).log(LogFilter(), None, 1000).rows]

    def known(self, table: str = "names", column: str = "name") -> set[object]:
        return {value for (value,) in look(self.database, f"SELECT {column} FROM {table}")}


@pytest.fixture
def house(database: Store, writer: Writer) -> House:
    return House(database, writer)


def test_a_client(house: House) -> None:
    house.put(row("a.example", client="192.0.2.1", verdict="block"), row("both.example", client="192.0.2.1"))
    house.put(row("both.example", client="192.0.2.2"), row("b.example", client="192.0.2.2"))
    assert house.forget(clients=("192.0.2.1", "192.0.2.77")) == Forgot(2, 1, 1, finished=True)
    assert house.names() == ["b.example", "both.example"]
    assert house.known() == {"b.example", "both.example"}
    assert house.known("clients", "client") == {"192.0.2.2"}
    assert Queries(house.database).totals(0).queries == 4, "totals stay"
    assert [(one.value, one.count) for one in Queries(house.database).top("clients", 0)] == [("192.0.2.2", 2)]
    assert [(one.value, one.count) for one in Queries(house.database).top("names", 0)] == [
        ("b.example", 1),
        ("both.example", 1),
    ]
    assert Queries(house.database).top("blocked", 0) == []


def test_a_name_and_those_below_it(house: House) -> None:
    house.put(row("a.example"), row("x.a.example", client="192.0.2.2"), row("xa.example"), row("a.example.net"))
    assert house.forget(name="a.example") == Forgot(2, 2, 1, finished=True)
    assert house.known() == {"xa.example", "a.example.net"}
    assert house.forget(name="none.example") == Forgot(0, 0, 0, finished=True)


def test_a_name_of_which_only_sums_are_left(house: House) -> None:
    house.put(row("a.example"), row("b.example"), second=NOON - DAY)
    house.writer.flush(5)
    house.database.run(lambda connection: rollups.close_days(connection, NOON + DAY))
    emptied(house.database, "log", "blocks", "postings", "hour_names")
    assert house.forget(name="a.example") == Forgot(0, 1, 0, finished=True)
    assert house.known() == {"b.example"}
    assert look(house.database, "SELECT count(*) FROM day_names") == [(1,)]


def test_what_is_from_before(house: House) -> None:
    house.put(row("old.example", client="192.0.2.9"), second=NOON - 2 * DAY)
    house.put(row("same.day.example"), second=NOON - 3 * HOUR)
    house.put(row("hour.example"), second=NOON - 10)
    house.put(row("new.example"), row("hour.example"), second=NOON)
    house.writer.flush(5)
    while house.database.run(lambda connection: rollups.close_days(connection, NOON + DAY)):
        pass
    assert house.forget(before=NOON - 5) == Forgot(3, 2, 1, finished=True)
    assert house.names() == ["hour.example", "new.example"]
    assert house.known() == {"hour.example", "new.example"}
    assert house.known("clients", "client") == {"192.0.2.10"}
    assert Queries(house.database).totals(0).queries == 5
    top = Queries(house.database).top("names", 0)
    assert {(one.value, one.count) for one in top} == {("new.example", 1), ("hour.example", 1)}
    adding_up_left(house)


def adding_up_left(house: House) -> None:
    """Nothing is left that tells of names that are not there."""
    for table in ("hour_names", "day_names"):
        found = look(house.database, f"SELECT name FROM {table} WHERE name NOT IN (SELECT id FROM names)")
        assert found == [], table
    assert look(house.database, "SELECT name FROM log WHERE name NOT IN (SELECT id FROM names)") == []


def test_conditions_hold_together(house: House) -> None:
    for second in (NOON - HOUR, NOON):
        house.put(
            *(row(name, client=client) for name in ("a.example", "b.example") for client in ("192.0.2.1", "192.0.2.2")),
            second=second,
        )
    assert house.forget(clients=("192.0.2.1",), name="a.example", before=NOON - 5).rows == 1
    assert house.forget(clients=("192.0.2.1",), before=NOON - 5).rows == 1
    assert house.forget(name="b.example", before=NOON - 5).rows == 1
    left = [(one.client, one.name, one.at) for one in Queries(house.database).each(LogFilter())]
    assert ("192.0.2.2", "a.example", NOON - HOUR) in left
    assert len(left) == 5
    adding_up.check(house.database, off=3, whole=False)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 32))
def test_what_is_left_adds_up(database: Store, seed: int) -> None:
    """Rows, postings and sums, whatever is forgotten; by hours nothing is forgotten that has other rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terms, "BLOCK_BITS", 3)
        chance = random.Random(seed)
        emptied(database, "log", "blocks", "postings", "feeds", "totals", "hour_names", "hour_clients", "hour_facets")
        writer = Writer(database, lambda *_: None, interval=60.0)
        writer.start()
        house = House(database, writer)
        try:
            for number in range(chance.randint(1, 15)):
                rows = [any_row(chance) for _ in range(chance.randint(1, 9))]
                house.put(*rows, second=NOON + number * 900)
            writer.flush(5)
            what: dict[str, Any] = {}
            if chance.random() < 0.6:
                what["clients"] = tuple(chance.sample(CLIENTS, 2))
            if chance.random() < 0.6 or not what:
                what["name"] = chance.choice(("example", "a.example", "none"))
            if chance.random() < 0.4:
                what["before"] = NOON + chance.randint(0, 15) * 900
            every = list(Queries(database).each(LogFilter()))
            gone = LogFilter(what.get("clients"), name=what.get("name"), until=what.get("before"))
            forgot = house.forget(**what)
            left = [one for one in every if not matches(gone, one)]
            assert list(Queries(database).each(LogFilter())) == left
            assert forgot.rows == len(every) - len(left)
            lost = sum(one.count for one in every) - sum(one.count for one in left)
            adding_up.check(database, off=lost, whole=False)
        finally:
            writer.close(5)


def test_while_the_log_is_written(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "BLOCK_BITS", 5)
    house.writer.interval = 0.01
    for number in range(60):
        house.put(*(row(f"n{number % 7}.example", client=f"192.0.2.{one}") for one in range(10)))
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.005):
            house.put(*(row(f"n{one}.example", client=f"192.0.2.{one}") for one in range(10)))

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        asked: list[float] = []
        forgot = forget(house.database, house.writer, Forget(clients=("192.0.2.3",)), progress=asked.append)
        stop.set()
        thread.join()
    finally:
        stop.set()
    assert forgot.rows >= 60
    assert asked == sorted(asked)
    assert asked[-1] == 1.0
    house.forget(clients=("192.0.2.3",))
    assert list(Queries(house.database).each(LogFilter(clients=("192.0.2.3",)))) == []
    house.put(row("n0.example", client="192.0.2.3"))
    house.writer.flush(5)
    (back,) = Queries(house.database).each(LogFilter(clients=("192.0.2.3",)))
    assert back.name == "n0.example", "whoever writes has forgotten the numbers"


def test_what_waits_is_written_first(house: House) -> None:
    house.put(row("secret.example"))
    assert house.names() == [], "it waits"
    assert house.forget(name="secret.example").rows == 1


def test_what_cannot_be_written_is_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.writer, "flush", lambda _: False)
    with pytest.raises(StoreError, match="nothing is forgotten yet"):
        house.forget(name="a.example")


def test_it_stops_when_told(house: House) -> None:
    house.put(row("a.example"))
    stop = threading.Event()
    stop.set()
    forgot = forget(house.database, house.writer, Forget(name="a.example"), stop=stop)
    assert not forgot.finished


def test_nothing_of_it_is_left_in_the_file(path: pathlib.Path, house: House) -> None:
    for number in range(200):
        house.put(*(row(f"x{number}-{one}.verysecret.example", client="192.0.2.77") for one in range(20)))
        house.put(row("plain.example"))
    house.writer.flush(5)
    look(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"verysecret" in path.read_bytes()
    assert house.forget(name="verysecret.example").rows == 4000
    look(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"verysecret" not in path.read_bytes()
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


def test_writing_waits_for_no_bite(path: pathlib.Path, house: House) -> None:
    for number in range(30):
        house.put(*(row(f"n{one}.{number}.example") for one in range(1000)))
    house.writer.flush(10)
    ended = threading.Event()

    def work() -> None:
        house.forget(name="example")
        ended.set()

    thread = threading.Thread(target=work)
    started = time.monotonic()
    thread.start()
    longest = 0.0
    while not ended.is_set():
        began = time.monotonic()
        house.database.probe()
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.01)
    took = time.monotonic() - started
    thread.join()
    assert house.names() == []
    assert longest < max(0.5, took / 2)
