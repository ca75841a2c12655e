"""What the forms about lists do."""

from __future__ import annotations

import pathlib
import shutil

from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import MARKUP
from tests.admin.pages.test_lists import look, modes, told


def test_a_shadow_and_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        assert "ads is in use as a shadow: it blocks nothing" in await told(browser, "/lists/change", {"shadow": "ads"})
        assert modes(house) == {"ads": "shadow", "starter": "live"}
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "pass"
        page = await look(browser)
        assert "○ shadow: blocks nothing" in page.words
        assert "Which lists these are was chosen here by anna" in page.words
        assert "ads is in use now." in await told(browser, "/lists/change", {"live": "ads"})
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "block"

    open_house(scenario)


def test_out_of_use_undone_and_as_the_file_says(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.post("/lists/change", {"remove": "ads"})
        page = await look(browser)
        assert "ads is in use no more." in page.words
        assert modes(house) == {"starter": "live"}
        (undo,) = [one["value"] for one in page.all("input") if one.get("name") == "id"]
        await browser.post("/audit/undo", {"id": str(undo)})
        assert modes(house) == {"ads": "live", "starter": "live"}
        await browser.post("/lists/change", {"remove": "starter"})
        assert "The lists are those of the config file again." in await told(browser, "/lists/file", {})
        assert modes(house) == {"ads": "live", "starter": "live"}

    open_house(scenario)


def test_lists_that_are_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for path in ("accept", "rollback"):
            for id in ("", "<script>alert(1)</script>\u202e", "none"):
                said = await told(browser, f"/lists/{path}", {"id": id})
                assert "▲ Nothing was changed: no such list in use: " in said
            assert (await browser.post(f"/lists/{path}", {"id": "ads", "form": "0" * 64})).status == 403
        for field in ("live", "shadow", "remove", "accept"):
            assert "Nothing was changed: " in await told(browser, "/lists/change", {field: MARKUP})
        assert "Nothing was changed: " in await told(browser, "/lists/change", {})
        assert "Nothing was changed: " in await told(browser, "/lists/refresh", {"id": MARKUP})
        for id in ("none", "%3Cscript%3E"):
            assert (await house.get(f"/lists/{id}", token=None, headers={"Cookie": browser.cookies})).status == 404
        assert modes(house) == {"ads": "live", "starter": "live"}

    open_house(scenario)


def test_versions_of_a_list(open_house: Opener, tmp_path: pathlib.Path) -> None:
    shutil.copytree(open_house.lists, tmp_path / "lists")
    ads = tmp_path / "lists" / "ads.txt"

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        said = await told(browser, "/lists/rollback", {"id": "ads"})
        assert "Nothing was changed: list ads: there is no version before" in said
        ads.write_text("||other.example^\n")
        await house.api("POST", "lists/ads/refresh")
        page = await look(browser, "/lists/ads")
        assert "Received Rules Size State" in page.words
        assert page.words.count("1 KB") == 2
        assert "/lists/rollback" in [form["action"] for form in page.all("form")]
        assert "● List ads is back to the version before." in await told(browser, "/lists/rollback", {"id": "ads"})
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "block"
        page = await look(browser, "/lists/ads")
        assert "/lists/accept" in [form["action"] for form in page.all("form")]
        assert "newer, not taken" in page.words
        said = await told(browser, "/lists/accept", {"id": "ads"})
        assert "● The newer version of list ads is in force, as you asked." in said
        assert (await house.service.whys.why("t.ads.example", "", 1)).verdict == "pass"
        house.worker.refuses = "no memory"
        said = await told(browser, "/lists/rollback", {"id": "ads"})
        assert "is back to the version before. But not everywhere yet: worker 1: no memory" in said

    open_house(scenario, config=config_of(tmp_path / "lists"))


def test_looking_for_new_versions(open_house: Opener, tmp_path: pathlib.Path) -> None:
    shutil.copytree(open_house.lists, tmp_path / "lists")

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        (tmp_path / "lists" / "ads.txt").write_text("||other.example^\n||more.example^\n")
        reply = await browser.post("/lists/refresh")
        assert reply.status == 303
        assert reply.location.startswith("/lists?job=")
        first = await browser.page(reply.location)
        assert ('http-equiv="refresh"' in first) is ("under way" in first)
        await house.ended(reply.location.partition("=")[2])
        page = await look(browser, reply.location)
        assert "Look for new versions of all lists: done." in page.words
        assert "ads: a new version, with 2 rules" in page.words
        assert "starter: nothing new" in page.words
        assert 'http-equiv="refresh"' not in await browser.page(reply.location)
        reply = await browser.post("/lists/refresh", {"id": "starter"})
        assert reply.location.startswith("/lists/starter?job=")
        await house.ended(reply.location.partition("=")[2])
        assert "starter: nothing new" in (await look(browser, reply.location)).words
        assert "That work is over" in (await look(browser, "/lists?job=0123456789abcdef")).words

    open_house(scenario, config=config_of(tmp_path / "lists"))


def test_a_list_that_a_group_names_stays(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.service.choices.put("groups.kids.lists", ["ads"], "a test")
        page = await look(browser, "/lists/ads")
        assert "Used byeveryone" in page.words
        assert "Used bydefault" in (await look(browser, "/lists/starter")).words
        said = await told(browser, "/lists/change", {"remove": "ads"})
        assert "Nothing was changed: " in said
        assert "groups.kids.lists" in said
        assert modes(house) == {"ads": "live", "starter": "live"}

    open_house(scenario)
