"""How much may be asked for, by devices at which nobody is signed in."""

from __future__ import annotations

import pytest

from resolver.admin.accountbodies import NewRequest
from resolver.admin.askrows import MOST_HOURLY, MOST_OPEN, MOST_WAITING
from resolver.admin.visitors import Visitor
from resolver.errors import ApiError
from tests.admin.household import House, Opener


def visitor(number: int, *alike: str) -> Visitor:
    address = f"192.0.2.{number}"
    return Visitor(address, "", address, "", (address, *alike), 0.0, kept=True)


async def ask(house: House, by: Visitor, name: str) -> int:
    asking = house.service.entrance.asking
    return (await asking.ask_here(by, NewRequest(name), "page")).request.id


async def refused(house: House, by: Visitor, name: str) -> str:
    with pytest.raises(ApiError) as error:
        await ask(house, by, name)
    assert error.value.status == 409
    return str(error.value)


def test_a_device_asks_for_so_much_at_a_time(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for number in range(MOST_WAITING):
            await ask(house, visitor(10), f"n{number}.example")
        assert "was asked for already" in await refused(house, visitor(10), "n0.example")
        assert "5 requests are waiting" in await refused(house, visitor(10), "more.example")
        assert "5 requests are waiting" in await refused(house, visitor(11, "192.0.2.10"), "more.example")
        await ask(house, visitor(12), "n0.example")

    open_house(scenario)


def test_a_device_asks_so_often_in_an_hour_whatever_is_decided(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for number in range(MOST_HOURLY):
            id = await ask(house, visitor(10), f"n{number}.example")
            await house.service.entrance.asking.refuse(id, "anna")
        assert "10 times within an hour" in await refused(house, visitor(10), "more.example")
        await ask(house, visitor(12), "more.example")
        house.clock.now += 3601
        await ask(house, visitor(10), "more.example")

    open_house(scenario)


def test_all_devices_together_do_not_bury_what_others_ask(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for number in range(MOST_OPEN):
            await ask(house, visitor(number + 1), "x.example")
        assert f"{MOST_OPEN} requests of devices are waiting" in await refused(house, visitor(99), "x.example")
        await house.add("kim")
        kim = await house.sign_in("kim")
        assert (await kim.ask("POST", "me/requests", {"name": "x.example"})).status == 201, "members are not kept out"
        house.clock.now += 86_401
        await ask(house, visitor(99), "x.example")

    open_house(scenario)
