import pathlib
import threading
import time

import pytest
from sqlalchemy import Connection

from resolver.errors import StoreError
from resolver.store import retention
from resolver.store.database import Database
from resolver.store.retention import FEED_KEPT, sweep
from resolver.store.storing import store
from tests.store.making import NOON, StillClock, batch, look, row, waiting

DAY = 86_400


def put(database: Database, seq: int, count: int, second: int, feed: str = "f") -> None:
    made = batch(seq, [row(f"n{number}.example") for number in range(count)], second=second, feed=feed)
    database.run(lambda connection: store(connection, [made]))  # type: ignore[list-item]  # the journal's own batch


def test_old_rows_go_and_totals_stay(database: Database, path: pathlib.Path) -> None:
    put(database, 1, 3, NOON - DAY - 1)
    put(database, 2, 2, NOON - DAY)
    put(database, 3, 1, NOON)
    swept = sweep(database, DAY, threading.Event(), clock=StillClock())
    assert (swept.rows, swept.finished) == (3, True)
    assert look(path, "SELECT at, count(*) FROM log GROUP BY at") == [(NOON - DAY, 2), (NOON, 1)]
    assert look(path, "SELECT sum(count) FROM totals") == [(6,)]
    assert sweep(database, DAY, threading.Event(), clock=StillClock()).rows == 0


def test_it_goes_in_bites_and_gives_the_room_back(
    database: Database, path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BITE", 500)
    monkeypatch.setattr(retention, "PAGES", 20)
    put(database, 1, 5_000, NOON - DAY - 1)
    put(database, 2, 100, NOON)
    look(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.stat().st_size
    bites: list[int] = []
    bite = retention._bite

    def counted(connection: Connection, before: float) -> int:
        bites.append(bite(connection, before))
        return bites[-1]

    monkeypatch.setattr(retention, "_bite", counted)
    assert sweep(database, DAY, threading.Event(), clock=StillClock(), pause=0).rows == 5_000
    assert bites == [500] * 10 + [0]
    look(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_size < before / 4
    assert look(path, "PRAGMA integrity_check") == [("ok",)]
    assert look(path, "SELECT count(*) FROM log") == [(100,)]


def test_it_stops_when_told(database: Database, path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BITE", 10)
    put(database, 1, 100, NOON - DAY - 1)
    stop = threading.Event()
    stop.set()
    swept = sweep(database, DAY, stop, clock=StillClock())
    assert (swept.rows, swept.finished) == (10, False)
    assert look(path, "SELECT count(*) FROM log") == [(90,)]


def test_others_write_between_the_bites(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BITE", 100)
    put(database, 1, 2_000, NOON - DAY - 1)
    stop = threading.Event()
    thread = threading.Thread(
        target=lambda: sweep(database, DAY, stop, clock=StillClock(), pause=0.02), name="retention-test"
    )
    thread.start()
    longest = 0.0
    for seq in range(2, 12):
        began = time.monotonic()
        put(database, seq, 1, NOON)
        longest = max(longest, time.monotonic() - began)
    assert thread.is_alive()
    thread.join()
    assert longest < 0.5


def test_feeds_of_workers_long_gone_are_forgotten(database: Database, path: pathlib.Path) -> None:
    put(database, 1, 1, NOON - FEED_KEPT - 1, feed="gone")
    put(database, 1, 1, NOON - FEED_KEPT, feed="here")
    sweep(database, 365 * DAY, threading.Event(), clock=StillClock())
    assert look(path, "SELECT feed FROM feeds") == [("here",)]
    assert look(path, "SELECT count(*) FROM log") == [(2,)]


def test_a_database_that_cannot_be_used_says_so(path: pathlib.Path) -> None:
    path.mkdir()
    database = Database.open(path)
    with pytest.raises(StoreError):
        sweep(database, DAY, threading.Event())
    database.close()


def test_hits_of_rules_that_are_no_more_go(database: Database, path: pathlib.Path) -> None:
    made = waiting(1, [row(own="rule:7"), row(own="config:allow a.example")])
    database.run(lambda connection: store(connection, [made]))
    sweep(database, DAY, threading.Event(), clock=StillClock())
    assert look(path, "SELECT key FROM hits") == [("config:allow a.example",)]
