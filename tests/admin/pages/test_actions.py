"""The page's forms: what they do, and what the page says of it afterwards."""

import pathlib
import re
import shutil

import pytest

from resolver.admin.ruling import Ruling
from resolver.admin.shown import clock_time
from resolver.errors import ApiError
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON, row


async def notice(browser: Browser) -> str:
    """What the page says was done."""
    found = re.search(r'<p class="notice (?:good|bad)" role="status">(.*?)</p>', await browser.page(), re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", found[1]).split()) if found else ""


def test_allowing_a_name(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        browser = await house.sign_in()
        reply = await browser.post("/allow", {"name": "t.ads.example"})
        assert (reply.status, reply.location) == (303, "/")
        assert await notice(browser) == "● t.ads.example and all below it is now allowed, for everyone."
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "allow"
        await browser.post("/allow", {"name": "t.ads.example"})
        assert await notice(browser) == "● t.ads.example was allowed already, for everyone."

    open_house(scenario)


def test_allowing_a_name_for_a_while_for_who_asked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/allow", {"name": "t.ads.example", "for": "30m", "client": "192.0.2.20"})
        until = clock_time(NOON + 1800)
        said = f"● t.ads.example and all below it is now allowed, for 192.0.2.20 until {until}."
        assert await notice(browser) == said
        assert (await house.service.whys.why("t.ads.example", "192.0.2.20", 1)).verdict == "allow"
        assert (await house.service.whys.why("t.ads.example", "192.0.2.21", 1)).verdict == "block"
        (rule,) = [rule for rule in await house.service.ruling.every() if rule.origin == "api"]
        assert (rule.until, rule.who) == (NOON + 1800, "anna (127.0.0.1)")
        await browser.post("/allow", {"name": "t.ads.example", "for": "1h", "group": "kids"})
        assert "is now allowed, for group kids until" in await notice(browser)
        for wrong in ({"for": "soon"}, {"group": "cats"}, {"group": "kids", "client": "192.0.2.20"}):
            await browser.post("/allow", {"name": "t.ads.example", **wrong})
            assert (await notice(browser)).startswith("▲ Nothing was changed: ")

    open_house(scenario)


def test_a_notice_is_said_once(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/allow", {"name": "t.ads.example"})
        reply = await house.get("/", token=None, headers={"Cookie": browser.cookies})
        cleared = reply.headers["Set-Cookie"]
        assert cleared.startswith("lull_notice=")
        assert "Max-Age=0" in cleared
        browser.notice = ""
        assert await notice(browser) == ""

    open_house(scenario)


def test_a_notice_cannot_be_forged(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        one, two = await house.sign_in(), await house.sign_in()
        await one.post("/allow", {"name": "t.ads.example"})
        two.notice = one.notice
        assert await notice(two) == ""
        two.notice = "eyJ0ZXh0IjoiIn0=." + "0" * 64
        assert await notice(two) == ""

    open_house(scenario)


@pytest.mark.parametrize("name", ["", "a..b", "<script>alert(1)</script>\u202e", "x" * 1000, "bad name.example"])
def test_names_that_are_none(open_house: Opener, name: str) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/allow", {"name": name})
        assert (reply.status, reply.location) == (303, "/")
        assert (await notice(browser)).startswith("▲ Nothing was changed: ")
        assert "<script" not in await browser.page()
        assert len(await house.api("GET", "rules")) == 1

    open_house(scenario)


def test_hostile_names_can_be_allowed(open_house: Opener) -> None:
    hostile = r"<b>\226\128\174\034.ads.example"

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/allow", {"name": hostile})
        assert (await house.service.whys.why(hostile, "", 1)).verdict == "allow"
        assert "&lt;b&gt;\\226\\128\\174\\034.ads.example" in await notice(browser)

    open_house(scenario)


def test_pausing_and_going_on(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/pause", {"for": "30m"})
        assert (await notice(browser)).startswith("● Blocking is paused for everyone until ")
        assert [pause.until for pause in house.service.pausing.in_force()] == [NOON + 1800]
        await browser.post("/resume")
        assert await notice(browser) == "● Blocking is on again."
        assert house.service.pausing.in_force() == []
        await browser.post("/pause", {"for": "soon"})
        assert (await notice(browser)).startswith("▲ Nothing was changed: ")

    open_house(scenario)


def test_what_is_not_everywhere_yet_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.worker.refuses = "it is damaged"
        await browser.post("/allow", {"name": "t.ads.example"})
        assert "But not everywhere yet: worker 1: it is damaged" in await notice(browser)

    open_house(scenario)


def test_a_database_that_is_away_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.parts.database.close()
        await browser.post("/allow", {"name": "t.ads.example"})
        assert (await notice(browser)).startswith("▲ Nothing was changed: the database cannot be used now")

    open_house(scenario)


def test_a_long_reason_fits_the_cookie(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise ApiError(503, "store", "é\u202e" * 5000)

    async def scenario(house: House) -> None:
        monkeypatch.setattr(Ruling, "add", refuse)
        browser = await house.sign_in()
        reply = await browser.post("/allow", {"name": "t.ads.example"})
        assert len(reply.headers["Set-Cookie"]) < 4096
        assert (await notice(browser)).startswith("▲ Nothing was changed: é")

    open_house(scenario)


def test_versions_of_a_list(open_house: Opener, tmp_path: pathlib.Path) -> None:
    shutil.copytree(open_house.lists, tmp_path / "lists")
    ads = tmp_path / "lists" / "ads.txt"

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/lists/rollback", {"id": "ads"})
        assert "Nothing was changed: list ads: there is no version before" in await notice(browser)
        ads.write_text("||other.example^\n")
        await house.api("POST", "lists/ads/refresh")
        assert 'action="/lists/rollback"' in await browser.page()
        await browser.post("/lists/rollback", {"id": "ads"})
        assert await notice(browser) == "● List ads is back to the version before."
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "block"
        assert 'action="/lists/accept"' in await browser.page()
        await browser.post("/lists/accept", {"id": "ads"})
        assert await notice(browser) == "● The newer version of list ads is in force, as you asked."
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "pass"
        house.worker.refuses = "no memory"
        await browser.post("/lists/rollback", {"id": "ads"})
        said = "List ads is back to the version before. But not everywhere yet: worker 1: no memory"
        assert await notice(browser) == f"● {said}"

    open_house(scenario, config=config_of(tmp_path / "lists"))


@pytest.mark.parametrize("path", ["/lists/accept", "/lists/rollback"])
def test_lists_that_are_none(open_house: Opener, path: str) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for id in ("", "<script>alert(1)</script>\u202e", "none"):
            reply = await browser.post(path, {"id": id})
            assert (reply.status, reply.location) == (303, "/")
            assert (await notice(browser)).startswith("▲ Nothing was changed: no such list in use: ")
        forged = await browser.post(path, {"id": "ads", "form": "0" * 64})
        assert forged.status == 403

    open_house(scenario)
