"""The pages at /setup, for everybody in the house."""

from __future__ import annotations

import plistlib
import re

import pytest
from msgspec.structs import replace

from resolver.admin.mobileconfig import CONTENT, Signer
from resolver.admin.pages.setupsteps import SYSTEMS, guessed
from resolver.config.admin import Admin
from resolver.config.encrypted import Encrypted
from resolver.config.names import exact
from resolver.config.schema import Config, Dns
from resolver.config.values import Endpoint
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import Page
from tests.admin.pages.test_me import words
from tests.admin.seats import TABLET, Seat, asked, seats

__all__ = ["seats"]

HERE = "192.0.2.1"
NAME = "dns.home.example"
URL = f"https://{NAME}/dns-query"
AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0 Safari/537.36": "windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15": "macos",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148": "ios",
    "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15": "ios",
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/143.0 Mobile Safari/537.36": "android",
    "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0": "linux",
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0) AppleWebKit/537.36": "tv",
    "Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15": "tv",
    "w3m/0.5.3": "",
    "": "",
}


def open_to_all(open_house: Opener, *, encrypted: bool = False) -> Config:
    """A config by which the house reaches it, at HERE once the kernel says so."""
    every = "0.0.0.0"
    config = replace(config_of(open_house.lists), dns=Dns((Endpoint(every, 53),)), admin=Admin(Endpoint(every, 80)))
    if not encrypted:
        return config
    return replace(config, encrypted=Encrypted((Endpoint(every, 853),), (Endpoint(every, 443),), names=(exact(NAME),)))


def settle(house: House) -> Seat:
    house.parts.devices.around.machine = (HERE,)
    return Seat(house)


def test_the_page_tells_where_it_is(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        seat = settle(house)
        text = await seat.page("/setup")
        assert f'<code class="copy">{HERE}</code>' in text
        assert f'aria-label="QR code: http://{HERE}/setup"' in text
        assert "DNS over" not in text
        for one in SYSTEMS:
            assert f'href="/setup/{one.id}"' in text
        assert "0.0.0.0" not in text

    open_house(scenario, config=open_to_all(open_house))


def test_encrypted_addresses_stand_there_once_there_are_such(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        seat = settle(house)
        text = await seat.page("/setup")
        assert f"DNS over TLS (“private DNS”) {NAME} DNS over HTTPS {URL}" in words(text)
        assert f'aria-label="QR code: {URL}"' in text
        assert "was made here, for trying" in text
        assert URL in await seat.page("/setup/firefox")
        assert NAME in await seat.page("/setup/android")
        assert len(text.encode()) < 38_000

    open_house(scenario, config=open_to_all(open_house, encrypted=True))


def test_every_system_has_its_steps(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        seat = settle(house)
        for one in SYSTEMS:
            text = await seat.page(f"/setup/{one.id}")
            page = Page(text)
            assert len(page.all("h1")) == 1
            assert len(page.all("ol")) >= 1
            ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
            assert len(ids) == len(set(ids)), one.id
            named = {
                str(attributes["aria-labelledby"]) for _, attributes in page.elements if "aria-labelledby" in attributes
            }
            assert named <= set(ids)
            assert "What can go wrong" in page.text
            assert one.id in {"firefox", "chrome"} or HERE in page.text
            assert len(text.encode()) < 38_000
        assert (await seat.get("/setup/toaster")).status == 404
        assert (await seat.get("/setup/../me")).status == 200

    open_house(scenario, config=open_to_all(open_house))


def test_what_no_device_can_use_is_said_first(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        seat = settle(house)
        assert "listens on this machine alone" in await seat.page("/setup")
        assert "First of all" in await seat.page("/setup/windows")
        house.service.config = replace(house.service.config, dns=Dns((Endpoint(HERE, 5353),)))
        text = words(await seat.page("/setup"))
        assert f"most devices and routers cannot be told: they know port 53 alone. {HERE}:5353" in text
        assert "does not listen on port 53" in await seat.page("/setup/windows")

    open_house(scenario)


def test_whether_this_device_uses_it(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        seat = settle(house)
        assert "▲ Not seen. No question came from 192.0.2.10" in words(await seat.page("/setup"))
        await asked(house, "x.example", verdict="pass")
        assert "● Yes. One question came from 192.0.2.10" in words(await seat.page("/setup"))
        await asked(house, "y.example", verdict="pass")
        text = await seat.page("/setup/windows")
        assert "● Yes. 2 questions came" in words(text)
        assert "x.example" not in text
        assert "http://lull.home.arpa/setup" in text
        assert "You opened this page on the machine" in words(await Seat(house, "127.0.0.1").page("/setup"))
        proxied = Seat(house, TABLET, **{"X-Forwarded-For": "192.0.2.77"})
        assert "a proxy stands between" in words(await proxied.page("/setup"))
        assert "many devices may share" in words(await Seat(house, "2600:1::10").page("/setup"))

    open_house(scenario, config=open_to_all(open_house))


def test_a_profile_for_apples_systems(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        seat = settle(house)
        for id in ("ios", "macos"):
            text = await seat.page(f"/setup/{id}")
            assert 'href="/setup/lull.mobileconfig"' in text
            assert "The profile is not signed" in text
        assert "mobileconfig" not in await seat.page("/setup/windows")
        reply = await seat.get("/setup/lull.mobileconfig")
        assert (reply.status, reply.headers["Content-Type"]) == (200, CONTENT)
        (payload,) = plistlib.loads(reply.text.encode())["PayloadContent"]
        assert payload["DNSSettings"]["ServerURL"] == URL
        assert payload["DNSSettings"]["ServerAddresses"] == [HERE]
        assert payload["OnDemandRules"][0]["URLStringProbe"] == f"http://{HERE}/healthz"

    open_house(scenario, config=open_to_all(open_house, encrypted=True))


class Pen(Signer):
    """Signs everything, in one word."""

    async def signed(self, profile: bytes, certificate: object, key: object) -> bytes:
        return b"signed"


def test_nobody_vouches_for_an_address_that_a_request_made_up(open_house: Opener, seats: None) -> None:
    """With a Host header of their own somebody would have a profile that leads a device elsewhere, in our name."""

    async def scenario(house: House) -> None:
        settle(house)
        house.service.signer = Pen()
        for host, signed in (("198.51.100.7", False), ("[2001:db8::7]:80", False), (HERE, True), ("localhost", True)):
            seat = Seat(house, Host=host)
            assert ((await seat.get("/setup/lull.mobileconfig")).text == "signed") == signed, host
            assert ("The profile is signed" in await seat.page("/setup/ios")) == signed, host

    open_house(scenario, config=open_to_all(open_house, encrypted=True))


def test_without_anything_encrypted_there_is_no_profile(open_house: Opener, seats: None) -> None:
    async def scenario(house: House) -> None:
        seat = settle(house)
        assert (await seat.get("/setup/lull.mobileconfig")).status == 404
        text = await seat.page("/setup/ios")
        assert "There is none" in text
        assert "mobileconfig" not in text

    open_house(scenario, config=open_to_all(open_house))


def test_what_a_browser_says_is_text(open_house: Opener, seats: None) -> None:
    """Its own name, and what it calls us: only addresses can be made up there."""

    async def scenario(house: House) -> None:
        hostile = "<script>alert(1)</script>iPhone"
        seat = settle(house)
        text = await Seat(house, **{"User-Agent": hostile}).page("/setup")
        assert "<script>alert" not in text
        assert "By what this browser says" in text
        assert (await Seat(house, Host='"><script>').get("/setup")).status == 421
        outside = await Seat(house, Host="198.51.100.7:8080").page("/setup")
        assert "198.51.100.7</code>, which you came by, is no address of the machine" in outside
        assert "198.51.100.7" not in await seat.page("/setup")
        assert not re.search(r"<(script|style)(?! src)|style=|javascript:|data:", text.replace("/static/", ""))

    open_house(scenario, config=open_to_all(open_house))


@pytest.mark.parametrize("agent", AGENTS)
def test_systems_are_told_by_what_browsers_say(agent: str) -> None:
    found = guessed(agent)
    assert (found.id if found else "") == AGENTS[agent]
