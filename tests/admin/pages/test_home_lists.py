"""What the page Now says of lists: those that need attention, and what shadow lists would have done."""

import pathlib

import msgspec
import pytest

from resolver.config.schema import Config
from resolver.lists.bodies import ListState, Refused
from resolver.lists.update import Lists
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import MARKUP, is_harmless, look
from tests.admin.parts import NOON, row


def test_a_list_that_fails_needs_attention(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert "Needs attention" not in (await look(house)).text
        (open_house.lists / "ads.txt").rename(open_house.lists / "away")
        try:
            await house.api("POST", "lists/ads/refresh")
        finally:
            (open_house.lists / "away").rename(open_house.lists / "ads.txt")
        page = await look(house)
        assert "Needs attention list ads: " in page.words
        assert "/lists/ads" in [link["href"] for link in page.all("a")]
        assert page.all("h1")[0]["class"] == "state good", "DNS itself is well"

    open_house(scenario)


def test_a_refused_version_with_its_reason(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    states = Lists.states

    def hostile(lists: Lists) -> list[ListState]:
        refused = Refused(MARKUP, NOON, 5, 100, "ab" * 32)
        return [msgspec.structs.replace(one, refused=refused, note=MARKUP, state="failing") for one in states(lists)]

    async def scenario(house: House) -> None:
        monkeypatch.setattr(Lists, "states", hostile)
        page = await look(house)
        assert "list ads: a new version was refused: <script>alert(1)</script>" in page.words
        assert "to take it anyway: lull lists accept ads Lists" in page.words
        assert "\\u202e" in page.text
        assert is_harmless(page)

    open_house(scenario)


def shadowed(lists: pathlib.Path) -> Config:
    config = config_of(lists)
    ads, starter = config.lists
    return msgspec.structs.replace(config, lists=(msgspec.structs.replace(ads, mode="shadow"), starter))


def test_what_shadow_lists_would_have_blocked_is_in_the_log(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        page = await look(house)
        (link,) = [link["href"] for link in page.all("a") if "shadow" in str(link["href"])]
        assert link == "/log?shadow=*"

    open_house(scenario, config=shadowed(open_house.lists))


def test_without_shadow_lists_there_is_nothing_of_them(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        assert "shadow" not in (await look(house)).text

    open_house(scenario)
