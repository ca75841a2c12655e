"""Adding a list of one's own, and trying lists out, in a browser."""

from __future__ import annotations

import ipaddress
import pathlib

import msgspec
import pytest
from aiohttp import web

from resolver.config.updates import Updates
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import HOSTILE, MARKUP, Page, is_harmless
from tests.admin.parts import row
from tests.lists.site import serving

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


async def look(browser: Browser, path: str) -> Page:
    return Page(await browser.page(path))


async def a_list(_: web.Request) -> web.Response:
    return web.Response(text="||new.example^\n||t.ads.example^\n<script>alert(1)</script>\n")


def test_its_form_leads_to_the_lists_and_says_what_is_wrong_without_a_path(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await look(browser, "/lists/own")
        assert next(one["value"] for one in page.all("input") if one.get("name") == "back") == "/lists"
        reply = await browser.post("/lists/add", {"id": "mine", "url": "ftp://lists.example/x"})
        assert (reply.status, "lists: " in Page(reply.text).words) == (400, False)

    open_house(scenario)


def test_a_list_of_ones_own(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        async with serving(mine=a_list) as site:
            fields = {"id": "mine", "url": f"{site.url}/mine", "syntax": "adblock", "refresh": "6h", "mode": "shadow"}
            reply = await browser.post("/lists/add", {**fields, "kind": "block", "subdomains": "yes"})
            assert (reply.status, reply.location) == (303, "/lists")
            assert "mine is in use as a shadow: it is being received." in (await look(browser, "/lists")).words
            await house.api("POST", "lists/mine/refresh")
        mine = next(one for one in house.service.config.lists if one.id == "mine")
        assert (mine.syntax, mine.refresh, mine.mode, mine.subdomains) == ("adblock", 21600.0, "shadow", True)
        page = await look(browser, "/lists/mine")
        assert "● in force, as a shadow" in page.words
        assert "Rules2" in page.words
        assert is_harmless(page)

    config = msgspec.structs.replace(config_of(open_house.lists), updates=Updates(reach=LOOPBACK))
    open_house(scenario, config=config)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id": "Not An Id"}, "id"),
        ({"id": MARKUP}, "id"),
        ({"id": "ads"}, "id"),
        ({"id": "starter"}, "id"),
        ({"url": ""}, "url"),
        ({"url": "ftp://lists.example/x"}, "url"),
        ({"url": MARKUP}, "url"),
        ({"refresh": "1s"}, "refresh"),
        ({"syntax": "none"}, "syntax"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(open_house: Opener, wrong: dict[str, str], field: str) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        fields = {"id": "mine", "url": "https://lists.example/x", "kind": "allow", **wrong}
        reply = await browser.post("/lists/add", fields)
        assert reply.status in {400, 409}, reply.location
        page = Page(reply.text)
        (bad,) = [attributes for _, attributes in page.elements if "aria-invalid" in attributes]
        assert (bad["name"], bad["aria-describedby"]) == (field, f"own-{field}-wrong")
        assert is_harmless(page)
        (kept,) = [one for one in page.all("input") if one.get("name") == "url"]
        assert kept["value"] == fields["url"]
        assert "mine" not in [one.id for one in house.service.config.lists]

    open_house(scenario)


def test_trying_one_out(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.journal([row("new.example", "pass", count=7, client="192.0.2.9"), row(HOSTILE, "pass")])
        async with serving(mine=a_list) as site:
            url = f"{site.url}/mine"
            assert "It is received, put together" in (await look(browser, "/lists/trial")).words
            reply = await browser.post("/lists/try", {"url": url, "days": "7", "kind": "block", "syntax": "auto"})
            assert reply.status == 303
            await browser.page(reply.location)
            await house.ended(reply.location.rpartition("=")[2])
        page = await look(browser, reply.location)
        assert "It has 2 names, of which 1 is on no list in use." in page.words
        assert "it would have blocked 7 queries more, for 1 name." in page.words
        assert "new.example 7 192.0.2.9 ||new.example^" in page.words
        assert "ads 1" in page.words, "which has ads.example, and all below it"
        assert any(str(link["href"]).startswith("/lists/own?url=http") for link in page.all("a"))
        assert is_harmless(page)
        assert [one.id for one in house.service.config.lists] == ["ads", "starter"], "nothing is changed"

    config = msgspec.structs.replace(config_of(open_house.lists), updates=Updates(reach=LOOPBACK))
    open_house(scenario, config=config)


def test_trying_one_of_the_catalogue_out(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await look(browser, "/lists/trial?id=starter")
        assert {"id": "starter"} in [{str(one["name"]): one["value"]} for one in page.all("input")]
        reply = await browser.post("/lists/try", {"id": "starter", "days": "1"})
        await house.ended(reply.location.rpartition("=")[2])
        page = await look(browser, reply.location)
        assert "What Starter would do" in page.words
        assert "it would have blocked nothing that was not blocked anyway." in page.words
        assert not [one for one in page.all("button") if one.get("name") == "live"], "it is in use"

    open_house(scenario)


def test_what_cannot_be_tried_out(open_house: Opener, tmp_path: pathlib.Path) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for wrong, said in (
            ({}, "say which list"),
            ({"url": MARKUP}, "is not a URL"),
            ({"url": "http://x", "days": "0"}, "days"),
        ):
            reply = await browser.post("/lists/try", wrong)
            assert reply.status == 400
            assert said in Page(reply.text).words
            assert is_harmless(Page(reply.text))
        (tmp_path / "secret.txt").write_text("||new.example^\n")
        reply = await browser.post("/lists/try", {"file": str(tmp_path / "secret.txt")})
        assert reply.status == 400, "no file can be named on a page"
        reply = await browser.post("/lists/try", {"url": "http://127.0.0.1:1/gone"})
        await house.ended(reply.location.rpartition("=")[2])
        page = await look(browser, reply.location)
        assert "failed" in page.words
        assert [form["action"] for form in page.all("form")].count("/lists/try") == 1, "to try again"
        assert "That trial is over" in (await look(browser, "/lists/trial?job=none")).words

    open_house(scenario)


def test_trials_are_for_admins(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        browser = await house.sign_in("kim")
        for path in ("/lists", "/lists/ads", "/lists/catalogue", "/lists/own", "/lists/trial"):
            reply = await house.get(path, token=None, headers={"Cookie": browser.cookies})
            assert reply.status in {303, 403}, path
        assert (await browser.post("/lists/try", {"id": "starter"})).status == 403
        assert (await browser.post("/lists/change", {"remove": "ads"})).status == 403

    open_house(scenario)
