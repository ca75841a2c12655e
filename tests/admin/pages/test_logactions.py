"""What is done from the rows of /log: allow, block, and forget."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from resolver.admin.rulebodies import RuleInfo
from resolver.config.people import Device
from tests.admin.browsing import Browser, Reply
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.reading import Reading
from tests.admin.pages.test_log import HOSTILE, asleep, look, names, passed
from tests.admin.parts import NOON, row


async def press(browser: Browser, button: str, address: str = "/log", **chosen: str) -> Reply:
    """Press a button in a row, with what is chosen above the table."""
    page = await look(browser, address)
    pressed, fields = page.buttons[button], page.forms["/log/act"]
    return await browser.post("/log/act", {**fields, **chosen, str(pressed["name"]): str(pressed["value"])})


async def made(house: House) -> list[tuple[str, str, str, str, float | None, bool]]:
    """Every rule that people added."""
    rules: list[RuleInfo] = [one for one in await house.service.ruling.every() if one.id is not None]
    return [(one.action, one.name, one.client, one.group, one.until, one.exact) for one in rules]


def test_allow_and_block_as_chosen(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), passed("www.example")])
        browser = await house.sign_in()
        page = await look(browser)
        assert page.forms["/log/act"].items() >= {("for", "10m"), ("whom", "client")}, "what harms least"
        assert (await press(browser, "Allow t.ads.example")).location == "/log"
        said = (await look(browser)).text
        assert "t.ads.example and all below it is now allowed, for 192.0.2.10 until 2026-01-01 12:10:00." in said
        assert "allowed by now: allow t.ads.example" in said
        reply = await press(browser, "Block www.example", whom="group", **{"for": "good"})
        assert reply.location == "/log?for=good&whom=group", "what was chosen stays chosen"
        page = await look(browser, reply.location)
        assert "www.example and all below it is now blocked, for group kids." in page.text
        assert page.forms["/log/act"].items() >= {("for", "good"), ("whom", "group")}
        await press(browser, "Block www.example", whom="all", **{"for": "24h"})
        assert await made(house) == [
            ("allow", "t.ads.example", "192.0.2.10", "", NOON + 600, False),
            ("deny", "www.example", "", "kids", None, False),
            ("deny", "www.example", "", "", NOON + 86_400, False),
        ]

    open_house(scenario)


def test_it_can_be_undone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        browser = await house.sign_in()
        await press(browser, "Allow t.ads.example")
        page = await look(browser)
        assert "Undo" in page.buttons
        await browser.post("/audit/undo", page.forms["/audit/undo"])
        assert await made(house) == []

    open_house(scenario)


def test_one_comes_back_to_where_one_was(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row(f"n{n}.ads.example") for n in range(60)])
        browser = await house.sign_in()
        second = (await look(browser, "/log?verdict=block")).links["Older"]
        name = names(await look(browser, second))[3]
        reply = await press(browser, f"Allow {name}", second, whom="all")
        page = await look(browser, reply.location)
        assert names(page)[3] == name
        assert page.forms["/log"]["verdict"] == "block"
        assert page.forms["/log/act"]["whom"] == "all"

    open_house(scenario)


def test_a_device_is_meant_by_its_name(open_house: Opener) -> None:
    tablet = Device(addresses=(ipaddress.ip_network("192.0.2.10"),))

    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        browser = await house.sign_in()
        page = await look(browser)
        assert "Tablet" in page.links
        assert page.all("option", value="Tablet")
        await press(browser, "Allow t.ads.example")
        assert [client for _, _, client, *_ in await made(house)] == ["Tablet"]
        assert names(await look(browser, "/log?client=tablet")) == ["t.ads.example"]

    open_house(scenario, config=replace(config_of(open_house.lists), devices={"Tablet": tablet}))


def test_what_a_schedule_blocked_is_allowed_for_a_while(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([asleep("game.example"), asleep("chat.example", "")])
        browser = await house.sign_in()
        page = await look(browser)
        assert [one for one in page.buttons if one.startswith("Allow")] == [
            "Allow for 30 minutes, for group kids: chat.example",
            "Allow for 30 minutes, for this device: game.example",
        ]
        await press(browser, "Allow for 30 minutes, for this device: game.example", whom="all", **{"for": "good"})
        await press(browser, "Allow for 30 minutes, for group kids: chat.example")
        assert await made(house) == [
            ("allow", "game.example", "192.0.2.20", "", NOON + 1800, False),
            ("allow", "chat.example", "", "kids", NOON + 1800, False),
        ]

    open_house(scenario)


def test_blocking_a_top_level_name_blocks_it_alone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([passed("com"), passed(".")])
        browser = await house.sign_in()
        await press(browser, "Block com", whom="all")
        assert "com is now blocked, for everyone until" in (await look(browser)).text
        assert [(name, exact) for _, name, _, _, _, exact in await made(house)] == [("com", True)]
        assert [one for one in (await look(browser)).buttons if one.startswith("Block")] == ["Block com"], "not all"

    open_house(scenario)


def test_a_hostile_name_goes_its_way_by_number(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row(HOSTILE)])
        browser = await house.sign_in()
        (button,) = [one for one in (await look(browser)).buttons if one.startswith("Allow <img")]
        await press(browser, button, whom="all")
        assert [name for _, name, *_ in await made(house)] == [HOSTILE]

    open_house(scenario)


@pytest.mark.parametrize(
    ("fields", "said", "where"),
    [
        ({"whom": "client"}, "does not keep which device that was", "whom"),
        ({"whom": "group", "client": ""}, "", ""),
        ({"whom": "nobody"}, "choose for whom", "whom"),
        ({"whom": "all", "for": "1y"}, "choose for how long", "for"),
        ({"whom": "all", "for": ""}, "choose for how long", "for"),
    ],
)
def test_what_is_wrong_is_said_beside_the_choice(
    open_house: Opener, fields: dict[str, str], said: str, where: str
) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", client="~9c2f0e41b7a5")])
        browser = await house.sign_in()
        reply = await press(browser, "Allow t.ads.example", "/log?verdict=block", **fields)
        if not where:
            assert reply.status == 303
            assert len(await made(house)) == 1
            return
        page = Reading(reply.text)
        assert reply.status in {400, 409}
        (wrong,) = page.all("p", role="alert")
        assert wrong["id"] == f"act-{where}-wrong"
        assert said in page.text
        assert names(page) == ["t.ads.example"]
        assert page.forms["/log"]["verdict"] == "block", "the rows are those that were looked at"
        assert "data-live" not in reply.text
        assert await made(house) == []

    open_house(scenario)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"allow": ""},
        {"allow": "x.y"},
        {"allow": "1"},
        {"allow": "999999.1767268740"},
        {"allow": "1.1767268741"},
        {"deny": "0.0"},
        {"deny": "9" * 19 + ".1"},
        {"extend": "1.1767268740;"},
    ],
)
def test_rows_that_there_are_not(open_house: Opener, fields: dict[str, str]) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        browser = await house.sign_in()
        assert 'value="1.1767268740"' in (await look(browser)).raw
        reply = await browser.post("/log/act", {"for": "10m", "whom": "all", **fields})
        assert reply.status in {400, 404}
        assert 'role="alert"' in reply.text
        assert await made(house) == []

    open_house(scenario)


def test_what_has_no_name_and_what_is_nobodys(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("", client="")])
        browser = await house.sign_in()
        assert not [one for one in (await look(browser)).buttons if one.startswith(("Allow", "Block"))]
        reply = await browser.post("/log/act", {"for": "10m", "whom": "all", "allow": "1.1767268740"})
        assert reply.status == 409
        assert "does not keep which name" in reply.text

    open_house(scenario)


def test_forgetting(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), passed("www.example"), passed("x.www.example")])
        browser = await house.sign_in()
        page = await look(browser)
        reply = await browser.post("/log/forget", {**page.forms["/log/forget"], "name": "www.example", "before": "10s"})
        assert reply.status == 303
        assert reply.location.startswith("/log?job=")
        await house.ended(reply.location.partition("job=")[2].partition("#")[0])
        page = await look(browser, reply.location.partition("#")[0])
        assert "Forget what the log has about a name from before 2026-01-01 11:59:50: done." in page.text
        assert "2 rows are forgotten." in page.text
        assert names(page) == ["t.ads.example"]
        assert 'id="forgetting" aria-label="Forgetting">' in page.raw, "which is over, and not looked at any more"

    open_house(scenario)


@pytest.mark.parametrize(
    ("fields", "where", "said"),
    [
        ({}, "client", "say what to forget"),
        ({"client": "nobody-here"}, "client", "nobody"),
        ({"name": "a..b"}, "name", "empty label"),
        ({"before": "soon"}, "before", "is not a moment in the past"),
        ({"client": "x" * 65}, "client", "Expected"),
    ],
)
def test_what_cannot_be_forgotten(open_house: Opener, fields: dict[str, str], where: str, said: str) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        browser = await house.sign_in()
        reply = await browser.post("/log/forget", {"back": "/log?verdict=block", **fields})
        page = Reading(reply.text)
        assert reply.status in {400, 404}
        (wrong,) = page.all("p", role="alert")
        assert wrong["id"] == f"forget-{where}-wrong"
        assert said in page.text
        assert page.forms["/log/forget"].items() >= fields.items()
        assert page.forms["/log"]["verdict"] == "block"
        assert names(page) == ["t.ads.example"]

    open_house(scenario)


def test_a_job_that_is_none_of_these(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for id in ("abc", "<b>"):
            page = await look(browser, f"/log?{urlencode({'job': id})}")
            assert 'id="forgetting"' not in page.raw

    open_house(scenario)
