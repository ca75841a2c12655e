"""The pages of devices: what is seen and done there."""

from __future__ import annotations

import re
import time

import pytest

from resolver.admin.pages.devices import SIZE
from resolver.store.sightings import Seen
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import (
    HOST,
    KID,
    MAC,
    TABLET,
    check_harmless,
    furnish,
    notice,
    refused,
    seen,
    text_of,
    wrong,
)
from tests.admin.pages.test_home import MARKUP
from tests.admin.parts import NOON, row


def rows(page: str) -> list[str]:
    """What each row of the first table says."""
    table = page[page.index("<tbody") : page.index("</tbody>")]
    return [text_of(one) for one in re.findall(r"<tr.*?</tr>", table, re.DOTALL)]


def test_every_device_is_there(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.journal(
            [row("a.example", "pass", client=KID, count=1200), row("t.ads.example", client=KID, count=34)]
        )
        browser = await house.sign_in()
        page = await browser.page("/devices")
        check_harmless(page)
        assert "3 devices are known." in text_of(page)
        tablet, kid, phone = rows(page)
        assert tablet.startswith("Tablet 192.0.2.20 kids 2026-01-01")
        assert "address 192.0.2.20 of the config; address 192.0.2.20 of group kids Change" in tablet
        assert kid.startswith("192.0.2.21 kids")
        assert "1,234 34 address 192.0.2.21 of group kids" in kid
        assert phone.startswith("<img src=x onerror=alert(1)>")
        assert f"default 2026-01-01 11:59:00 first 2026-01-01 0 0 {MAC} Change" in phone.replace("12:59", "11:59")
        assert f'href="/devices/{MAC}"' in page
        for sort, first in (("queries", KID), ("name", "Tablet"), ("nonsense", "Tablet")):
            assert rows(await browser.page(f"/devices?sort={sort}"))[0].startswith(first), sort

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_devices_are_sought(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser = await house.sign_in()
        for text, count in (("tablet", 1), ("KIDS", 2), ("5e:10", 1), (".2.21", 1), ("onerror", 1), ("nobody", 0)):
            page = await browser.page(f"/devices?q={text}")
            assert f"{count} of 3 devices have" in text_of(page), text
            assert page.count("<tr") == (count + 1 if count else 0)
        assert "No device is like that." in text_of(await browser.page("/devices?q=nobody"))
        page = await browser.page("/devices?q=%3Cimg%20src=x%20onerror=alert(1)%3E%E2%80%AE")
        check_harmless(page.replace('&gt;\u202e"', '&gt;"'))  # a hidden field has it as it is

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_a_thousand_devices_come_in_pages_and_at_once(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        notes = [
            Seen(f"10.0.{n // 250}.{n % 250 + 1}", f"02:00:5e:10:{n >> 8:02x}:{n & 255:02x}", NOON - n)
            for n in range(1000)
        ]
        hosts = {one.address: (0, f"host-{number}-of-some-kind.lan") for number, one in enumerate(notes)}
        house.parts.devices.store.note(notes, hosts, NOON, lambda _: False)
        await house.journal([row("www.example", "pass", client=one.address, count=3) for one in notes])
        browser = await house.sign_in()
        page = await browser.page("/devices")
        assert len(rows(page)) == SIZE
        assert len(page) < 38_000
        assert "1 to 50 of 1,001" in text_of(page)
        assert "Those before" not in page
        last = await browser.page("/devices?from=1000")
        assert len(rows(last)) == 1
        assert "Those after" not in last
        assert await browser.page("/devices?from=99999") == last
        assert len(rows(await browser.page("/devices?from=-1"))) == SIZE
        found = await browser.page("/devices?q=last&sort=name")
        assert "0 of 1,001" in text_of(found)
        assert 'href="/devices?q=host&amp;from=50"' in await browser.page("/devices?q=host")
        took = []
        for _ in range(6):
            began = time.process_time()  # both ends of it, whatever else the machine does
            await browser.page("/devices?sort=queries")
            took.append(time.process_time() - began)
        assert min(took) < 0.05, took

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_a_device_is_named_where_it_stands(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser = await house.sign_in()
        back = "/devices?sort=name"
        page = await browser.page(f"{back}&edit={MAC}")
        assert page.count('action="/devices/name"') == 1
        assert f'name="back" value="{back}"' in page
        fields = {"device": MAC, "back": back, "name": "Anna's phone", "group": "teens", "privacy": "no-name"}
        reply = await browser.post("/devices/name", fields)
        assert (reply.status, reply.location) == (303, back)
        page = await browser.page(back)
        assert "Anna's phone is in group teens now." in text_of(page)
        device = await house.service.devices.one(MAC)
        assert (device.name, device.group, device.placed, device.privacy) == (
            "Anna's phone",
            "teens",
            "teens",
            "no-name",
        )
        await browser.post("/devices/name", fields)
        assert await notice(browser, back) == "● Anna's phone is as it was."
        await browser.post("/devices/name", {**fields, "group": "", "privacy": ""})
        device = await house.service.devices.one(MAC)
        assert (device.name, device.group, device.said_by) == ("Anna's phone", "default", "all")

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_what_is_wrong_is_said_beside_the_field(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser = await house.sign_in()
        fields = {"device": MAC, "back": "/devices?sort=name", "name": MARKUP[:40], "group": "kids", "privacy": "off"}
        page = await refused(browser, "/devices/name", fields)
        check_harmless(page.replace(MARKUP[35:40], ""))
        assert "is not a device's name" in wrong(page)["name-name"]
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page, "what was typed stays"
        assert '<option value="kids" selected>' in page
        assert '<option value="off" selected>' in page
        assert 'name="back" value="/devices?sort=name"' in page
        page = await refused(browser, "/devices/name", {"device": TABLET, "name": "Tablet", "group": "nobody"})
        assert "there is no group" in wrong(page)["name-group"]
        page = await refused(browser, "/devices/name", {"device": TABLET, "name": "Telly"})
        assert "the config calls this device Tablet: rename it there" in wrong(page)["name-name"]
        page = await refused(browser, "/devices/name", {"device": MAC, "name": "x", "privacy": "secret"})
        assert "that is none of" in wrong(page)["name-privacy"]
        own = {"device": MAC, "back": f"/devices/{MAC}", "name": "no:name", "group": "", "privacy": ""}
        page = await refused(browser, "/devices/name", own)
        assert "is not a device's name" in wrong(page)["name-name"]
        assert "Where it is" in page, "the page that the form was on"
        assert (await house.service.devices.one(MAC)).name == ""

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_without_the_database_the_pages_come_all_the_same(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser = await house.sign_in()
        house.parts.database.close()
        page = await browser.page("/devices")
        assert "How much each device asked cannot be shown now." in text_of(page)
        assert "Tablet" in page
        page = await browser.page(f"/devices/{KID}")
        assert "Not everything can be shown: the database cannot be used now" in text_of(page)
        check_harmless(page)

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_who_may_only_look_has_no_forms_and_others_see_nothing(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        tokens = {}
        for scopes in ("read", "log"):
            tokens[scopes] = (await house.api("POST", "tokens", {"name": scopes, "scopes": [scopes]}))["token"]
        for path in ("/devices", f"/devices?edit={MAC}", f"/devices/{MAC}"):
            assert (await house.get(path, token=tokens["read"])).status == 403
            reply = await house.get(path, token=tokens["log"])
            assert reply.status == 200
            assert 'method="post"' not in reply.text, path
            assert HOST[:4] not in reply.text

    open_house(scenario, config=furnish(open_house, monkeypatch))
