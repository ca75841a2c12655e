"""The page of one device: its day, what holds for it, and what is done for it there."""

from __future__ import annotations

import pytest

from resolver.admin.bodies import NewPause
from resolver.admin.devicebodies import DeviceChange
from resolver.admin.rulebodies import NewRule
from resolver.admin.sitebodies import NewSiteRule
from resolver.journal import frames
from resolver.store.sightings import Seen
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import KID, MAC, PHONE, check_harmless, furnish, notice, refused, seen, text_of, wrong
from tests.admin.pages.test_home import HOSTILE, MARKUP
from tests.admin.parts import NOON, row, until


def test_the_page_of_a_device(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        kids = [row("a.example", "pass", client=KID, count=7), row("t.ads.example", client=KID, count=3)]
        await house.journal([*kids, row(HOSTILE, client=KID, via=MARKUP), row("x.ads.example", client=PHONE)])
        await house.journal([row("old.example", "pass", client=KID, count=20)], NOON - 5 * 3600)
        await house.service.ruling.add(NewRule("allow", "cdn.example.net", client=KID), "anna")
        await house.service.ruling.add(NewRule("deny", "chat.example.net", group="kids"), "anna")
        await house.service.ruling.add(NewRule("deny", "other.example.net", client=PHONE), "anna")
        browser = await house.sign_in()
        for path in (KID, "2"):
            page = await browser.page(f"/devices/{path}")
            check_harmless(page)
            text = text_of(page)
            assert "31 queries in the last 24 hours, 4 of them blocked; most in the hour of" in text
            assert page.count("<g><title>") == 24
            assert "bedtime begins at 21:00, in 9 hours." in text
            assert "study begins at 15:00, in 3 hours." in text
            assert "allow cdn.example.net for this device" in text
            assert "deny chat.example.net for group kids" in text
            assert "other.example.net" not in text
            assert "t.ads.example \u00d7 3" in text
            assert "x.ads.example" not in text
            assert f'href="/log?client={KID}&amp;verdict=block"' in page
            assert f'href="/repair?client={KID}"' in page
            assert 'href="/groups/kids"' in page
        assert len(page) < 38_000
        reply = await house.get(
            "/devices/nobody", token=None, headers={"Cookie": browser.cookies, "Accept": "text/html"}
        )
        assert reply.status == 404
        assert "no device is called" in reply.text

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_what_holds_now_is_said_and_changed(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser, path = await house.sign_in(), f"/devices/{KID}"
        await browser.post("/devices/pause", {"device": KID, "for": "10m", "back": path})
        assert (await notice(browser, path)).startswith("● Nothing is blocked on 192.0.2.21 until 2026-01-01")
        page = await browser.page(path)
        assert ": a pause for this device" in text_of(page)
        assert 'action="/devices/pause"' not in page, "there is one"
        await browser.post("/devices/resume", {"device": KID, "back": path})
        assert await notice(browser, path) == "● Blocking is on again for 192.0.2.21."
        await house.service.pausing.begin(NewPause("5m", group="kids"), "anna")
        assert "a pause for group kids" in text_of(await browser.page(path))
        more = {"schedule": "bedtime", "do": "more", "for": "30m", "client": KID, "back": path}
        await browser.post("/schedules/change", more)
        assert "bedtime is off for 192.0.2.21" in await notice(browser, path)
        page = await browser.page(path)
        assert "bedtime begins at 21:30, in 10 hours." in text_of(page)
        await browser.post("/schedules/change", {**more, "do": "normal"})
        assert "bedtime begins at 21:00, in 9 hours." in text_of(await browser.page(path))

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_names_are_allowed_and_denied_for_it(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.journal([row("t.ads.example", client=KID)])
        browser, path = await house.sign_in(), f"/devices/{KID}"
        page = await browser.page(path)
        assert '<button form="allow" name="name" value="t.ads.example"' in page
        await browser.post("/devices/rule", {"device": KID, "action": "allow", "name": "t.ads.example", "back": path})
        assert "t.ads.example and all below it is allowed on 192.0.2.21." in await notice(browser, path)
        page = await browser.page(path)
        assert '<button form="allow"' not in page
        assert "by now: allow t.ads.example" in text_of(page)
        fields = {"device": KID, "action": "deny", "name": "chat.example", "for": "1h", "back": path}
        await browser.post("/devices/rule", fields)
        assert "chat.example and all below it is denied on 192.0.2.21 until" in await notice(browser, path)
        page = await refused(browser, "/devices/rule", {**fields, "name": "no name at all", "for": "24h"})
        assert "rule-name" in wrong(page)
        assert 'value="no name at all"' in page
        assert '<option value="24h" selected>' in page

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_the_sites_it_is_on(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.service.sites.put("news.example", NewSiteRule(["player.example.net"], "10m"), "anna")
        bundle = house.parts.publisher.bundle
        assert bundle is not None
        (key,) = [one.key for one in bundle.document.sites]
        browser = await house.sign_in()
        assert "Sites it is on" not in await browser.page(f"/devices/{KID}")
        end = house.clock.monotonic() + 600
        house.worker.send(frames.Visits([(KID, key, end), ("192.0.2.99", key, end), (KID, "gone", end)]))
        await until(lambda: len(house.parts.hub.windows()) == 3)
        text = text_of(await browser.page(f"/devices/{KID}"))
        assert "Sites it is on on news.example allow player.example.net, until 2026-01-01" in text
        assert "Sites it is on" not in await browser.page(f"/devices/{PHONE}")

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_a_device_that_cannot_be_told_by_its_address_needs_a_name_first(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(house: House) -> None:
        notes = [Seen("192.0.2.50", MAC, NOON), Seen("192.0.2.51", MAC, NOON)]
        house.parts.devices.store.note(notes, {}, NOON, lambda _: False)
        browser = await house.sign_in()
        page = await browser.page(f"/devices/{MAC}")
        assert "Give it a name first:" in text_of(page)
        assert 'action="/devices/pause"' not in page
        await house.service.devices.put(MAC, DeviceChange("Console"), "anna")
        page = await browser.page(f"/devices/{MAC}")
        assert "Give it a name first:" not in text_of(page)
        assert 'action="/devices/pause"' in page

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_an_address_where_nobody_was_seen_has_a_page_too(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", client="192.0.2.30")])
        browser = await house.sign_in()
        page = await browser.page("/devices/192.0.2.30")
        text = text_of(page)
        assert "In group teens . It was never seen. Known by address 192.0.2.30 of group teens." in text
        assert "One query in the last 24 hours, in the hour of" in text
        assert "Forget it" not in text
        fields = {"device": "192.0.2.30", "name": "Console", "back": "/devices/192.0.2.30"}
        await browser.post("/devices/name", fields)
        assert await notice(browser, "/devices/192.0.2.30") == "\u25cf Console is in group teens now."
        assert (await house.service.devices.one("console")).addresses == ["192.0.2.30"]

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_a_device_is_forgotten(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser = await house.sign_in()
        page = await browser.page(f"/devices/{MAC}")
        assert f'name="client" value="{MAC}"' in page, "its log, where that is forgotten"
        assert page.rindex('name="back" value="/devices"') > page.index('action="/devices/forget"')
        reply = await browser.post("/devices/forget", {"device": MAC, "back": "/devices"})
        assert reply.location == "/devices"
        assert await notice(browser, "/devices") == f"● {PHONE} is forgotten, until it asks again."
        assert MAC not in await browser.page("/devices")

    open_house(scenario, config=furnish(open_house, monkeypatch))
