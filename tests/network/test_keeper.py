import asyncio
import contextlib
import ipaddress
import itertools
import pathlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from msgspec.structs import replace

from resolver.config.discovery import Discovery
from resolver.config.people import Device
from resolver.config.schema import Config
from resolver.config.values import Router as Asked
from resolver.errors import StoreError
from resolver.journal import frames
from resolver.network import keeper
from resolver.network.keeper import Devices
from resolver.policy.document import DeviceEntry
from resolver.store import christening
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.sightings import Seen
from resolver.wire.name import to_text
from tests.admin.parts import NOON, StillClock, row
from tests.network.apart import MAC, OTHER, apart, ip, meet, wire
from tests.network.rolls import config
from tests.network.router import routing
from tests.support import until

V4, V6 = "192.0.2.10", "fd00::10"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "BEAT", 0.05)
    monkeypatch.setattr(keeper, "_SOON", 0.01)


class House:
    """Devices over a real database, and a policy that counts how often it was published."""

    def __init__(self, directory: pathlib.Path, written: Config, port: int = 53) -> None:
        self.clock = StillClock()
        self.database = Database.open(directory / "lull.db", self.clock)
        self.people = PeopleStore(self.database, self.clock)
        self.people.clock_moved("boot", 0.0, NOON)
        self.config = replace(written, discovery=Discovery(router=Asked("off"), leases=()))
        self.devices = Devices(self.database, self.clock, lambda: self.config, port)
        self.entries: tuple[DeviceEntry, ...] = ()
        self.found: dict[str, Any] = {}
        self.published = 0

    async def publish(self) -> str:
        self.published += 1
        self.clock.now += 61  # as if it were long ago that another was
        self.entries, self.found = self.devices.entries(), self.devices.found()
        self.devices.host_records()
        return ""

    def sees(self, *clients: str, verdict: str = "pass") -> None:
        rows = [row("www.example.com", verdict, client=client) for client in clients]
        self.devices.take(frames.Batch("f", 1, int(self.clock.now), rows, {}))

    def name(self, id: int, name: str, group: str = "") -> None:
        said = {"name": name, "group": group}
        self.people.change("ada", "name", lambda _, trail: christening.put(trail, id, said))

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        await self.devices.begin()
        await self.publish()
        task = asyncio.create_task(self.devices.keep(self.publish))
        try:
            yield
            assert not task.done(), task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self.devices._scout.stop()  # for a task that had not begun yet
            self.database.close()


def play(house: Callable[[], House], run: Callable[[House], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        made = house()
        async with made.kept():
            await run(made)

    asyncio.run(whole())


def apart_play(house: Callable[[], House], run: Callable[[House], Coroutine[Any, Any, None]]) -> None:
    def work() -> None:
        wire()
        ip("addr", "add", "fd00::1/64", "dev", "w0", "nodad")
        play(house, run)

    apart(work)


def test_who_asks_is_there_with_first_and_last_sight(tmp_path: pathlib.Path) -> None:
    async def run(house: House) -> None:
        house.sees(V4, V6, "", "~0123456789ab", "198.51.100.0/24")  # the last three are what privacy makes of clients
        house.sees("192.0.2.66", verdict="refused")
        began = house.clock.now
        await until(lambda: len(house.devices.roll.devices) == 2)
        house.clock.now += 30
        house.sees(V4)
        device = house.devices.roll.by_address[V4]
        assert (device.first, device.last, house.devices.seen(device)) == (began, began, began + 30)
        house.clock.now += 60
        house.sees(V4)
        await until(lambda: house.devices.roll.by_address[V4].last == began + 90)
        assert house.published == 1  # nobody has a name: the policy says nothing of them

    play(lambda: House(tmp_path, config()), run)


def test_a_named_device_is_found_at_each_new_address_at_once(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "BEAT", 30.0)

    async def run(house: House) -> None:
        house.sees(V4)
        house.devices._wake.set()
        await until(lambda: V4 in house.devices.roll.by_address)
        house.name(1, "tv")
        await house.publish()
        assert house.entries == (DeviceEntry("tv", found=((V4, f"MAC {MAC}"),), mac=MAC),)
        began = time.monotonic()
        meet(V6, MAC)
        await until(lambda: len(house.entries[0].found) == 2)
        assert time.monotonic() - began < 1.5
        assert house.devices.scope(V6) == "tv"
        assert house.devices.addresses("tv") == (V6, V4)
        count = house.published
        meet(V4, OTHER)  # the router gave its address to somebody else
        await until(lambda: house.entries[0].found == ((V6, f"MAC {MAC}"),))
        assert house.published == count + 1
        meet("192.0.2.77", "02:00:5e:10:00:77")
        await asyncio.sleep(0.1)
        assert house.published == count + 1  # a stranger

    def work() -> None:
        meet(V4, MAC)
        play(lambda: House(tmp_path, config()), run)

    def whole() -> None:
        wire()
        ip("addr", "add", "fd00::1/64", "dev", "w0", "nodad")
        work()

    apart(whole)


def test_devices_of_the_config_are_found_though_they_never_asked(tmp_path: pathlib.Path) -> None:
    async def run(house: House) -> None:
        meet(V4, MAC)
        meet(V6, MAC, "stale")
        meet("192.0.2.77", OTHER)
        await until(lambda: len(house.found.get("tv", ())) == 2 and OTHER in house.found)
        assert house.found["tv"] == ((V4, f"MAC {MAC}"), (V6, f"MAC {MAC}"))
        assert house.found[OTHER] == (("192.0.2.77", f"MAC {OTHER}"),)
        assert house.devices.named() == {"tv": "tv"}

    apart_play(lambda: House(tmp_path, config({"kids": (OTHER,)}, tv=Device(mac=MAC))), run)


def test_a_device_that_sleeps_is_still_found_after_a_restart(tmp_path: pathlib.Path) -> None:
    async def first(house: House) -> None:
        meet(V4, MAC)
        await until(lambda: house.found)

    async def again(house: House) -> None:
        assert house.found == {"tv": ((V4, f"MAC {MAC}"),)}

    written = config(tv=Device(mac=MAC))
    apart_play(lambda: House(tmp_path, written), first)
    apart_play(lambda: House(tmp_path, written), again)


def test_names_of_leases_and_of_the_router(tmp_path: pathlib.Path) -> None:
    leases = tmp_path / "leases"
    leases.write_text(f"{NOON + 9**9} {MAC} {V4} tablet *\n{NOON + 9**9} {OTHER} 192.0.2.12 \x1b[2J *\n")

    async def run() -> None:
        async with routing({"11.2.0.192.in-addr.arpa": "TV.fritz.box."}) as router:
            house = House(tmp_path, config(Telly=Device(names=("tv",)), slate=Device(names=("tablet",))), router.port)
            house.config = replace(house.config, discovery=Discovery(False, Asked("127.0.0.1"), (leases,)))
            async with house.kept():
                house.sees("192.0.2.11", "192.0.2.12")
                await until(lambda: len(house.found) == 2)
                assert house.found == {"telly": (("192.0.2.11", "name tv"),), "slate": ((V4, "name tablet"),)}
                assert house.devices.roll.by_address["192.0.2.12"].host == ""
                assert house.devices.roll.by_address["192.0.2.12"].mac == OTHER

    asyncio.run(run())


def test_a_name_does_not_stay_with_an_address_that_moves(tmp_path: pathlib.Path) -> None:
    async def run() -> None:
        async with routing({"10.2.0.192.in-addr.arpa": "tablet."}) as router:
            house = House(tmp_path, config(slate=Device(names=("tablet",))), router.port)
            house.config = replace(house.config, discovery=Discovery(True, Asked("127.0.0.1"), ()))
            async with house.kept():
                meet(V4, MAC)
                house.sees(V4)
                await until(lambda: house.found.get("slate") == ((V4, "name tablet"),))
                router.names.clear()
                meet(V4, OTHER)
                await until(lambda: "slate" not in house.found)
                house.sees(V4)
                await until(lambda: house.devices.roll.by_address.get(V4))
                assert house.devices.roll.by_address[V4].mac == OTHER
                await until(lambda: len(router.asked) == 2)  # it is asked again who that is
                assert house.devices.roll.by_address[V4].host == ""

    def work() -> None:
        wire()
        asyncio.run(run())

    apart(work)


def test_the_names_of_the_machine_follow_its_addresses(tmp_path: pathlib.Path) -> None:
    async def run(house: House) -> None:
        records = house.devices.host_records()
        names = {to_text(one.owner) for one in records}
        assert "lull.home.arpa" in names
        assert {rdata for one in records for rdata in one.rdatas} == {
            ipaddress.ip_address(text).packed for text in ("192.0.2.1", "fd00::1")
        }
        count = house.published
        ip("addr", "add", "192.0.2.2/24", "dev", "w0")
        await until(lambda: house.published > count)
        assert socket.inet_aton("192.0.2.2") in house.devices.host_records()[0].rdatas
        house.config = replace(house.config, host_names=())
        assert house.devices.host_records() == ()

    apart_play(lambda: House(tmp_path, config()), run)


def test_a_device_that_keeps_moving_is_published_less_and_less(tmp_path: pathlib.Path) -> None:
    async def whole() -> None:
        house = House(tmp_path, config(tv=Device(mac=MAC)))
        times: list[float] = []

        async def publish() -> None:
            times.append(house.clock.now)
            house.devices.entries()
            house.devices.found()

        await house.devices.begin()
        await house.publish()
        for second in range(120):
            house.clock.now += 1
            meet(f"fd00::{second + 2:x}", MAC)
            await until(lambda: f"fd00::{second + 2:x}" in house.devices._scout.neighbours)  # noqa: B023
            await house.devices._note()
            await house.devices._publish(publish)
        gaps = [later - before for before, later in itertools.pairwise(times)]
        assert 10 < len(gaps) < 25
        assert gaps == sorted(gaps)
        assert (gaps[0], gaps[-1] > 10) == (1, True)
        assert await house.devices._publish(publish) > 0  # it is told when it may
        house.devices._scout.stop()
        house.database.close()

    def work() -> None:
        wire()
        ip("addr", "add", "fd00::1/64", "dev", "w0", "nodad")
        asyncio.run(whole())

    apart(work)


def test_sights_wait_while_the_database_cannot_be_used(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(house: House) -> None:
        note = house.devices.store.note
        refused = 0

        def refuse(*_: object) -> set[str]:
            nonlocal refused
            refused += 1
            raise StoreError("the database is full")

        monkeypatch.setattr(house.devices.store, "note", refuse)
        house.sees(V4)
        await until(lambda: refused > 1)
        assert not house.devices.roll.devices
        monkeypatch.setattr(house.devices.store, "note", note)
        await until(lambda: V4 in house.devices.roll.by_address)

    play(lambda: House(tmp_path, config()), run)


def test_entries_of_a_database_that_never_could_be_read(tmp_path: pathlib.Path) -> None:
    house = House(tmp_path, config())
    house.database.close()
    with pytest.raises(StoreError):
        house.devices.entries()
    assert house.devices.found() == {}


def test_what_waits_is_bounded(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_MOST", 5)
    house = House(tmp_path, config())
    house.sees(*(f"192.0.2.{n}" for n in range(50)))
    assert len(house.devices._waiting) == 5
    house.database.close()


def test_what_devices_are_called_is_worked_out_again_only_when_they_or_the_config_are_others(
    tmp_path: pathlib.Path,
) -> None:
    house = House(tmp_path, config())
    devices = house.devices
    try:
        before = devices.calling()
        assert devices.calling() is before, "pages ask for it over and over"
        devices.store.note([Seen(V4, at=NOON)], {}, NOON, lambda _: False)
        (id,) = devices.roll.devices
        house.name(id, "Tablet")
        devices.entries()
        assert (devices.calling() is before, devices.calling().of(V4)) == (False, "Tablet")
        house.config = replace(house.config, devices={"Phone": Device(addresses=(ipaddress.ip_network(V6),))})
        assert devices.calling().of(V6) == "Phone"
    finally:
        house.database.close()
