"""The page's forms: what they do, and what the page says of it afterwards."""

import html
import re

import pytest
from msgspec.structs import replace

from resolver.admin.devicebodies import DeviceChange
from resolver.admin.ruling import Ruling
from resolver.admin.shown import clock_time
from resolver.errors import ApiError
from tests.admin.browsing import Browser, but_ours
from tests.admin.household import House, Opener
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
        assert "<script" not in but_ours(await browser.page())
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


async def beside(browser: Browser) -> list[tuple[str, str]]:
    """What the buttons beside the rows send."""
    found = re.findall(r'name="(row|name)" value="([^"]*)" aria-label="Allow', await browser.page())
    return [(name, html.unescape(value)) for name, value in found]


def test_allowing_what_a_row_of_the_page_stands_for(open_house: Opener) -> None:
    hostile = r"<b>&\226\128\174\034\059+%.ads.example"

    async def scenario(house: House) -> None:
        asleep = row("chat.example", client="192.0.2.20")
        asleep = replace(asleep, exchange=replace(asleep.exchange, source="schedules", rule="bedtime until 06:30"))
        await house.journal([row(hostile), asleep])
        browser = await house.sign_in()
        for name, value in await beside(browser):
            assert (await browser.post("/allow", {name: value})).status == 303
        found = [(one.name, one.client, one.until) for one in await house.service.ruling.every() if one.origin == "api"]
        assert found == [("chat.example", "192.0.2.20", NOON + 1800), (hostile, "", None)]
        assert await beside(browser) == []
        await browser.post("/allow", {"row": "group=cats&name=x.example"})
        assert "there is no group" in await notice(browser)

    open_house(scenario)


@pytest.mark.parametrize(("whom", "said"), [("group:kids", "group kids"), ("client:192.0.2.20", "192.0.2.20")])
def test_pausing_for_somebody(open_house: Opener, whom: str, said: str) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/pause", {"for": "5m", "whom": whom})
        assert await notice(browser) == f"● Blocking is paused for {said} until {clock_time(NOON + 300)}."
        (pause,) = house.service.pausing.in_force()
        assert "Nothing is blocked until <time" in await browser.page()
        await browser.post("/pause", {"for": "5m"})
        await browser.post("/resume", {"id": str(pause.id)})
        assert await notice(browser) == "● That pause is over."
        (left,) = house.service.pausing.in_force()
        assert (left.client, left.group) == ("", "")
        for wrong in (str(pause.id), "x", "9" * 30, "-1"):
            await browser.post("/resume", {"id": wrong})
            assert (await notice(browser)).startswith("▲ Nothing was changed: ")

    open_house(scenario)


def test_pausing_until_the_morning(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now = NOON + 0.5
        browser = await house.sign_in()
        await browser.post("/pause", {"for": "morning"})
        (pause,) = house.service.pausing.in_force()
        assert clock_time(pause.until)[11:16] == "07:00"
        assert 0 < pause.until - NOON <= 86_400

    open_house(scenario)


@pytest.mark.parametrize("whom", ["group:cats", "client:nobody", "everybody:", "<script>:x"])
def test_pausing_for_nobody_there_is(open_house: Opener, whom: str) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/pause", {"for": "5m", "whom": whom})
        assert (await notice(browser)).startswith("▲ Nothing was changed: ")
        assert house.service.pausing.in_force() == []

    open_house(scenario)


def test_a_device_that_is_offered_can_be_paused(open_house: Opener) -> None:
    """Whatever people called it."""
    name = "Kim's TV & (old)"

    async def scenario(house: House) -> None:
        await house.service.devices.put("192.0.2.77", DeviceChange(name), "ada")
        browser = await house.sign_in()
        offered = [html.unescape(one) for one in re.findall(r'<option value="(client:[^"]*)"', await browser.page())]
        assert offered == [f"client:{name}"]
        await browser.post("/pause", {"for": "5m", "whom": offered[0]})
        assert [one.client for one in house.service.pausing.in_force()] == [name]

    open_house(scenario)


def test_what_was_done_can_be_undone_from_the_notice(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/pause", {"for": "5m"})
        undo = re.search(r'action="/audit/undo">.*?name="id" value="([0-9]+)"', await browser.page())
        assert undo
        await browser.post("/audit/undo", {"id": undo[1]})
        assert house.service.pausing.in_force() == []

    open_house(scenario)


def test_a_page_that_keeps_itself_up_to_date_leaves_the_notice_to_the_next(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/allow", {"name": "t.ads.example"})
        reply = await house.get("/", token=None, headers={"Cookie": browser.cookies, "X-Live": "1"})
        assert not reply.cookies
        assert "is now allowed" in await notice(browser)

    open_house(scenario)
