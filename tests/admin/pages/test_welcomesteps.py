"""The steps of the first visit after the name and the password: each can be done, left out, and come back to."""

from __future__ import annotations

import re

import pytest

from resolver.admin.devicebodies import DeviceChange
from resolver.config.offered import Offered
from resolver.lists.catalogue import Catalogue, Preset
from resolver.store.sightings import Seen
from tests.admin import household
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import HOST, KID, check_harmless, furnish, notice, seen, text_of, wrong
from tests.admin.pages.test_home import MARKUP
from tests.admin.parts import NOON, row

GENTLE = Preset("gentle", "Gentle", "A little.", ("starter",))
STRICT = Preset("strict", "Strict", "Much.", ("starter",))
FILE = b"""upstreams: ["udp://192.0.2.53"]
lists: [gentle, {id: ads, file: ads.txt}]
groups: {kids: {lists: []}}
"""


@pytest.fixture
def first(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """A house whose config has a preset and a list of its own."""
    presets = {one.id: one for one in (GENTLE, STRICT)}
    monkeypatch.setattr(household, "CONFIG", FILE)
    monkeypatch.setattr(
        household, "Catalogue", lambda entries, home: Catalogue(entries, home, dict(presets), Offered.load())
    )
    return open_house


def _picked(page: str, field: str) -> list[str]:
    """What is picked of the choices called so."""
    return re.findall(rf'name="{field}" value="([^"]*)" checked', page)


async def _values(house: House) -> dict[str, object]:
    return {one.path: one.value for one in house.service.choices.every()}


def test_a_preset_and_an_upstream_are_chosen_in_one_change(first: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await browser.page("/welcome/lists")
        check_harmless(page.replace("<b>", ""))
        for word in (
            "Gentle",
            "A little.",
            "Sites hardly ever break.",
            "Strict",
            "Quad9",
            "Mullvad",
            "malware and phishing",
        ):
            assert word in text_of(page), word
        assert (_picked(page, "preset"), _picked(page, "provider")) == (["gentle"], [""])
        reply = await browser.post(
            "/welcome/lists", {"preset": "strict", "provider": "quad9", "back": "/welcome/devices"}
        )
        assert (reply.status, reply.location) == (303, "/welcome/devices")
        ads = {"id": "ads", "file": "ads.txt"}
        assert await _values(house) == {"lists": ["strict", ads], "upstreams": ["quad9"]}
        assert [one.name for one in house.service.config.upstreams] == ["dns.quad9.net", "dns.quad9.net"]
        assert (await notice(browser, "/welcome/devices")).startswith("● That is chosen.")
        page = await browser.page("/welcome/lists")
        assert (_picked(page, "preset"), _picked(page, "provider")) == (["strict"], ["quad9"])
        newest = (await house.service.history.changes(1)).entries[0]
        await browser.post("/audit/undo", {"id": str(newest.id)})
        assert await _values(house) == {}

    first(scenario)


def test_all_of_it_can_be_left_as_it_is_and_taken_back(first: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/welcome/lists", {"preset": "", "provider": "", "back": "/welcome/devices"})
        assert (reply.status, await _values(house)) == (303, {})
        assert await notice(browser, "/welcome/devices") == "● All of that stays as it is."
        await browser.post("/welcome/lists", {"preset": "strict", "provider": "", "back": "/welcome/devices"})
        page = await browser.page("/welcome/lists")
        assert 'name="preset" value="file"' in page
        assert 'name="provider" value="file"' not in page
        await browser.post("/welcome/lists", {"preset": "file", "provider": "", "back": "/welcome/devices"})
        assert await _values(house) == {}

    first(scenario)


def test_what_is_none_or_does_not_fit_is_refused_and_stays_picked(first: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/welcome/lists", {"preset": MARKUP, "provider": "quad9"})
        assert (reply.status, "choose one of these" in text_of(reply.text)) == (400, True)
        assert MARKUP not in reply.text
        assert _picked(reply.text, "provider") == ["quad9"]
        reply = await browser.post("/welcome/lists", {"preset": "strict", "provider": "nextdns"})
        assert reply.status == 400
        assert "nextdns" in text_of(reply.text)
        assert _picked(reply.text, "preset") == ["strict"]
        assert await _values(house) == {}

    first(scenario)


def test_devices_are_named(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.journal([row("a.example", "pass", client=KID, count=1200)])
        browser = await house.sign_in()
        page = await browser.page("/welcome/devices")
        check_harmless(page)
        fields = re.findall(r'name="(name-of-[^"]*)"', page)
        assert len(fields) == 2, "the tablet has its name from the config"
        assert "You look at this from the machine that Lull runs on." in text_of(page)
        assert 'href="/setup"' in page
        assert HOST not in page
        kid, phone = fields
        assert (kid, "1,200 queries today" in text_of(page)) == (f"name-of-{KID}", True)
        reply = await browser.post("/welcome/devices", {kid: "Kim's laptop", phone: ""})
        assert (reply.status, reply.location) == (303, "/welcome/devices")
        assert await notice(browser, "/welcome/devices") == "● One device has another name now."
        assert (await house.service.devices.one(KID)).name == "Kim's laptop"
        reply = await browser.post("/welcome/devices", {kid: "Kim's laptop", phone: "a/b"})
        assert reply.status == 400
        assert list(wrong(reply.text)) == [f"call-{phone}"]
        assert 'value="a/b"' in reply.text

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_there_may_be_no_device_and_there_may_be_many(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        assert "No device has asked anything yet." in text_of(await browser.page("/welcome/devices"))
        notes = [Seen(f"192.0.2.{number}", at=NOON - number) for number in range(1, 100)]
        house.parts.devices.store.note(notes, {}, NOON, lambda _: False)
        await house.service.devices.put("192.0.2.5", DeviceChange(name="named already"), "a test")
        page = await browser.page("/welcome/devices")
        assert len(re.findall(r'name="name-of-', page)) == 12
        assert "There are more: all devices" in text_of(page)
        assert "named already" not in page

    open_house(scenario)


def test_without_the_database_the_pages_come(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.parts.database.close()
        assert "Step 2 of 3" in await browser.page("/welcome/lists")
        assert "Step 3 of 3" in await browser.page("/welcome/devices")
        reply = await browser.post("/welcome/devices", {"name-of-192.0.2.7": "tv"})
        assert reply.status == 503

    open_house(scenario)


def test_these_are_for_admins(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim: Browser = await house.sign_in("kim")
        for path in ("/welcome/lists", "/welcome/devices"):
            assert (await house.get(path, token=None, headers={"Cookie": kim.cookies})).status == 403
            assert (await kim.post(path, {"preset": "", "provider": ""})).status == 403
            assert (await house.get(path, token=None)).location.startswith("/login")

    open_house(scenario)
