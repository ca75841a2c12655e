import contextlib
import pathlib
import sqlite3
import time
from typing import Any

import pytest

from resolver.errors import StoreError
from resolver.store.database import Database
from resolver.store.devices import DeviceStore, Known
from resolver.store.face import Store
from resolver.store.people import PeopleStore
from resolver.store.sightings import Device, Seen
from tests.store.making import NOON, StillClock, Writing, aside, batch, garbage, look, row

MAC, OTHER = "02:00:5e:10:00:01", "02:00:5e:10:00:02"
V4, V6 = "192.0.2.10", "fd00::10"


def nobody(_: Device) -> bool:
    return False


def note(store: DeviceStore, *seen: Seen, now: float = NOON) -> set[str]:
    return store.note(seen, {}, now, nobody)


def test_sights_become_rows_and_a_roll(database: Database, path: pathlib.Path) -> None:
    store = DeviceStore(database)
    assert not store.roll.devices
    assert not store.known
    assert note(store, Seen(V4, MAC, NOON - 9.0), Seen(V6, MAC, NOON - 5.0), Seen("192.0.2.11", at=NOON - 1.0)) == set()
    one, other = store.roll.devices.values()
    assert one == Known(1, "", "", MAC, "", NOON - 9.0, NOON - 9.0, ((V6, NOON - 5.0), (V4, NOON - 9.0)))
    assert other.addresses == (("192.0.2.11", NOON - 1.0),)
    assert store.roll.by_mac == {MAC: one}
    assert store.roll.by_address == {V4: one, V6: one, "192.0.2.11": other}
    assert look(path, "SELECT address, device FROM addresses ORDER BY address") == [
        (V4, 1),
        ("192.0.2.11", 2),
        (V6, 1),
    ]
    again = DeviceStore(database)
    assert again.read().devices == store.roll.devices


def test_a_move_is_written_and_told(database: Database, path: pathlib.Path) -> None:
    store = DeviceStore(database)
    note(store, Seen(V4, MAC, NOON), Seen(V6, OTHER, NOON))
    assert note(store, Seen(V4, OTHER)) == {V4}
    assert look(path, "SELECT address, device FROM addresses ORDER BY address") == [(V4, 2), (V6, 2)]
    assert store.roll.by_address[V4].mac == OTHER


def test_devices_that_become_one_leave_one_row(database: Database, path: pathlib.Path) -> None:
    store = DeviceStore(database)
    note(store, Seen(V6, MAC, NOON), Seen(V4, at=NOON - 100.0))
    note(store, Seen(V4, MAC))
    assert look(path, "SELECT id, mac, first FROM devices") == [(1, MAC, NOON - 100.0)]
    assert len(store.roll.by_address) == 2


def test_names_of_the_network(database: Store) -> None:
    store = DeviceStore(database)
    store.note([Seen(V4, MAC, NOON)], {V4: (1, "tablet.lan")}, NOON, nobody)
    assert store.roll.by_mac[MAC].host == "tablet.lan"


def test_what_is_no_news_is_not_written(database: Database, path: pathlib.Path) -> None:
    store = DeviceStore(database)
    note(store, Seen(V4, MAC, NOON))
    before = path.stat().st_mtime_ns, path.with_name("lull.db-wal").stat().st_size
    note(store, Seen(V4, MAC, NOON + 10.0))
    assert (path.stat().st_mtime_ns, path.with_name("lull.db-wal").stat().st_size) == before


def test_the_old_is_forgotten(database: Store) -> None:
    store = DeviceStore(database)
    note(store, Seen(V4, at=NOON))
    note(store, now=NOON + 91 * 86_400)
    assert store.roll.devices == {}


def test_thousands_at_once(database: Store) -> None:
    store = DeviceStore(database)
    note(store, *(Seen(f"10.0.{n // 250}.{n % 250}", at=float(NOON + n)) for n in range(2500)))
    assert len(store.roll.devices) <= 2000
    assert "10.0.9.249" in store.roll.by_address
    assert "10.0.0.0" not in store.roll.by_address


def test_a_damaged_database_loses_no_device(database: Database, path: pathlib.Path) -> None:
    store = DeviceStore(database)
    people = PeopleStore(database, StillClock())
    people.beside = store.beside
    note(store, Seen(V4, MAC, NOON), Seen(V6, MAC, NOON))
    before = store.roll.devices
    garbage(path)
    database.run(lambda _: None)
    assert aside(path)
    assert store.read().devices == before


def test_while_the_database_cannot_be_used_the_roll_stays(database: Store) -> None:
    store = DeviceStore(database)
    note(store, Seen(V4, MAC, NOON))
    database.close()
    with pytest.raises(StoreError):
        store.read()
    with pytest.raises(StoreError):
        note(store, Seen(V6, MAC, NOON))
    assert list(store.roll.by_address) == [V4]
    assert store.known
    assert [one["mac"] for one in store.beside()["devices"]] == [MAC]


def test_reading_does_not_wait_for_those_who_write(database: Database, path: pathlib.Path) -> None:
    store = DeviceStore(database)
    note(store, Seen(V4, MAC, NOON))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert list(DeviceStore(database).read().by_address) == [V4]
        assert time.monotonic() - began < 0.5


def test_what_was_read_later_holds(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DeviceStore(database)
    note(store, Seen(V4, MAC, NOON))
    read = database.read

    def slow(work: Any) -> Any:
        found = read(work)
        note(store, Seen(V6, MAC, NOON))  # somebody writes before it is taken
        return found

    monkeypatch.setattr(database, "read", slow)
    assert set(store.read().by_address) == {V4, V6}


def test_what_was_asked(database: Store, writing: Writing) -> None:
    rows = [
        row(client=V4, verdict="block", count=3),
        row(client=V4, count=4),
        row(client=V6, verdict="allow"),
        row(client=""),
    ]
    writing.writer.submit(batch(1, [row(client=V4, count=9)], second=NOON - 7200))
    writing.writer.submit(batch(2, rows))
    writing.done("f", 2)
    assert DeviceStore(database).asked(NOON - 3600) == {V4: (7, 3), V6: (1, 0)}


def test_what_was_asked_by_the_hour(database: Store, writing: Writing) -> None:
    store = DeviceStore(database)
    assert store.hours((V4, V6), NOON, NOON) == {}
    writing.writer.submit(batch(1, [row(client=V4, count=9), row(client="192.0.2.99")], second=NOON - 7200))
    writing.writer.submit(batch(2, [row(client=V4, verdict="block", count=3), row(client=V6, count=4)]))
    writing.writer.submit(batch(3, [row(client="", count=5)], second=NOON + 5))
    writing.writer.submit(batch(4, [row(client=V4)], second=NOON + 3600))
    writing.done("f", 4)
    hour = NOON // 3600 * 3600
    assert store.hours((V4, V6), NOON - 3600, NOON + 59) == {hour: (7, 3)}
    assert store.hours((V4,), NOON - 7200, NOON + 3601) == {hour - 7200: (9, 0), hour: (3, 3), hour + 3600: (1, 0)}
    assert store.hours((V4,), NOON - 3600, NOON - 1) == {}, "hours without any are left out"
    assert store.hours((), NOON - 7200, NOON) == store.hours(("", "192.0.2.1"), NOON - 7200, NOON) == {}
