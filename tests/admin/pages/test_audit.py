"""The page /audit: what people changed, and taking it back."""

from __future__ import annotations

import asyncio
import re

from resolver.admin.rulebodies import NewRule
from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, House, Opener
from tests.admin.pages.test_home import MARKUP, Page

MANY = 60


async def add(house: House, name: str, who: str = ADMIN) -> None:
    await house.service.ruling.add(NewRule("deny", name), who)


def buttons(text: str) -> list[int]:
    """The changes that have a button."""
    return [int(id) for id in re.findall(r'<button name="id" value="(\d+)"', text)]


async def newest(browser: Browser) -> str:
    """What the newest change is called."""
    found = re.search(r'data-label="What"[^>]*><bdi>(.*?)</bdi></td>', await browser.page("/audit"))
    assert found
    return found[1]


def test_it_shows_who_changed_what_and_sign_ins_to_be_read(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await add(house, "one.example", "ada")
        browser = await house.sign_in()
        await asyncio.to_thread(house.parts.accounts.flush)
        text = await browser.page("/audit")
        page = Page(text)
        for said in ("deny one.example", "ada", "sign in", "anna (127.0.0.1)", "add user anna, admin"):
            assert said in page.text, said
        assert len(buttons(text)) == 1, "nobody takes a sign-in back"
        assert len(page.all("h1")) == 1

    open_house(scenario)


def test_a_change_is_taken_back_and_that_too(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await add(house, "one.example")
        (id,) = buttons(await browser.page("/audit"))
        assert (await browser.post("/audit/undo", {"id": str(id)})).location == "/audit"
        text = await browser.page("/audit")
        assert "Taken back: deny one.example." in text
        assert await newest(browser) == "take back: deny one.example"
        assert [rule.name for rule in await house.service.ruling.every() if rule.id] == []
        link = re.search(r'href="/audit\?before=(\d+)#c(\d+)">taken back', text)
        assert link, "the change that took it back is linked to"
        assert int(link[1]) == int(link[2]) + 1
        assert f'id="c{link[2]}"' in await browser.page(f"/audit?before={link[1]}")
        (back,) = buttons(text)
        await browser.post("/audit/undo", {"id": str(back)})
        assert "Done again: deny one.example." in await browser.page("/audit")
        assert [rule.name for rule in await house.service.ruling.every() if rule.id] == ["one.example"]

    open_house(scenario)


def test_what_cannot_be_taken_back_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await add(house, "one.example")
        (id,) = buttons(await browser.page("/audit"))
        await browser.post("/audit/undo", {"id": str(id)})
        await browser.post("/audit/undo", {"id": str(id)})
        assert "was taken back already" in await browser.page("/audit")
        for wrong in ("", "x", "-1", "9" * 30, "\u0665"):
            await browser.post("/audit/undo", {"id": wrong})
            assert "the id of a change is a number" in await browser.page("/audit"), wrong

    open_house(scenario)


def test_older_changes_are_on_pages_of_their_own(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for number in range(MANY):
            await add(house, f"n{number}.example")
        browser = await house.sign_in()
        seen: list[str] = []
        path = "/audit"
        while path:
            text = await browser.page(path)
            seen += re.findall(r'data-label="What"[^>]*><bdi>deny (n\d+)\.example<', text)
            older = re.search(r'<a href="(/audit\?before=\d+)" rel="next">Older changes', text)
            path = older[1] if older else ""
        assert seen == [f"n{number}" for number in reversed(range(MANY))]
        assert "Nothing older is kept." in await browser.page("/audit?before=1")
        assert "n59.example" in await browser.page("/audit?before=x"), "what is no id is no condition"

    open_house(scenario)


def test_hostile_names_are_shown_harmlessly(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.service.ruling.add(NewRule("deny", text="/<script>alert(1)<.script>/"), MARKUP)
        raw = await browser.page("/audit")
        assert [one for one in Page(raw).all("script") if not one.get("src")] == []
        assert "<b>" not in raw
        assert raw.replace("\n", "").isprintable()
        assert "&lt;script&gt;" in raw

    open_house(scenario)


def test_the_page_is_there_when_the_database_is_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.parts.database.close()
        assert "What was changed cannot be shown: the database cannot be used now" in await browser.page("/audit")

    open_house(scenario)


def test_members_neither_see_it_nor_take_anything_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        await add(house, "one.example")
        kim = await house.sign_in("kim")
        assert (await house.get("/audit", token=None, headers={"Cookie": kim.cookies})).status == 403
        assert (await kim.post("/audit/undo", {"id": "1"})).status == 403
        assert "one.example" in [rule.name for rule in await house.service.ruling.every()]

    open_house(scenario)
