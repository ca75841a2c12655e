"""What a worker tells of a question changes nothing, and is what it would answer with."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from resolver.journal.frames import Ask, Known, Told
from resolver.policy.document import DeviceEntry, SiteEntry
from tests.pipeline.house import ME, SOA, House, at_home, made
from tests.scenarios.virtual import START

ZONE = f"""
www.example. 300 A 192.0.2.1
shop.example. 600 CNAME www.example.
ads.example. 300 A 192.0.2.9
{SOA}
"""


def ask(name: str, type: int = 1, client: str = "") -> Ask:
    return Ask(7, name, type, client)


def test_it_knows_nothing_before_it_was_asked() -> None:
    async def main(house: House) -> None:
        assert house.forwarder.tell(ask("www.example", client=ME)) == Told(7)
        assert house.udp.asked == []

    at_home(main, ZONE)


def test_cached_truth_with_its_age_and_aliases() -> None:
    async def main(house: House) -> None:
        await house.ask("shop.example")
        await asyncio.sleep(100)
        assert house.forwarder.tell(ask("SHOP.example.")).known == Known(0, 100, 200, ["www.example"])
        assert house.forwarder.tell(ask("www.example")).known == Known(0, 100, 200)
        assert house.forwarder.tell(ask("shop.example", 28)).known == Known(0, 100, 500, ["www.example"])
        await asyncio.sleep(300)
        assert house.forwarder.tell(ask("shop.example")).known == Known(0, 400, -100, ["www.example"])

    at_home(main, ZONE)


def test_names_that_do_not_exist_are_known_too() -> None:
    async def main(house: House) -> None:
        await house.ask("no.example")
        assert house.forwarder.tell(ask("no.example", 28)).known == Known(3, 0, 300)

    at_home(main, ZONE)


@pytest.mark.parametrize("options", [{}, {"payload": None}, {"ad": True}, {"payload": 512, "ad": True}])
def test_the_finished_answer_however_a_client_asks(options: dict[str, Any]) -> None:
    async def main(house: House) -> None:
        await house.ask("www.example", **options)
        await asyncio.sleep(10)
        assert house.forwarder.tell(ask("www.example", client=ME)).finished == 290
        assert house.forwarder.tell(ask("www.example")).finished is None
        assert house.forwarder.tell(ask("www.example", 28, ME)).finished is None
        await asyncio.sleep(290)
        assert house.forwarder.tell(ask("www.example", client=ME)).finished is None

    at_home(main, ZONE)


def test_of_whom_nothing_but_signatures_was_asked_there_is_no_usual_answer() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example", do=True)
        assert house.forwarder.tell(ask("www.example", client=ME)) == Told(7)

    at_home(main, ZONE)


def test_the_windows_of_the_device_behind_an_address() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example", client="192.0.2.20")
        told = house.forwarder.tell(ask("ads.example", client="2001:db8::20"))
        assert told.windows == {"site:1": START + 600}
        assert house.forwarder.tell(ask("ads.example", client=ME)).windows == {}

    devices = (DeviceEntry("tablet", ("192.0.2.20", "2001:db8::20")),)
    sites = (SiteEntry("www.example", ("ads.example",), key="site:1"),)
    at_home(main, ZONE, made(sites=sites, devices=devices))


def test_with_its_rule_a_window_ends() -> None:
    site = SiteEntry("www.example", ("ads.example",), until=START + 60, key="site:1")

    async def main(house: House) -> None:
        await house.ask("www.example")
        assert house.forwarder.tell(ask("ads.example", client=ME)).windows == {"site:1": START + 60}
        house.forwarder.take(made())
        assert house.forwarder.tell(ask("ads.example", client=ME)).windows == {}
        house.forwarder.take(made(sites=(site,)))
        await asyncio.sleep(60)
        assert house.forwarder.tell(ask("ads.example", client=ME)).windows == {}

    at_home(main, ZONE, made(sites=(site,)))


@pytest.mark.parametrize(
    ("name", "client"), [("", ME), ("a..b", ME), ("x" * 300, ME), ("www.example", "tablet"), ("www.example", "\0")]
)
def test_what_cannot_be_asked_gets_an_empty_reply(name: str, client: str) -> None:
    async def main(house: House) -> None:
        assert house.forwarder.tell(ask(name, client=client)) == Told(7)

    at_home(main, ZONE)
