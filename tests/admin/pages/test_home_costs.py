"""The page Now stays small and quick, whatever there is to show."""

import time

import pytest
from msgspec.structs import replace

from resolver.admin import bodies
from resolver.admin.accountbodies import NewRequest
from resolver.admin.devicebodies import DeviceChange
from resolver.admin.principal import Principal
from resolver.config.people import Group
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import Page
from tests.admin.parts import NOON, row


async def ask(house: House, names: list[str]) -> None:
    """Have a member ask for some names."""
    kim = Principal("kim", "user", frozenset({"self"}), device="192.0.2.10")
    for name in names:
        await house.service.entrance.asking.ask(kim, NewRequest(name, "30m"), "kim")


def test_it_stays_small_with_all_that_it_can_have(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        for hour in range(24):
            rows = [row("www.example.org", "pass", count=98_765), row("t.ads.example", count=12_345)]
            await house.journal(rows, NOON - 60 - 3600 * hour)
        names = [f"n{number}.telemetry.ads.example" for number in range(15)]
        await house.journal([row(name, client=f"192.0.2.{number}") for number, name in enumerate(names)], NOON - 30)
        await ask(house, [f"{name}.example" for name in "abcde"])
        for number in range(15):
            await house.service.devices.put(f"192.0.2.{number}", DeviceChange(f"Somebody's device {number}"), "ada")
        for group in ("", "kids"):
            await house.service.pausing.begin(bodies.NewPause("5m", group=group), "ada")
        await house.say_health(up=False)
        text = await (await house.sign_in()).page()
        page = Page(text)
        assert (len(page.allowed), len(page.all("g")), len(page.all("option"))) == (14, 24, 21)
        assert "The devices here are those seen last: others are paused on their pages." in page.words
        assert len(text.encode()) <= 30 << 10

    config = config_of(open_house.lists)
    groups = {**config.groups, **{f"group number {number}": Group() for number in range(12)}}
    open_house(scenario, config=replace(config, groups=groups))


@pytest.mark.parametrize("rows", [20_000])
def test_the_page_is_quick(open_house: Opener, rows: int) -> None:
    async def scenario(house: House) -> None:
        some = [row(f"n{number}.ads.example", "block" if number % 3 else "pass") for number in range(rows)]
        await house.journal(some, NOON - 3600)
        browser = await house.sign_in()
        await browser.page()
        took = []
        for _ in range(10):
            began = time.perf_counter()
            await browser.page()
            took.append(time.perf_counter() - began)
        assert min(took) < 0.05, took

    open_house(scenario)
