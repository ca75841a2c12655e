"""The pages of groups: who is in them, what holds for them, and changing that."""

from __future__ import annotations

import re

import pytest

from resolver.admin.rulebodies import NewRule
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import KID, MAC, PHONE, check_harmless, furnish, notice, seen, text_of, wrong
from tests.admin.pages.test_home import MARKUP
from tests.admin.parts import row

PAGE = "/groups"
KIDS = f"{PAGE}/kids"


async def change(browser: Browser, part: str, **fields: str) -> str:
    """What the page of kids says after a form of it."""
    reply = await browser.post(f"{PAGE}/change", {"group": "kids", "part": part, "back": KIDS, **fields})
    assert (reply.status, reply.location) == (303, KIDS), text_of(reply.text)
    return await notice(browser, KIDS)


async def refused(browser: Browser, part: str, **fields: str) -> str:
    reply = await browser.post(f"{PAGE}/change", {"group": "kids", "part": part, "back": KIDS, **fields})
    assert reply.status == 400, reply.location
    return reply.text


def test_the_groups(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser = await house.sign_in()
        page = await browser.page(PAGE)
        text = text_of(page)
        assert "default 1 ads none blocked none none pass everything" in text
        assert "kids 2 ads 1 blocked none bedtime, study pass everything" in text
        assert "teens 0 ads, starter" in text
        for group in ("default", "kids", "teens"):
            assert f'href="/groups/{group}"' in page

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_a_group(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.service.ruling.add(NewRule("deny", "chat.example", group="kids"), "anna")
        browser = await house.sign_in()
        page = await browser.page(KIDS)
        text = text_of(page)
        assert "2 devices were seen in it." in text
        assert f'href="/devices/{KID}"' in page
        assert "192.0.2.20\n192.0.2.21</textarea>" in page
        assert "bedtime begins at 21:00, in 9 hours, for kids." in text
        assert "Blocked: TikTok. No search is made safe." in text
        assert re.findall(r'name="list-(\w+)" value="yes" checked', page) == ["ads"]
        assert re.findall(r'name="schedule-(\w+)" value="yes" checked', page) == ["bedtime", "study"]
        assert not re.search(r'name="every" value="yes" checked', page)
        assert "One rule is for this group alone." in text
        page = await browser.page(f"{PAGE}/teens")
        assert re.search(r'name="every" value="yes" checked', page)
        page = await browser.page(f"{PAGE}/default")
        assert "Everybody whom no other group names." in text_of(page)
        assert "Delete the group" not in page
        check_harmless(page)
        assert "&lt;img src=x onerror" in page
        reply = await house.get(f"{PAGE}/kidz", token=None, headers={"Cookie": browser.cookies})
        assert reply.status == 404
        assert 'did you mean \\"kids\\"' in reply.text

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_its_parts_are_changed_and_taken_back(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser, value = await house.sign_in(), house.service.choices.value
        assert await change(browser, "lists", **{"list-starter": "yes"}) == "● The lists of group kids are saved."
        assert value("groups.kids.lists") == ["starter"]
        await change(browser, "lists", every="yes")
        assert house.service.config.groups["kids"].lists is None
        await change(browser, "lists")
        assert value("groups.kids.lists") == []
        await change(browser, "schedules", **{"schedule-study": "yes"})
        assert "bedtime begins" not in await browser.page(KIDS)
        await change(browser, "clients", clients=f"{MAC}\r\n\r\nTablet\r\n 198.51.100.0/24 ")
        assert (await house.service.devices.one(PHONE)).group == "kids"
        assert (await house.service.devices.one(KID)).group == "default"
        await change(browser, "default", default="deny")
        assert (await house.service.whys.why("www.example", PHONE, 1)).verdict == "block"
        await change(browser, "privacy", privacy="no-name")
        assert house.service.config.groups["kids"].privacy == "no-name"
        await change(browser, "privacy", privacy="")
        assert house.service.config.groups["kids"].privacy is None
        await change(browser, "blocking", mode="address", ttl="1m", addresses="192.0.2.1 2001:db8::1")
        page = await browser.page(KIDS)
        assert '<option value="address" selected>' in page
        assert page.count("Chosen here by anna") == 6
        assert page.count(">As the file says<") == 6
        for part in ("lists", "schedules", "clients", "default", "privacy", "blocking"):
            await browser.post(f"{PAGE}/as-file", {"group": "kids", "part": part})
        assert "Chosen here" not in await browser.page(KIDS)
        assert (await house.service.devices.one(KID)).group == "kids"

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_what_is_wrong_is_said_beside_the_field(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await refused(browser, "clients", clients=f"192.0.2.300\n{MARKUP[:30]}")
        assert "192.0.2.300" in wrong(page)["clients-clients"]
        assert "192.0.2.300\n&lt;script&gt;" in page, "what was typed stays"
        assert "alert(1)</script>" not in page
        page = await refused(browser, "blocking", mode="address", ttl="soon")
        assert "blocking-ttl" in wrong(page)
        page = await refused(browser, "blocking", mode="address")
        assert "needs the addresses to answer with" in wrong(page)["blocking-addresses"]
        page = await refused(browser, "schedules", **{"schedule-nothing": "yes"})
        assert "nothing" in text_of(page)
        assert 'class="wrong"' in page
        page = await refused(browser, "default", default="perhaps")
        assert "default-default" in wrong(page)
        await browser.post(f"{PAGE}/change", {"group": "kids", "part": "rules", "back": KIDS})
        assert house.service.choices.every() == []

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_a_group_is_made_and_ended(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post(f"{PAGE}/new", {"name": "Guests & friends"})
        assert (reply.status, reply.location) == (303, f"{PAGE}/Guests%20%26%20friends")
        page = await browser.page(reply.location)
        assert "Group Guests & friends is made." in text_of(page)
        assert 'href="/services?group=Guests%20%26%20friends"' in page
        for name, said in (("kids", "there is a group kids already"), (MARKUP[:40], "is no name for a group")):
            reply = await browser.post(f"{PAGE}/new", {"name": name})
            assert said in wrong(reply.text)["new-name"]
            check_harmless(reply.text.replace(MARKUP[35:40], ""))
        reply = await browser.post(f"{PAGE}/delete", {"group": "Guests & friends", "back": PAGE})
        assert reply.location == PAGE
        assert await notice(browser, PAGE) == "● Group Guests & friends is deleted."
        await browser.post(f"{PAGE}/delete", {"group": "kids", "back": PAGE})
        assert list(house.service.config.groups) == ["default", "teens"]
        made = (await house.service.history.changes(5)).entries
        await browser.post("/audit/undo", {"id": str(next(one.id for one in made if one.undoable)), "back": PAGE})
        assert (await notice(browser, PAGE)).startswith("\u25cf Taken back: ")
        assert "kids" in house.service.config.groups
        await browser.post(f"{PAGE}/delete", {"group": "default", "back": PAGE})
        assert "it stays" in await notice(browser, PAGE)

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_who_may_only_look(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.journal([row("a.example", "pass", client=KID)])
        made = await house.api("POST", "tokens", {"name": "reader", "scopes": ["read"]})
        for path in (PAGE, KIDS):
            reply = await house.get(path, token=made["token"])
            assert reply.status == 200
            assert f'action="{PAGE}' not in reply.text
        assert KID not in reply.text, "who is in it is told to those who may see devices"

    open_house(scenario, config=furnish(open_house, monkeypatch))
