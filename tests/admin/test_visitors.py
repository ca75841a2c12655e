"""Which device a connection comes from: what tells one, and what does not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from resolver.admin.visitors import PROXIES, Visitor
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.log import Log
from resolver.store.sightings import Seen
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON
from tests.admin.seats import PHONE, TABLET, asked

MAC, OTHER, ROUTER = "02:00:5e:10:00:01", "02:00:5e:10:00:02", "02:00:5e:10:00:fe"
GLOBAL = "2600:1::10"  # routed everywhere


def of(house: House, remote: str | None, **headers: str) -> Visitor:
    return house.service.entrance.visitors.of(remote, headers)


def test_a_device_is_known_once_it_asked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert of(house, TABLET).unknown == "unseen"
        await asked(house, "x.example")
        found = of(house, TABLET)
        assert (found.known, found.device, found.called, found.kept) == (True, TABLET, "", True)
        assert of(house, PHONE).unknown == "unseen"
        await house.api("PUT", f"clients/{TABLET}", {"name": "Kims Tablet"})
        found = of(house, f"::ffff:{TABLET}")
        assert (found.address, found.device, found.called) == (TABLET, "kims tablet", "Kims Tablet")
        assert set(found.alike) == {"kims tablet", TABLET}

    open_house(scenario)


def test_this_machine_is_no_device(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await asked(house, "x.example", at="127.0.0.1")
        for remote in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", None, "", "x"):
            assert of(house, remote).unknown == "here", remote

    open_house(scenario)


def test_what_stands_between_is_no_device(open_house: Opener) -> None:
    """Its own addresses, the router by any address that it has, proxies, and addresses that many may share."""

    async def scenario(house: House) -> None:
        around = house.parts.devices.around
        around.machine, around.routers = ("192.0.2.1",), frozenset({"192.0.2.254"})
        for address in ("192.0.2.1", "192.0.2.254", "192.0.2.253", "2600:1::fe", GLOBAL, TABLET):
            await asked(house, "x.example", at=address)
        around.neighbours.update({"192.0.2.254": ROUTER, "192.0.2.253": ROUTER, "2600:1::fe": ROUTER})
        assert of(house, "192.0.2.1").unknown == "here"
        assert [of(house, one).unknown for one in ("192.0.2.254", "192.0.2.253", "2600:1::fe")] == ["router"] * 3
        assert of(house, GLOBAL).unknown == "public"
        around.neighbours[GLOBAL] = MAC
        assert of(house, GLOBAL).known, "nobody stands between"
        for field in PROXIES:
            assert of(house, TABLET, **{field: "192.0.2.20"}) == Visitor(TABLET, "proxy")
        assert of(house, TABLET).known

    open_house(scenario)


def test_an_address_that_another_device_has_taken_tells_nothing_of_the_one_before(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        devices = house.parts.devices
        devices.store.note([Seen(TABLET, MAC, NOON - 600)], {}, NOON, lambda _: False)
        devices.around.neighbours[TABLET] = MAC
        assert of(house, TABLET).known
        devices.around.neighbours[TABLET] = OTHER
        assert of(house, TABLET).unknown == "unseen"

    open_house(scenario)


@pytest.mark.parametrize("said", ["privacy: no-client", "privacy: no-name", "privacy: off"])
def test_what_is_not_kept_of_a_group_is_not_guessed(open_house: Opener, said: str) -> None:
    async def scenario(house: House) -> None:
        found = of(house, TABLET)
        assert (found.known, found.kept, found.device) == (True, False, TABLET)
        assert of(house, PHONE).unknown == "unseen"

    text = f"lists: [{{id: ads, file: ads.txt}}]\ngroups: {{kids: {{clients: [{TABLET}], {said}}}}}\n"
    open_house(scenario, config=parse(text.encode(), open_house.lists / "lull.yaml", Known()))


def test_addresses_that_are_kept_in_part_tell_no_device(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (of(house, TABLET).known, of(house, TABLET).kept) == (True, False)

    open_house(scenario, config=replace(config_of(open_house.lists), log=Log(prefix_v4=24)))


def test_nothing_is_known_before_the_first_policy(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await asked(house, "x.example")
        house.parts.publisher.bundle = None
        assert not of(house, TABLET).kept

    open_house(scenario)
