"""The page that needs no login, asked for over real connections from the addresses of devices."""

from __future__ import annotations

import aiohttp

from tests.admin.household import House, Opener
from tests.admin.seats import PHONE, TABLET, asked
from tests.network.apart import apart, ip


async def page(house: House, address: str, **headers: str) -> str:
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    async with aiohttp.ClientSession(connector=connector) as http, http.get(house.url + "/me", headers=headers) as got:
        assert got.status == 200
        return await got.text()


def test_a_device_is_told_by_the_other_end_of_its_connection(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await asked(house, "of.the.tablet.ads.example", at=TABLET)
        await asked(house, "of.the.phone.ads.example", at=PHONE)
        for mine, theirs, address in (("tablet", "phone", TABLET), ("phone", "tablet", PHONE)):
            text = await page(house, address)
            assert f"of.the.{mine}.ads.example" in text
            assert f"of.the.{theirs}.ads.example" not in text
            lying = await page(house, address, **{"X-Forwarded-For": PHONE if address == TABLET else TABLET})
            assert "of.the." not in lying
        assert "This device is not known." in await page(house, "192.0.2.77")
        assert "This device is not known." in await page(house, "127.0.0.1")

    def work() -> None:
        ip("link", "set", "lo", "up")
        ip("route", "add", "local", "192.0.2.0/24", "dev", "lo")  # so that anybody there can connect from here
        open_house(scenario)

    apart(work)
