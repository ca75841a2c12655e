"""What holds for every kind of database: who waits how long, and what is known of what was stored."""

import math
import threading
import time

import pytest
from sqlalchemy import Connection, insert, select

from resolver.errors import StoreError
from resolver.store.face import Store
from resolver.store.hands import READERS
from resolver.store.shared import Shared
from resolver.store.tables import feeds
from tests.store.making import until, write, written


def put(connection: Connection, feed: str) -> str:
    connection.execute(insert(feeds).values(feed=feed, seq=1, at=1))
    return feed


def test_the_result_and_who_is_told_of_it(database: Store) -> None:
    told: list[tuple[str, list[str]]] = []
    assert database.run(lambda connection: put(connection, "a"), lambda feed: told.append((feed, []))) == "a"
    assert told == [("a", [])]
    with pytest.raises(ZeroDivisionError):
        database.run(lambda connection: [put(connection, "b"), 1 // 0], lambda _: told.append(("b", [])))
    assert told == [("a", [])]
    assert written(database) == ["a"]


def test_committed_comes_before_any_other_writing(database: Store) -> None:
    order: list[str] = []

    def committed(feed: str) -> None:
        time.sleep(0.05)
        order.append(f"committed {feed}")

    def work(feed: str) -> None:
        def whole(connection: Connection) -> str:
            order.append(f"begun {feed}")
            return put(connection, feed)

        database.run(whole, committed)

    threads = [threading.Thread(target=work, args=(feed,)) for feed in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.partition(" ")[0] for one in order] == ["begun", "committed"] * 2


def test_what_takes_too_long_is_taken_back(database: Store) -> None:
    def endless(connection: Connection) -> None:
        put(connection, "a")
        while True:
            connection.execute(select(feeds)).all()
            time.sleep(0.01)

    began = time.monotonic()
    with pytest.raises(StoreError, match="too slow"):
        database.run(endless, seconds=0.5)
    assert time.monotonic() - began < 2
    write(database, "b")
    assert written(database) == ["b"]
    assert database.state.state == "ok"


def test_what_goes_on_may_take_as_long_as_it_does(database: Store) -> None:
    def long(connection: Connection) -> None:
        for number in range(15):
            put(connection, str(number))
            time.sleep(0.05)

    database.run(long, seconds=math.inf)
    assert len(written(database)) == 15


def test_nobody_waits_for_writing_longer_than_he_said(database: Store) -> None:
    done = threading.Event()
    other = threading.Thread(target=database.run, args=(lambda connection: [put(connection, "a"), done.wait()],))
    other.start()
    time.sleep(0.05)
    began = time.monotonic()
    with pytest.raises(StoreError, match="busy"):
        database.run(lambda connection: put(connection, "b"), seconds=0.3)
    assert time.monotonic() - began < 1
    assert written(database) == [], "reading goes on"
    done.set()
    other.join()
    assert written(database) == ["a"]


def test_a_hang_is_told_to_everybody_and_ends(database: Store) -> None:
    """The work itself stands for a file system, or a driver, that does not come back."""
    assert isinstance(database, Shared)
    database._hands._allowance = 0.4
    back = threading.Event()
    generation, told = database.generation, list[str]()
    began = time.time()
    with pytest.raises(StoreError, match="does not answer"):
        database.run(lambda connection: [put(connection, "a"), back.wait()], lambda _: told.append("a"))
    assert database.state.state == "hung"
    assert abs(database.state.since - began) < 0.5, "since its last sign of life"
    threads = threading.active_count()
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(StoreError, match="does not answer"):
            write(database, "b")
        with pytest.raises(StoreError, match="does not answer"):
            written(database)
    assert time.monotonic() - began < 0.5
    assert threading.active_count() <= threads
    back.set()
    until(lambda: works(database))
    assert database.state.state == "ok"
    assert written(database) == [], "nobody waited for it any more, so it was taken back"
    assert told == []
    assert database.generation >= generation


def works(database: Store) -> bool:
    try:
        database.probe()
    except StoreError:
        return False
    return True


def test_readers_that_hang_keep_nobody(database: Store) -> None:
    assert isinstance(database, Shared)
    database._hands._allowance = 0.4
    back = threading.Event()
    refused: list[StoreError] = []

    def read() -> None:
        with pytest.raises(StoreError) as caught:
            database.read(lambda connection: [connection.execute(select(feeds)).all(), back.wait()], seconds=0.1)
        refused.append(caught.value)

    threads = [threading.Thread(target=read) for _ in range(3 * READERS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 5
    assert len(refused) == 3 * READERS
    back.set()
    until(lambda: works(database))
    assert written(database) == []


def test_closing_does_not_wait_for_what_hangs(database: Store) -> None:
    assert isinstance(database, Shared)
    database._hands._allowance = 0.3
    back = threading.Event()
    with pytest.raises(StoreError, match="does not answer"):
        database.run(lambda connection: back.wait())
    began = time.monotonic()
    database.close()
    assert time.monotonic() - began < 1
    back.set()
