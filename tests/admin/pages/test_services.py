"""The page of services: what a group blocks in one word, and whose search is safe."""

from __future__ import annotations

import re

import pytest

from resolver.config.offered import Offered
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import check_harmless, furnish, notice, text_of
from tests.admin.pages.test_home import MARKUP

PAGE = "/services"
GAMES = [one.id for one in Offered.load().services.values() if one.kind == "games"]


def ticked(page: str, prefix: str = "on-") -> list[str]:
    return re.findall(rf'name="{prefix}([a-z0-9-]+)" value="yes" checked', page)


def blocks(house: House, group: str = "kids") -> list[str]:
    found: list[str] = house.service.choices.value(f"groups.{group}.services")
    return found


def test_what_groups_block_by_kind(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        text = text_of(await browser.page(f"{PAGE}?group=teens"))
        assert f"Games all {len(GAMES)}" in text
        assert "Social networks 1 of" in text
        assert ": TikTok" in text
        text = text_of(await browser.page(f"{PAGE}?group=kids"))
        assert f"Games none of {len(GAMES)} some while study is in force" in text
        page = await browser.page(PAGE)
        assert '<option value="default" selected>' in page
        assert len(page) < 38_000
        reply = await house.get(f"{PAGE}?group=nobody", token=None, headers={"Cookie": browser.cookies})
        assert reply.status == 404

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_services_of_a_kind_are_ticked(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        at = f"{PAGE}?group=kids&kind=social"
        page = await browser.page(at)
        assert ticked(page) == ["tiktok"]
        assert "TikTok <small>also for teens</small>" in page
        assert "Roblox <small>while study is in force, also for teens</small>" in await browser.page(
            f"{PAGE}?group=kids&kind=games"
        )
        assert len(await browser.page(f"{PAGE}?group=kids&kind=games")) < 38_000
        fields = {"group": "kids", "kind": "social", "q": "", "back": at, "on-facebook": "yes", "on-roblox": "yes"}
        reply = await browser.post(f"{PAGE}/save", fields)
        assert (reply.status, reply.location) == (303, at)
        assert await notice(browser, at) == "● Group kids blocks one service now."
        assert blocks(house) == ["facebook"], "what was not shown cannot be ticked"
        page = await browser.page(at)
        assert ticked(page) == ["facebook"]
        assert "Chosen here by anna" in text_of(page)
        assert (await house.service.whys.why("www.facebook.com", "192.0.2.21", 1)).verdict == "block"
        assert (await house.service.whys.why("www.tiktok.com", "192.0.2.21", 1)).verdict == "pass"
        await browser.post(f"{PAGE}/save", {"group": "kids", "kind": "games", "all": "yes", "back": at})
        assert blocks(house) == ["games", "facebook"], "in one word, and the others stay"
        assert await notice(browser, at) == f"● Group kids blocks {len(GAMES) + 1} services now."
        await browser.post(f"{PAGE}/save", {"group": "kids", "kind": "games", "all": "yes", "back": at})
        assert await notice(browser, at) == "● Group kids blocks what it did before."
        await browser.post("/groups/as-file", {"group": "kids", "part": "services", "back": at})
        assert ticked(await browser.page(at)) == ["tiktok"]

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_services_are_sought(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        page = await browser.page(f"{PAGE}?group=kids&q=TikT")
        assert re.findall(r'name="on-([a-z0-9-]+)"', page) == ["tiktok"]
        await browser.post(f"{PAGE}/save", {"group": "kids", "kind": "", "q": "tikt"})
        assert blocks(house) == []
        page = await browser.page(f"{PAGE}?group=teens&kind=games&q=tiktok")
        assert ticked(page) == ["tiktok"], "what is sought, of whatever kind"
        page = await browser.page(f"{PAGE}?group=kids&q={MARKUP[:25]}")
        check_harmless(page)
        assert "No service is called like" in text_of(page)

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_search_is_made_safe(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = Offered.load().engines

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        at = f"{PAGE}?group=kids"
        await browser.post(f"{PAGE}/safe", {"group": "kids", "safe-google": "yes", "safe-bing": "yes", "back": at})
        assert await notice(browser, at) == "● The search of group kids is safe on Google and Bing now."
        assert ticked(await browser.page(at), "safe-") == ["google", "bing"]
        assert (await house.service.whys.why("www.google.com", "192.0.2.21", 1)).verdict == "rewrite"
        both = {"group": "kids", "safe-youtube": "yes", "safe-youtube-moderate": "yes"}
        reply = await browser.post(f"{PAGE}/safe", both)
        assert reply.status == 400
        assert "exclude each other; keep one" in text_of(reply.text)
        assert ticked(reply.text, "safe-") == ["youtube", "youtube-moderate"], "what was ticked stays"
        every = {f"safe-{id}": "yes" for id, one in engines.items() if not one.instead}
        await browser.post(f"{PAGE}/safe", {"group": "kids", **every})
        assert house.service.choices.value("groups.kids.safe-search") == ["all"]
        await browser.post(f"{PAGE}/safe", {"group": "kids", "back": at})
        assert await notice(browser, at) == "● The search of group kids is safe on no engine now."

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_who_may_only_look_cannot_save(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        made = await house.api("POST", "tokens", {"name": "reader", "scopes": ["read"]})
        reply = await house.get(f"{PAGE}?group=kids&kind=games", token=made["token"])
        assert reply.status == 200
        assert "<button>Save</button>" not in reply.text

    open_house(scenario, config=furnish(open_house, monkeypatch))
