"""The catalogue: every list in it is found by its category, and a page of them is small."""

from __future__ import annotations

import pytest

from resolver.lists.catalogue import CATEGORIES, Catalogue
from tests.admin.browsing import Browser
from tests.admin.household import House, Opener
from tests.admin.pages.test_home import MARKUP, Page, is_harmless

EVERY = Catalogue.load()
LARGEST = 38_000


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue that ships with Lull."""
    monkeypatch.setattr("tests.admin.household.Catalogue", lambda *_: EVERY)


async def look(browser: Browser, query: str = "") -> Page:
    text = await browser.page(f"/lists/catalogue{query}")
    assert len(text.encode()) < LARGEST, query
    return Page(text)


def lists(page: Page) -> set[str]:
    links = {str(link["href"]).removeprefix("/lists/") for link in page.all("a")}
    return {one for one in links if one in EVERY.entries}


@pytest.mark.usefixtures("whole")
def test_every_list_is_found_by_its_category(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        shelves = await look(browser)
        assert "156 lists are known by name." in shelves.words
        links = {link["href"] for link in shelves.all("a")}
        for category in CATEGORIES:
            wanted = {one.id for one in EVERY.entries.values() if category in one.category}
            assert f"/lists/catalogue?category={category}" in links
            found = set()
            for start in range(0, len(wanted), 25):
                found |= lists(await look(browser, f"?category={category}&from={start}"))
            assert found == wanted, category

    open_house(scenario)


@pytest.mark.usefixtures("whole")
def test_by_language_and_by_words(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        german = await look(browser, "?language=de")
        assert "For sites in German: 3 lists" in german.words
        assert lists(german) == {one.id for one in EVERY.entries.values() if "de" in one.language}
        for one in list(EVERY.entries.values())[::20]:
            assert one.id in lists(await look(browser, f"?q={one.id.upper()}"))
        assert "hagezi-pro" in lists(await look(browser, "?q=hagezi++PRO&category=advertising"))
        none = await look(browser, "?q=there-is-no-such-list")
        assert "No list is like that." in none.words
        assert lists(await look(browser, "?category=none")) == set(), "which is no category: the shelves"

    open_house(scenario)


@pytest.mark.usefixtures("whole")
def test_using_one(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/lists/change", {"shadow": "hagezi-light"})
        assert [(one.id, one.mode) for one in house.service.config.lists][-1] == ("hagezi-light", "shadow")
        page = await look(browser, "?q=hagezi-light")
        assert "hagezi-light is in use as a shadow" in page.words
        assert "● a shadow" in page.words
        assert "hagezi-light" in [one["value"] for one in page.all("button") if one.get("name") == "live"]
        await browser.post("/lists/change", {"live": "hagezi-light"})
        page = await look(browser, "?category=general")
        assert "● in use" in page.words
        shelves = (await look(browser)).words
        assert "Generalads, tracking and more in one list: a household needs one of these 20 lists, 2 in use" in shelves

    open_house(scenario)


@pytest.mark.usefixtures("whole")
def test_a_list_that_no_group_uses_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.service.choices.put("groups.default.lists", ["ads"], "a test")
        await browser.post("/lists/change", {"live": "hagezi-light"})
        page = Page(await browser.page("/lists"))
        assert "But no group uses it: choose it in one, under Groups." in page.words
        assert "no group uses it" in page.words

    open_house(scenario)


@pytest.mark.usefixtures("whole")
def test_the_page_of_one_that_is_not_in_use(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = Page(await browser.page("/lists/hagezi-pro"))
        assert "○ Not in use." in page.words
        assert EVERY.entries["hagezi-pro"].blocks in page.words
        assert {"/lists/trial?id=hagezi-pro", "/lists/catalogue?category=general"} <= {
            one["href"] for one in page.all("a")
        }

    open_house(scenario)


@pytest.mark.usefixtures("whole")
def test_hostile_words(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for field in ("q", "category", "language", "from"):
            reply = await house.get(
                "/lists/catalogue", token=None, headers={"Cookie": browser.cookies}, params={field: MARKUP * 3}
            )
            assert reply.status == 200
            assert is_harmless(Page(reply.text))

    open_house(scenario)


def test_what_is_offered_through_the_api(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await house.api("GET", "catalogue")
        (starter,) = found["lists"]
        assert (starter["id"], starter["mode"], starter["kind"]) == ("starter", "live", "block")
        assert found["presets"] == []
        await house.api("PUT", "choices/lists", {"value": ["starter"]})
        assert [one.id for one in house.service.config.lists] == ["starter"]

    open_house(scenario)


def test_a_config_is_a_choice_away(open_house: Opener) -> None:
    """What the config says of a list stays when its mode changes."""

    async def scenario(house: House) -> None:
        await house.service.offering.add("mine", "live", {"url": "https://lists.example/x", "refresh": "6h"}, "a test")
        await house.service.offering.use("mine", "shadow", "a test")
        mine = next(one for one in house.service.config.lists if one.id == "mine")
        assert (str(mine.url), mine.refresh, mine.mode) == ("https://lists.example/x", 21600.0, "shadow")

    open_house(scenario)
