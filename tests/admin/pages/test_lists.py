"""The pages of lists: how they are, what is done with them, and what becomes of hostile texts."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
import pytest

from resolver.admin.listbodies import Quality
from resolver.lists.bodies import ListState, Refused
from resolver.lists.catalogue import Preset
from resolver.lists.update import Lists
from resolver.rules.report import Sample
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener
from tests.admin.pages.test_home import MARKUP, Page, is_harmless
from tests.admin.parts import NOON, row


async def look(browser: Browser, path: str = "/lists") -> Page:
    return Page(await browser.page(path))


async def told(browser: Browser, path: str, fields: Mapping[str, str]) -> str:
    """What is said after a form was sent."""
    reply = await browser.post(path, fields)
    assert reply.status == 303, reply.text
    page = await look(browser)
    browser.notice = ""
    return page.words.split("Lists 2")[0].partition("DNS goes on without it. ")[2] or page.words


def modes(house: House) -> dict[str, str]:
    return {one.id: one.mode for one in house.service.config.lists}


def test_how_the_lists_are(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(await house.sign_in())
        assert "2 lists are in use, with 3 names in all." in page.words
        assert page.words.count("● in force") == 2
        assert "1 line skipped" in page.words
        assert is_harmless(page)
        links = {str(link["href"]) for link in page.all("a")}
        assert {"/lists/ads", "/lists/starter", "/lists/catalogue", "/lists/own", "/lists/trial"} <= links
        assert page.words.count("for default") == 2, "the group kids uses none"

    open_house(scenario)


def test_the_list_that_stands_in_is_not_one_to_remove(open_house: Opener) -> None:
    """It goes by itself; to make it a shadow would have nothing be blocked at all."""

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        missing = {"id": "far", "url": "https://lists.example/far.txt"}
        await house.api("PUT", "choices/lists", {"value": [{"id": "ads", "file": "ads.txt"}, missing]})
        for path in ("/lists", "/lists/starter"):
            page = await look(browser, path)
            doing = [one["name"] for one in page.all("button") if one.get("value") == "starter" and one.get("name")]
            assert doing == ([] if path == "/lists" else ["live"]), path
            assert ("stands in until" if path == "/lists" else "in the place of lists") in page.words

    open_house(scenario)


def test_what_they_are_good_for_is_looked_into_meanwhile(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.journal([row("t.ads.example", count=3)])
        page = await look(browser)
        assert "being looked into" in page.words
        assert [one["id"] for one in page.all("section") if "data-live" in one] == ["work", "used"]
        jobs = house.service.jobs.every(lambda _: True)
        (job,) = [one for one in jobs if one.kind == "quality"]
        await house.ended(job.id)
        page = await look(browser)
        assert "3 blocked, 3 by no other list" in page.words
        assert not [one for one in page.all("section") if "data-live" in one]
        assert len(house.service.jobs.every(lambda _: True)) == len(jobs), "once is enough for a while"

    open_house(scenario)


def test_hostile_reasons_and_lines(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    states = Lists.states

    def hostile(lists: Lists) -> list[ListState]:
        refused = Refused(MARKUP, NOON, 5, 100, "ab" * 32)
        more = {"note": MARKUP, "state": "failing", "title": MARKUP, "error": MARKUP, "url": MARKUP}
        lines = {
            "samples": [Sample(7, MARKUP, MARKUP)],
            "skipped_by": {MARKUP: 1},
            "everything": [Sample(1, MARKUP, "")],
        }
        return [msgspec.structs.replace(one, refused=refused, **more, **lines) for one in states(lists)]

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        known = await house.service.listing.every()
        measured = house.service.listing._measured
        assert measured is not None
        quality = {one.id: msgspec.structs.replace(one.quality or Quality(0.0), advice=MARKUP) for one in known}
        house.service.listing._measured = msgspec.structs.replace(measured, found=quality)
        monkeypatch.setattr(Lists, "states", hostile)
        for path in ("/lists", "/lists/ads"):
            page = await look(browser, path)
            assert "▲ a new version was refused" in page.words
            assert "<script>alert(1)</script>" in page.words
            assert "\\u202e\\x07\\x1b[2J" in page.text
            assert "It <script>" in page.words
            assert is_harmless(page)
        buttons = [one["value"] for one in (await look(browser)).all("button") if one.get("name") == "accept"]
        assert buttons == ["ads", "starter"]

    open_house(scenario)


def test_a_list_that_fails_says_why(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        (open_house.lists / "ads.txt").rename(open_house.lists / "away")
        try:
            await house.api("POST", "lists/ads/refresh")
        finally:
            (open_house.lists / "away").rename(open_house.lists / "ads.txt")
        assert "▲ the last look for a version failed: " in (await look(browser)).words
        assert "▲ The last look for a new version failed: " in (await look(browser, "/lists/ads")).words

    open_house(scenario)


def test_a_preset(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.catalogue.presets["small"] = Preset("small", MARKUP, MARKUP, ("starter",))
        browser = await house.sign_in()
        page = await look(browser)
        assert "<script>alert(1)</script>" in page.words
        assert is_harmless(page)
        await browser.post("/lists/change", {"remove": "starter"})
        await browser.post("/lists/change", {"live": "small"})
        assert modes(house) == {"ads": "live", "starter": "live"}
        assert "It is in use with the preset <script>" in (await look(browser, "/lists/starter")).words
        await browser.post("/lists/change", {"remove": "starter"})
        assert modes(house) == {"ads": "live"}, "and with it the preset, that has no other"

    open_house(scenario)


def test_more_lists_than_fit_a_page(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    states = Lists.states

    def many(lists: Lists) -> list[ListState]:
        (ads, *_) = states(lists)
        return [msgspec.structs.replace(ads, id=f"list-{n}", title=f"A list with a title of {n}") for n in range(60)]

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        monkeypatch.setattr(Lists, "states", many)
        seen = set()
        for start in ("", "?from=20", "?from=40", "?from=9999", "?from=x"):
            text = await browser.page(f"/lists{start}")
            assert len(text.encode()) < 38_000
            seen |= {link["href"] for link in Page(text).all("a") if str(link["href"]).startswith("/lists/list-")}
        assert len(seen) == 60
        links = [link["href"] for link in (await look(browser, "/lists?from=20")).all("a")]
        assert {"/lists?from=0", "/lists?from=40"} <= set(links)

    open_house(scenario)


def test_the_first_byte_comes_at_once(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object) -> dict[str, Quality]:
        time.sleep(1.0)
        return {}

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        monkeypatch.setattr(house.service.listing, "_qualities", slow)
        await browser.page("/lists/own")  # whatever is done once
        began = time.perf_counter()
        await browser.page("/lists")
        assert time.perf_counter() - began < 0.5

    open_house(scenario)


def test_without_the_database_the_lists_are_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.parts.database.close()
        assert "● in force" in (await look(browser)).words
        assert "● in force" in (await look(browser, "/lists/ads")).words
        assert "Nothing was changed: the database cannot be used" in await told(
            browser, "/lists/change", {"shadow": "ads"}
        )

    open_house(scenario)
