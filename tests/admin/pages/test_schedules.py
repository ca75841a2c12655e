"""The page of schedules: weeks, what comes next, changes for once, and what schedules say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from resolver.admin.planbodies import NewScheduleChange
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import FILE, KID, check_harmless, furnish, notice, seen, text_of, wrong
from tests.admin.pages.test_home import MARKUP
from tests.admin.parts import NOON

PAGE = "/schedules"
NEW = {
    "name": "homework",
    "on-mon": "yes",
    "on-fri": "yes",
    "from": "15:30",
    "to": "17:00",
    "zone": "UTC",
    "block": "game.example\nservice:roblox",
}


async def refused(browser: Browser, fields: dict[str, str]) -> str:
    reply = await browser.post(f"{PAGE}/save", fields)
    assert reply.status in {400, 409}, (reply.status, reply.location)
    return reply.text


async def schedules(house: House) -> dict[str, Any]:
    return {one["name"]: one for one in await house.api("GET", "schedules")}


def section(page: str, name: str) -> str:
    """What stands under the heading of a schedule."""
    found = re.search(rf"<h2[^>]*><bdi>{name}</bdi></h2>.*?</section>", page, re.DOTALL)
    assert found
    return found[0]


def test_the_weeks_and_what_comes_next(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await browser.page(PAGE)
        text = text_of(page)
        assert "study begins at 15:00, in 3 hours, for kids." in text
        assert "bedtime begins at 21:00, in 9 hours, for teens." in text
        bedtime = section(page, "bedtime")
        assert "Mon, Tue, Wed, Thu, Sun from 21:00 to 06:30 on the next day, by the clocks of UTC." in text_of(bedtime)
        assert "Nothing answers but school.example, and what devices need to work." in text_of(bedtime)
        assert bedtime.count("<svg") == 1, "the same for both groups"
        assert bedtime.count('<rect class="force"') == 10
        assert "In force from Thursday 21:00 until Friday 06:30." in bedtime
        study = section(page, "study")
        assert "Services are blocked: roblox. Names on lists are blocked: ads." in text_of(study)
        assert study.count('<rect class="force"') == 5
        assert len(page) < 38_000

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_changes_for_once(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser, act = await house.sign_in(), f"{PAGE}/change"
        kids = {"schedule": "bedtime", "group": "kids", "client": ""}
        await browser.post(act, {**kids, "do": "more", "for": "30m"})
        assert (await notice(browser, PAGE)).startswith("● bedtime is off for group kids until 2026-01-0")
        bedtime = section(await browser.page(PAGE), "bedtime")
        assert bedtime.count("<svg") == 2, "kids and teens have other weeks now"
        assert bedtime.count('<rect class="out"') == 1
        assert "bedtime begins at 21:30, in 10 hours, for kids." in text_of(bedtime)
        assert "For kids it is off from 21:00 until 21:30: 30 more minutes, by anna" in text_of(bedtime)
        assert text_of(bedtime).count("Back to normal") == 1
        await browser.post(act, {**kids, "do": "normal"})
        assert await notice(browser, PAGE) == "● bedtime is as usual again."
        await browser.post(act, {**kids, "do": "normal"})
        assert await notice(browser, PAGE) == "● bedtime was as usual already."
        await browser.post(act, {"schedule": "bedtime", "do": "on", "for": "1h", "client": "Tablet", "group": ""})
        bedtime = section(await browser.page(PAGE), "bedtime")
        assert bedtime.count('<rect class="once"') == 1
        assert "bedtime is in force for Tablet. It ends at 13:00, in 1 hour." in text_of(bedtime)
        await browser.post(act, {"schedule": "bedtime", "do": "off", "client": "", "group": "teens"})
        assert "(not today)" in await notice(browser, PAGE)
        assert "For Tablet" in text_of(await browser.page(PAGE))
        await browser.post(act, {"schedule": "bedtime", "do": "normal"})
        assert (await schedules(house))["bedtime"]["changes"] == []

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_what_is_wrong_with_a_change_is_said_on_the_page(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        fields = {"schedule": "study", "do": "more", "client": "192.0.2.30", "for": "2h"}
        reply = await browser.post(f"{PAGE}/change", fields)
        assert reply.status == 409
        assert "is in group teens, which does not have the schedule study" in wrong(reply.text)["once-client"]
        assert 'value="192.0.2.30"' in reply.text
        assert '<option value="study" selected>' in reply.text
        reply = await browser.post(f"{PAGE}/change", {**fields, "client": MARKUP[:40]})
        check_harmless(reply.text.replace(MARKUP[35:40], ""))
        assert "no device is called" in wrong(reply.text)["once-client"]
        reply = await browser.post(f"{PAGE}/change", {**fields, "client": KID, "for": "soon"})
        assert "is not a duration" in wrong(reply.text)["once-for"]
        reply = await browser.post(f"{PAGE}/change", {**fields, "client": " "})
        assert wrong(reply.text)["once-client"] == "say for which device", "and not for everybody"
        reply = await browser.post(f"{PAGE}/change", {**fields, "do": ""})
        assert "once-do" in wrong(reply.text)

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_a_schedule_is_made_changed_and_ended(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await browser.page(f"{PAGE}?new=yes")
        assert 'name="name"' in page
        assert 'value="UTC"' in page, "as another has"
        reply = await browser.post(f"{PAGE}/save", NEW)
        assert (reply.status, reply.location) == (303, PAGE)
        assert await notice(browser, PAGE) == "● homework is saved."
        made = (await schedules(house))["homework"]
        assert (made["days"], made["from"], made["to"], made["groups"]) == (["mon", "fri"], "15:30", "17:00", [])
        homework = section(await browser.page(PAGE), "homework")
        assert "No group has it" in homework
        assert homework.count('<rect class="force"') == 2, "its hours are drawn all the same"
        assert "Chosen here by anna" in text_of(homework)
        assert "lull.yaml says nothing of it." in text_of(homework)
        page = await browser.page(f"{PAGE}?edit=homework")
        assert "game.example\nservice:roblox</textarea>" in page
        assert re.search(r'name="on-fri" value="yes" checked', page)
        assert not re.search(r'name="on-tue" value="yes" checked', page)
        changed = {
            **NEW,
            "schedule": "homework",
            "closed": "yes",
            "only": "school.example, maths.example",
            "to": "16:00",
        }
        await browser.post(f"{PAGE}/save", changed)
        assert house.service.choices.value("schedules.homework")["only"] == ["school.example", "maths.example"]
        assert (await schedules(house))["homework"]["to"] == "16:00"
        await browser.post(f"{PAGE}/as-file", {"schedule": "homework"})
        assert "homework" not in await schedules(house)

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_what_is_wrong_with_a_schedule_is_said_beside_the_field(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for field, value, said in (
            ("from", "25:00", "is not a time of day"),
            ("to", "", "is not a time of day"),
            ("zone", "Berlin", 'did you mean "Europe/Berlin"?'),
            ("block", "service:robloxx", "robloxx"),
            ("allow", "not a.. name", '"a.." has an empty label'),
            ("name", "a/b", "is no name for a schedule"),
            ("name", "bedtime", "there is a schedule bedtime already"),
        ):
            page = await refused(browser, {**NEW, field: value})
            assert said in wrong(page)[f"save-{field}"], field
            assert 'value="homework"' in page or field == "name"
            assert "game.example" in page or field == "block"
            assert re.search(r'name="on-fri" value="yes" checked', page), "what was typed stays"
        page = await refused(browser, {key: value for key, value in NEW.items() if not key.startswith("on-")})
        assert "days-wrong" in page
        page = await refused(browser, {**NEW, "block": ""})
        assert "tick that nothing else answers" in wrong(page)["save-block"]
        page = await refused(browser, {**NEW, "name": MARKUP[:40]})
        check_harmless(page.replace(MARKUP[35:40], ""))
        assert "homework" not in await schedules(house)

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_one_of_the_file_is_changed_and_taken_back(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    line = FILE.decode().splitlines().index(next(one for one in FILE.decode().splitlines() if "bedtime: {" in one)) + 1

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        fields = {f"on-{day}": "yes" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
        fields |= {"schedule": "bedtime", "from": "20:00", "to": "06:30", "zone": "UTC", "closed": "yes"}
        await browser.post(f"{PAGE}/save", fields)
        page = await browser.page(PAGE)
        assert "Every day from 20:00" in text_of(page)
        assert f"instead of lull.yaml:{line}" in text_of(page)
        assert "Nothing answers but what devices need to work." in text_of(page)
        reply = await browser.post(f"{PAGE}/delete", {"schedule": "bedtime"})
        assert reply.location == PAGE
        assert "group kids and teens has bedtime: take it from there first" in await notice(browser, PAGE)
        assert "As the file says" in await browser.page(f"{PAGE}?edit=bedtime")
        await browser.post(f"{PAGE}/as-file", {"schedule": "bedtime"})
        assert "from 21:00 to 06:30" in text_of(section(await browser.page(PAGE), "bedtime"))

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_without_schedules_it_says_what_they_are_for(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await browser.page(PAGE)
        assert "There is no schedule." in text_of(page)
        assert "<svg" not in page

    open_house(scenario)


def test_without_the_database_the_weeks_are_there(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        before = section(await browser.page(PAGE), "bedtime")
        house.parts.database.close()
        assert section(await browser.page(PAGE), "bedtime").count("<rect") == before.count("<rect") == 10

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_who_may_only_look_has_no_buttons(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        await house.service.planning.change("bedtime", NewScheduleChange("off", group="kids"), "anna")
        made = await house.api("POST", "tokens", {"name": "reader", "scopes": ["read"]})
        reply = await house.get(PAGE, token=made["token"])
        assert reply.status == 200
        assert "/schedules/change" not in reply.text
        assert "/schedules/save" not in (await house.get(f"{PAGE}?edit=bedtime", token=made["token"])).text
        assert "<option" not in reply.text, "nor the names of devices"
        assert house.clock.time() == NOON

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_many_schedules_come_in_pages(open_house: Opener) -> None:
    """The page stays small whatever a house has; forms come back to where they were sent from."""
    names = [f"hours{number}" for number in range(10)]
    groups = "".join(f"  g{number}: {{schedules: [{', '.join(names)}]}}\n" for number in range(5))
    hours = "".join(f"  {name}: {{from: '21:00', to: '06:30', only: [school.example]}}\n" for name in names)
    text = f"lists: []\ngroups:\n{groups}schedules:\n{hours}".encode()

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        found, path = [], PAGE
        while path:
            page = await browser.page(path)
            assert len(page) < 38_000
            found += re.findall(r"<h2[^>]*><bdi>(hours\d)</bdi></h2>", page)
            assert page.count('<option value="hours') == 10, "any of them can be changed for a device"
            after = re.search(r'<a href="([^"]+)" rel="next">', page)
            path = after[1] if after else ""
        assert found == names
        fields = {"schedule": "hours9", "do": "off", "group": "g1", "back": f"{PAGE}?from=8"}
        assert (await browser.post(f"{PAGE}/change", fields)).location == f"{PAGE}?from=8"

    open_house(scenario, text=text)
