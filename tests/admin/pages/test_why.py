"""The page /why: what it says of a question, and what is done from there."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from resolver.admin.rulebodies import NewRule
from resolver.journal import frames
from tests.admin.api.test_why import NINE, evenings
from tests.admin.browsing import Browser
from tests.admin.household import TOKEN, House, Opener, config_of
from tests.admin.pages.reading import Reading
from tests.admin.pages.test_log import HOSTILE, LONG, MARKUP
from tests.admin.parts import NOON

TV = "Living Room TV"


async def look(browser: Browser, **asked: str) -> Reading:
    return Reading(await browser.page(f"/why?{urlencode(asked)}" if asked else "/why"))


async def refused(browser: Browser, **asked: str) -> Reading:
    reply = await browser.house.get(f"/why?{urlencode(asked)}", token=None, headers={"Cookie": browser.cookies})
    assert reply.status >= 400
    return Reading(reply.text)


def test_the_form_alone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(await house.sign_in())
        assert page.forms["/why"] == {"name": "", "client": "", "type": "", "at": ""}
        assert page.all("option", value=TV)
        assert [one["id"] for one in page.all("datalist")] == ["devices", "types"]
        assert len(page.all("h1")) == 1
        assert not page.all("h2")
        assert not page.all("p", role="alert")

    open_house(scenario, config=evenings(open_house))


def test_what_blocks_and_what_lost(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.ruling.add(NewRule("allow", "t.ads.example", duration="20m"), "ada")
        browser = await house.sign_in()
        page = await look(browser, name="t.ads.example", client="192.0.2.20")
        assert "◆ t.ads.example is allowed By rules: allow t.ads.example, temporary, for everyone." in page.text
        assert "Until 2026-01-01 12:20:00" in page.text
        assert "ads: ||ads.example^ list ads, line 1, tier 6 everyone" in page.text
        assert page.links["In the log"] == "/log?exact=t.ads.example&client=192.0.2.20"
        assert page.links["Repair a site"].startswith("/repair?site=t.ads.example&client=192.0.2.20")
        later = await look(browser, name="t.ads.example", client="192.0.2.20", at="+30m")
        assert "■ t.ads.example is blocked By ads: ||ads.example^, list ads, line 1, for everyone." in later.text
        assert "at 2026-01-01 12:30:00" in later.text
        assert "Answer 0.0.0.0" in later.text
        assert "rules: allow t.ads.example temporary, tier 1 everyone it has ended" in later.text

    open_house(scenario)


def test_nothing_has_an_opinion(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(await house.sign_in(), name="WWW.example.")
        assert "○ www.example passes No rule has an opinion on it." in page.text
        assert "A, by any device of group default" in page.text
        assert "it does not change within a week" in page.text
        assert page.forms["/why/rule"].items() >= {("for", "10m"), ("whom", "group"), ("group", "default")}
        assert "Block www.example" in page.buttons
        assert not page.all("table")

    open_house(scenario)


def test_what_is_remembered_aliases_and_windows(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("PUT", "sites/news.example", {"allow": ["x.ads.example"]})
        known = frames.Known(0, 12.0, 288.0, ["cdn.example.com", "t.ads.example"])
        house.worker.told = frames.Told(0, known, 20.0, {"site:1": NOON + 300.0})
        page = await look(await house.sign_in(), name="shop.example", client="192.0.2.20")
        assert "It is an alias of t.ads.example, which that is about." in page.text
        assert "Where the name leads cdn.example.com t.ads.example, against which is ads: ||ads.example^" in page.text
        assert "This device is given the same answer from memory for 20s more." in page.text
        assert "What the upstream says (NOERROR, asked 12s ago) is kept for 4m48s more." in page.text
        assert "Site rule on news.example allow x.ads.example is open until 2026-01-01 12:05:00" in page.text

    open_house(scenario)


def test_what_a_schedule_blocks(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now = NINE + 60
        browser = await house.sign_in()
        page = await look(browser, name="shop.example", client=TV)
        assert "Schedule bedtime is in force until 2026-01-02 06:30:00: that has to do with it" in page.text
        assert f"A, by {TV} at 192.0.2.20, group kids" in page.text
        lasts = page.raw.partition('id="act-for"')[2].partition("</select>")[0]
        assert "for good" not in lasts, "which a schedule comes before"
        await browser.post("/why/rule", {**page.forms["/why/rule"], "for": "1h", "action": "allow"})
        page = await look(browser, name="shop.example", client=TV)
        assert "shop.example is allowed" in page.text
        assert f"shop.example and all below it is now allowed, for {TV}" in page.text.replace(TV.lower(), TV)

    open_house(scenario, config=evenings(open_house))


def test_allow_block_delete_and_come_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await look(browser, name="t.ads.example", client="192.0.2.20", type="AAAA")
        assert page.forms["/why/rule"].items() >= {("whom", "client"), ("client", "192.0.2.20"), ("for", "10m")}
        button = page.buttons["Allow t.ads.example"]
        fields = {**page.forms["/why/rule"], "whom": "all", "for": "good", "action": str(button["value"])}
        reply = await browser.post("/why/rule", fields)
        assert reply.location == "/why?name=t.ads.example&client=192.0.2.20&type=AAAA"
        page = Reading(await browser.page(reply.location))
        assert "t.ads.example and all below it is now allowed, for everyone." in page.text
        assert "t.ads.example is allowed" in page.text
        assert "Undo" in page.buttons
        assert page.forms["/rules/delete"]["id"] == "1"
        assert "Delete: rules: allow t.ads.example" in page.buttons
        assert "Block t.ads.example" in page.buttons

    open_house(scenario)


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"name": "a..b"}, "name", "empty label"),
        ({"client": "192.0.2.20"}, "name", "which name is it about?"),
        ({"name": "a.example", "client": "nobody-here"}, "client", "nobody"),
        ({"name": "a.example", "type": "FOO"}, "type", "is not a record type"),
        ({"name": "a.example", "at": "teatime"}, "at", "is not a moment"),
        ({"name": "a.example", "type": "\u202e"}, "type", "cannot be printed"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    open_house: Opener, asked: dict[str, str], field: str, said: str
) -> None:
    async def scenario(house: House) -> None:
        page = await refused(await house.sign_in(), **asked)
        (wrong,) = page.all("p", role="alert")
        assert wrong["id"] == f"why-{field}-wrong"
        assert said in page.text
        assert page.forms["/why"].items() >= asked.items()

    open_house(scenario)


def test_a_choice_that_there_is_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await look(browser, name="t.ads.example")
        reply = await browser.post("/why/rule", {**page.forms["/why/rule"], "whom": "client", "action": "allow"})
        page = Reading(reply.text)
        assert reply.status == 409
        (wrong,) = page.all("p", role="alert")
        assert wrong["id"] == "act-whom-wrong"
        assert "t.ads.example is blocked" in page.text, "one is where one was"
        for fields in (
            {"name": "a..b", "for": "10m", "whom": "all"},
            {"name": "t.ads.example", "for": "x", "whom": "all"},
        ):
            assert (await browser.post("/why/rule", fields)).status == 400
        assert len([one for one in await house.service.ruling.every() if one.id]) == 0

    open_house(scenario)


def test_an_address_of_a_browser_is_a_name(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(await house.sign_in(), name="https://t.ads.example/path?x=1#y")
        assert page.forms["/why"]["name"] == "t.ads.example"
        assert "t.ads.example is blocked" in page.text

    open_house(scenario)


def test_what_no_rule_changes_has_no_button(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await look(browser, name="x.lab.home.arpa")
        assert "▶ x.lab.home.arpa is answered by Lull" in page.text
        assert "192.0.2.9 (wildcard *.lab.home.arpa)" in page.text
        assert "To change it: `records` in the config." in page.text
        assert "/why/rule" not in page.forms
        assert "/why/rule" not in (await look(browser, name=".")).forms
        looked = Reading((await house.get("/why?name=t.ads.example", token=TOKEN)).text)
        assert "t.ads.example is blocked" in looked.text
        assert list(looked.forms) == ["/why"]

    open_house(scenario, config=evenings(open_house))


def test_hostile_names_are_harmless(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for name in (HOSTILE, LONG):
            page = await look(browser, name=name)
            assert page.raw.replace("\n", "").isprintable()
            assert not page.all("img")
            assert page.forms["/why"]["name"] == name
            assert page.forms["/why/rule"]["name"] == name
            assert "is blocked" in page.text
        page = await refused(browser, name=MARKUP, client=MARKUP, type=MARKUP, at=MARKUP)
        assert not page.all("b")
        assert page.all("p", role="alert")
        page = await look(browser, name=HOSTILE)
        fields = {**page.forms["/why/rule"], "whom": "all", "action": "allow"}
        assert (await browser.post("/why/rule", fields)).status == 303
        assert "is allowed" in (await look(browser, name=HOSTILE)).text

    open_house(scenario)


def test_without_a_policy_and_without_a_database(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.parts.database.close()
        assert "t.ads.example is blocked" in (await look(browser, name="t.ads.example")).text
        house.parts.publisher.bundle = None
        assert "no policy is in force yet" in (await refused(browser, name="t.ads.example")).text

    open_house(scenario, config=replace(config_of(open_house.lists)))
