"""What the page says of lists: their state, versions that were refused, and what shadow lists would have done."""

import pathlib

import msgspec
import pytest

from resolver.admin.listbodies import Quality
from resolver.config.schema import Config
from resolver.lists.bodies import ListState, Refused
from resolver.lists.update import Lists
from tests.admin.household import House, Opener, config_of
from tests.admin.pages.test_home import HOSTILE, MARKUP, look
from tests.admin.parts import NOON, row


def test_lists_and_their_state(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        (open_house.lists / "ads.txt").rename(open_house.lists / "away")
        try:
            await house.api("POST", "lists/ads/refresh")
        finally:
            (open_house.lists / "away").rename(open_house.lists / "ads.txt")
        text = " ".join((await look(house)).text.split())
        assert "▲ failing: " in text
        assert "● ok" in text

    open_house(scenario)


def shadowed(lists: pathlib.Path) -> Config:
    config = config_of(lists)
    ads, starter = config.lists
    return msgspec.structs.replace(config, lists=(msgspec.structs.replace(ads, mode="shadow"), starter))


def test_what_shadow_lists_would_have_blocked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        text = " ".join((await look(house)).text.split())
        assert "shadow: blocks nothing" in text
        assert "No shadow list has met a name of its own yet." in text
        await house.journal([row(HOSTILE, "pass", shadow=f"ads: {MARKUP}"), row("plain.example", "pass")])
        page = await look(house)
        text = " ".join(page.text.split())
        assert "would have been blocked by ads: <script>alert(1)</script>" in text
        assert "plain.example" not in text
        assert not page.all("script")
        assert not page.all("img")
        sections = [section["aria-labelledby"] for section in page.all("section")]
        assert sections == [heading["id"] for heading in page.all("h1") + page.all("h2")]

    open_house(scenario, config=shadowed(open_house.lists))


def test_without_shadow_lists_there_is_nothing_of_them(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert "Would have been blocked" not in (await look(house)).text

    open_house(scenario)


def test_a_refused_version_with_its_reason_and_a_way_to_take_it(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = Lists.states

    def hostile(lists: Lists) -> list[ListState]:
        refused = Refused(MARKUP, NOON, 5, 100, "ab" * 32)
        return [msgspec.structs.replace(one, refused=refused, note=MARKUP, state="failing") for one in states(lists)]

    async def scenario(house: House) -> None:
        monkeypatch.setattr(Lists, "states", hostile)
        page = await look(house)
        text = " ".join(page.text.split())
        assert "▲ failing: a new version was refused: <script>alert(1)</script>" in text
        assert "To take it anyway: lull lists accept ads" in text
        assert "An older version is in force: <script>" in text
        assert "\\u202e" in text
        assert not page.all("script")
        forms = [form for form in page.all("form") if form["action"] == "/lists/accept"]
        assert len(forms) == 2
        assert not [form for form in page.all("form") if form["action"] == "/lists/rollback"], "there is one version"

    open_house(scenario)


def test_advice_is_shown_once_it_is_known(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        measured = await house.service.listing.every()
        found = {one.id: msgspec.structs.replace(one.quality or Quality(0.0), advice=MARKUP) for one in measured}
        known = house.service.listing._measured
        assert known is not None
        house.service.listing._measured = msgspec.structs.replace(known, found=found)
        page = await look(house)
        assert "It <script>alert(1)</script>" in " ".join(page.text.split())
        assert not page.all("script")

    open_house(scenario)
