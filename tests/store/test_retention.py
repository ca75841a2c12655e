import asyncio
import pathlib
import threading
import time

import pytest

from resolver.errors import StoreError
from resolver.store import bites, retention, rollups, terms
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.interning import Interner
from resolver.store.retention import FEED_KEPT, Kept, Sweeper, Swept, keep_short
from tests.store import adding_up
from tests.store.making import NOON, StillClock, look, row, store_all, until, waiting

DAY = 86_400


class House:
    """A log, what the writer knows of it, and its sweeper."""

    def __init__(self, database: Store) -> None:
        self.database = database
        self.interner = Interner()
        self.stop = threading.Event()
        self.clock = StillClock()
        self.sweeper = Sweeper(database, self.interner.forget, self.stop, self.clock)
        self._seq = 0

    def put(self, count: int, second: int, *, feed: str = "f", names: str = "n{}.example") -> None:
        self._seq += 1
        rows = [row(names.format(number)) for number in range(count)]
        store_all(self.database, [waiting(self._seq, rows, second=second, feed=feed)], self.interner)

    def sweep(self, seconds: float = DAY, bytes: int = 0) -> Swept:
        return self.sweeper.sweep(Kept(seconds, bytes))

    def count(self, table: str = "log") -> int:
        return int(str(look(self.database, f"SELECT count(*) FROM {table}")[0][0]))


@pytest.fixture
def house(database: Store, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("resolver.store.pace.LEAST_REST", 0.0)
    monkeypatch.setattr(bites, "LASTS", 60.0)
    return House(database)


def test_old_rows_go_and_totals_stay(house: House) -> None:
    house.put(3, NOON - DAY - 1)
    house.put(2, NOON - DAY)
    house.put(1, NOON)
    assert house.sweep() == Swept(3, finished=True)
    found = look(house.database, "SELECT at, count(*) FROM log GROUP BY at ORDER BY at")
    assert found == [(NOON - DAY, 2), (NOON, 1)]
    assert look(house.database, "SELECT sum(count) FROM totals") == [(6,)]
    assert look(house.database, "SELECT block, first, last FROM blocks") == [(0, NOON - DAY, NOON)]
    assert house.sweep().rows == 0


def test_what_nothing_has_any_more_goes_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "BLOCK_BITS", 3)
    house.put(30, NOON - 401 * DAY, names="old{}.example")
    house.put(30, NOON - 10, names="new{}.example")
    house.put(5, NOON - 10, names="old{}.example")
    assert house.sweep().rows == 30
    left = {f"new{number}.example" for number in range(30)} | {f"old{number}.example" for number in range(5)}
    assert {name for (name,) in look(house.database, "SELECT name FROM names")} == left
    assert house.count("day_names") == 0
    house.put(30, NOON, names="old{}.example")
    adding_up.check(house.database, off=30)


def test_names_in_sums_are_kept(house: House) -> None:
    house.put(3, NOON - 40 * DAY)
    assert house.sweep() == Swept(3, finished=True)
    assert (house.count("log"), house.count("day_names"), house.count("names")) == (0, 3, 3)
    assert house.count("hour_names") == 0
    assert house.count("postings") == 0
    assert house.count("kinds") == 0


def test_hours_are_closed_and_days_are_made(house: House) -> None:
    house.put(3, NOON - DAY)
    house.put(rollups.MOST * 2 + 5, NOON - 7200)
    house.sweep(10 * DAY)
    assert look(house.database, "SELECT day, sum(count) FROM day_names GROUP BY day") == [(NOON - DAY - NOON % DAY, 3)]
    assert look(house.database, f"SELECT count(*) FROM hour_names WHERE hour = {NOON - 7200}") == [(rollups.MOST,)]
    house.sweep(3600)
    assert house.count("hour_facets") == 1, "the hours of a day that is not over"
    assert house.count("day_facets") == 1


def test_rows_that_came_late_go_in_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "BLOCK_BITS", 3)
    house.put(20, NOON)
    house.put(4, NOON - 2 * DAY, names="late{}.example")
    house.put(20, NOON)
    assert house.sweep().rows == 4
    found = look(house.database, "SELECT DISTINCT name FROM names JOIN postings ON term = id * 4")
    assert {name for (name,) in found} == {f"n{number}.example" for number in range(20)}
    assert look(house.database, "SELECT min(first) FROM blocks") == [(NOON,)]


def test_too_large_a_database_loses_its_oldest_blocks(path: pathlib.Path, house: House) -> None:
    for number in range(12):
        house.put(4096, NOON - 12 + number, names=f"n{{}}.{number % 3}.example")
    before = house.database.read(retention._room).used
    assert house.sweeper.trim(0) == house.sweeper.trim(2 * before) == Swept(0, finished=True)
    swept = house.sweeper.trim(before)
    assert swept.finished
    assert 4096 <= swept.rows <= 5 * 4096, "at ten elevenths of it something had to go"
    room = house.database.read(retention._room)
    assert room.used <= before * retention._AIM
    assert room.first == (swept.rows + 1) // 4096
    assert look(house.database, "SELECT max(at) FROM log") == [(NOON - 1,)], "the newest is there"
    assert house.sweeper.trim(before).rows == 0, "it is not soon to be done again"
    assert house.sweep(DAY, 1).finished
    assert house.count("blocks") == 1, "never the newest"
    look(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_size < before / 2
    assert look(path, "PRAGMA integrity_check") == [("ok",)]


def test_it_goes_in_bites(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "BLOCK_BITS", 5)
    monkeypatch.setattr(bites, "_BLOCKS", 4)
    house.put(1000, NOON - DAY - 1)
    house.put(20, NOON)
    eaten: list[int] = []
    bite = bites.old_rows

    def counted(connection: object, before: float) -> bites.Gone:
        gone = bite(connection, before)  # type: ignore[arg-type]
        eaten.append(gone.rows)
        return gone

    monkeypatch.setattr(bites, "old_rows", counted)
    assert house.sweep().rows == 1000
    assert eaten[:3] == [127, 128, 128], "the first row has the id 1"
    assert house.count() == 20


def test_it_stops_when_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bites, "_BLOCKS", 1)
    house.put(10_000, NOON - DAY - 1)
    house.stop.set()
    swept = house.sweep()
    assert not swept.finished
    assert house.count() == 10_000 - swept.rows > 0


def test_others_write_between_the_bites(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bites, "_BLOCKS", 1)
    monkeypatch.setattr("resolver.store.pace.LEAST_REST", 0.02)
    monkeypatch.setattr(terms, "BLOCK_BITS", 6)
    house.put(6_000, NOON - DAY - 1)
    thread = threading.Thread(target=house.sweep, name="retention-test")
    thread.start()
    longest = 0.0
    for _ in range(10):
        began = time.monotonic()
        house.put(1, NOON)
        longest = max(longest, time.monotonic() - began)
    assert thread.is_alive()
    thread.join()
    assert longest < 0.5
    assert house.count() == 10


def test_rows_are_written_well_after_the_newest_block_went(house: House) -> None:
    """What the writer knew of its terms and names is not there any more."""
    house.put(30, NOON - 401 * DAY)
    assert house.sweep().rows == 30
    house.put(30, NOON)
    adding_up.check(house.database, off=30)


def test_feeds_of_workers_long_gone_are_forgotten(house: House) -> None:
    house.put(1, NOON - FEED_KEPT - 1, feed="gone")
    house.put(1, NOON - FEED_KEPT, feed="here")
    house.sweep(365 * DAY)
    assert look(house.database, "SELECT feed FROM feeds") == [("here",)]
    assert house.count() == 2


def test_hits_of_rules_that_are_no_more_go(house: House) -> None:
    made = waiting(1, [row(own="rule:7"), row(own="config:allow a.example")])
    store_all(house.database, [made])
    house.sweep()
    assert look(house.database, "SELECT key FROM hits") == [("config:allow a.example",)]


def test_a_database_that_cannot_be_used_says_so(path: pathlib.Path) -> None:
    path.mkdir()
    database = Database.open(path)
    with pytest.raises(StoreError):
        House(database).sweep()
    database.close()


def test_it_is_kept_short_from_the_start_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Swept at once and every hour, and looked at in between; whatever happens to the database."""
    monkeypatch.setattr(retention, "LOOK", 0.001)
    house.put(3, NOON - DAY - 1)
    done: list[str] = []
    sweep, trim = Sweeper.sweep, Sweeper.trim

    def swept(self: Sweeper, kept: Kept) -> Swept:
        done.append("sweep")
        if len(done) == 1:
            raise StoreError("not now")
        return sweep(self, kept)

    def trimmed(self: Sweeper, most: int) -> Swept:
        done.append("trim")
        house.clock.now += 1000
        return trim(self, most)

    monkeypatch.setattr(Sweeper, "sweep", swept)
    monkeypatch.setattr(Sweeper, "trim", trimmed)

    async def scenario() -> None:
        kept = Kept(DAY, 10**9)
        task = asyncio.create_task(keep_short(house.database, house.interner.forget, house.clock, lambda: kept))
        await asyncio.to_thread(until, lambda: done.count("sweep") == 3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())
    assert done[:9] == ["sweep", *["trim"] * 4, "sweep", *["trim"] * 3]
    assert house.count() == 0
