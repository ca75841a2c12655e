import asyncio
import logging
import pathlib

import pytest

from resolver.config.discovery import Discovery
from resolver.config.values import Router as Asked
from resolver.network import hosts, netlink, scout
from resolver.network.neighbours import Neighbour
from resolver.network.scout import LEASED, V4, V6, Scout
from tests.network.apart import MAC, OTHER, apart, ip, meet, wire
from tests.network.router import routing
from tests.network.test_leases import LATER
from tests.support import StillClock, until


class House:
    def __init__(self, port: int = 53) -> None:
        self.clock = StillClock(time=float(LATER - 3600))
        self.news: list[Neighbour] = []
        self.scout = Scout(self.clock, self.news.append, port)

    async def look(
        self, *, neighbours: bool = True, router: str = "off", leases: tuple[pathlib.Path, ...] = ()
    ) -> None:
        await self.scout.look(Discovery(neighbours, Asked(router), leases))


def test_neighbours_leases_and_the_machine(tmp_path: pathlib.Path) -> None:
    leases = tmp_path / "leases"
    leases.write_text(f"{LATER} {OTHER} 192.0.2.7 tablet *\n{LATER} {OTHER} 192.0.2.8 tv *\n")

    async def run() -> None:
        house = House()
        await house.look(leases=(leases,))
        assert house.scout.machine == ("192.0.2.1",)
        assert house.scout.mac("192.0.2.7") == MAC  # the kernel knows better than a lease
        assert house.scout.mac("192.0.2.8") == OTHER
        assert house.scout.mac("192.0.2.9") == ""
        assert house.scout.host("192.0.2.8") == (LEASED, "tv")
        assert house.scout.host("192.0.2.9") is None
        assert house.scout.alive == {"192.0.2.7"}
        house.news.clear()
        meet("192.0.2.9", OTHER)
        await until(lambda: house.news)
        assert house.scout.mac("192.0.2.9") == OTHER
        house.scout.stop()

    def work() -> None:
        wire()
        meet("192.0.2.7", MAC)
        asyncio.run(run())

    apart(work)


def test_the_tables_are_read_again_when_the_machine_moves_and_now_and_then() -> None:
    async def run() -> None:
        house = House()
        await house.look()
        ip("addr", "add", "192.0.2.2/24", "dev", "w0")
        await until(lambda: house.scout._again == 0.0)
        await house.look()
        assert house.scout.machine == ("192.0.2.1", "192.0.2.2")
        house.scout.stop()
        meet("192.0.2.7", MAC)
        await house.look()
        assert house.scout.neighbours == {}
        house.clock.advance(601)
        await house.look()
        assert house.scout.neighbours == {"192.0.2.7": MAC}
        meet("192.0.2.8", MAC)
        await until(lambda: len(house.scout.neighbours) == 2)  # news come again too
        house.scout.stop()

    def work() -> None:
        wire()
        asyncio.run(run())

    apart(work)


def test_the_config_may_forbid_it() -> None:
    async def run() -> None:
        house = House()
        await house.look()
        assert house.scout.neighbours
        await house.look(neighbours=False)
        assert house.scout.neighbours == {}
        meet("192.0.2.8", MAC)
        await asyncio.sleep(0.05)
        assert house.scout.neighbours == {}

    def work() -> None:
        wire()
        meet("192.0.2.7", MAC)
        asyncio.run(run())

    apart(work)


def test_names_from_the_router_of_the_config_and_of_the_default_route() -> None:
    names = {"10.2.0.192.in-addr.arpa": "tablet.", "a." + "0." * 27 + "0.0.d.f.ip6.arpa": "tv."}

    async def run() -> None:
        async with routing(names, "0.0.0.0") as router:
            house = House(router.port)
            asking = asyncio.create_task(house.scout.reverse.run())
            await house.look(router="127.0.0.1")
            for address in ("192.0.2.10", "fd00::a"):
                house.scout.reverse.want(address)
            await until(lambda: house.scout.host("fd00::a"))
            assert house.scout.host("192.0.2.10") == (V4, "tablet")
            assert house.scout.host("fd00::a") == (V6, "tv")
            await house.look(router="auto")  # there is none yet
            house.scout.reverse.want("192.0.2.11")
            ip("route", "add", "default", "via", "192.0.2.254", "dev", "w0")
            house.clock.advance(601)
            await house.look(router="auto")
            house.scout.reverse.want("192.0.2.12")
            await until(lambda: len(router.asked) > len(names))
            assert router.asked[len(names) :] == ["12.2.0.192.in-addr.arpa"]
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            house.scout.stop()

    def work() -> None:
        wire()
        ip("addr", "add", "192.0.2.254/32", "dev", "lo")  # the router is this machine itself
        asyncio.run(run())

    apart(work)


def test_a_kernel_that_tells_nothing_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: pathlib.Path
) -> None:
    def refuse(_: int = 0) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(netlink, "connect", refuse)
    caplog.set_level(logging.INFO)
    leases = tmp_path / "leases"
    leases.write_text(f"{LATER} {OTHER} 192.0.2.8 tv *\n")

    async def run() -> None:
        house = House()
        await house.look(router="auto", leases=(leases,))
        house.clock.advance(601)
        await house.look(router="auto", leases=(leases,))
        assert house.scout.machine == ()
        assert house.scout.mac("192.0.2.8") == OTHER

    asyncio.run(run())
    assert [one.getMessage() for one in caplog.records if one.name == scout.log.name] == [
        "the kernel tells nothing of the network ([Errno 1] Operation not permitted): devices are known by address and "
        "lease alone"
    ]
    with pytest.raises(PermissionError):
        hosts.own_addresses()


def test_neighbours_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scout, "_MOST", 3)
    house = House()
    for n in range(10):
        house.scout._met(Neighbour(f"192.0.2.{n}", MAC, alive=True))
    assert list(house.scout.neighbours) == ["192.0.2.7", "192.0.2.8", "192.0.2.9"]


def test_the_router_is_known_whoever_is_asked_for_names() -> None:
    async def run() -> None:
        house = House()
        await house.look(router="off")
        assert house.scout.routers == frozenset()
        ip("route", "add", "default", "via", "192.0.2.254")
        for asked, found in (("off", {"192.0.2.254"}), ("192.0.2.99", {"192.0.2.254", "192.0.2.99"})):
            house.clock.advance(601)
            await house.look(router=asked)
            assert house.scout.routers == found
        house.scout.stop()

    def work() -> None:
        wire()
        asyncio.run(run())

    apart(work)
