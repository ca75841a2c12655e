"""Lists as people handle them, where it is not seen through the API: when their quality is looked into."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from resolver.admin import listing
from resolver.admin.listbodies import Quality, Trying
from resolver.admin.listing import FRESH
from resolver.admin.quality import look
from resolver.config.log import Log
from resolver.config.people import Group
from resolver.errors import ApiError
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import row


def quality(house: House, id: str = "ads") -> Quality | None:
    return next(one.quality for one in house.service.listing.known() if one.id == id)


def counting(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    looks: list[object] = []

    def counted(*arguments: Any) -> Any:
        looks.append(arguments)
        return look(*arguments)

    monkeypatch.setattr(listing, "look", counted)
    return looks


def test_it_is_looked_into_when_somebody_asks_and_then_not_for_a_while(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = counting(monkeypatch)

    async def scenario(house: House) -> None:
        assert quality(house) is None
        await asyncio.gather(*(house.service.listing.every() for _ in range(5)))
        assert len(looks) == 1
        await house.journal([row("t.ads.example", count=3)])
        house.clock.now += FRESH[0] - 1
        await house.service.listing.every()
        found = quality(house)
        assert found is not None
        assert (found.hits, len(looks)) == (0, 1)
        house.clock.now += 1
        await house.service.listing.every()
        found = quality(house)
        assert found is not None
        assert (found.hits, len(looks)) == (3, 2)

    open_house(scenario)


@pytest.mark.parametrize(("took", "fresh"), [(0.1, 30.0), (2.0, 200.0), (60.0, 600.0)])
def test_what_takes_long_is_done_seldom(
    open_house: Opener, monkeypatch: pytest.MonkeyPatch, took: float, fresh: float
) -> None:
    looks: list[object] = []

    async def scenario(house: House) -> None:
        def slow(*arguments: Any) -> Any:
            house.clock.now += took
            looks.append(arguments)
            return look(*arguments)

        monkeypatch.setattr(listing, "look", slow)
        await house.service.listing.every()
        house.clock.now += fresh - took - 0.01
        await house.service.listing.every()
        assert len(looks) == 1
        house.clock.now += 0.02
        await house.service.listing.every()
        assert len(looks) == 2

    open_house(scenario)


def test_it_is_looked_into_anew_when_the_lists_are_others(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = counting(monkeypatch)

    async def scenario(house: House) -> None:
        await house.service.listing.every()
        house.service.config = msgspec.structs.replace(house.service.config, groups={"default": Group(lists=("ads",))})
        await house.service.publish()
        await house.service.listing.every()
        assert len(looks) == 2

    open_house(scenario)


@pytest.mark.parametrize("privacy", ["no-name", "off"])
def test_a_log_without_names_says_so(open_house: Opener, privacy: Any) -> None:
    config = msgspec.structs.replace(config_of(open_house.lists), log=Log(privacy=privacy))

    async def scenario(house: House) -> None:
        await house.service.listing.every()
        found = quality(house)
        assert found is not None
        assert (found.hits, found.own, found.allowed_later) == (None, None, None)
        assert found.unknown == f"the log keeps no names (log.privacy is {privacy})"

    open_house(scenario, config=config)


def test_a_log_that_cannot_be_read_says_so_and_lists_are_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.database.close()
        every = await house.service.listing.every()
        assert [one.id for one in every] == ["ads", "starter"]
        found = quality(house)
        assert found is not None
        assert found.hits is None
        assert found.unknown.startswith("the log cannot be read now: ")

    open_house(scenario)


def test_what_people_allowed_afterwards_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", count=3), row("x.track.example")])
        await house.api("POST", "rules", {"action": "allow", "name": "t.ads.example"})
        await house.service.listing.every()
        found = quality(house)
        assert found is not None
        assert (found.hits, found.own, found.allowed_later) == (4, 4, 3)

    open_house(scenario)


def test_a_shadow_list_blocks_nothing_and_is_credited(open_house: Opener) -> None:
    before = config_of(open_house.lists)
    lists = tuple(msgspec.structs.replace(one, mode="shadow") if one.id == "ads" else one for one in before.lists)
    config = msgspec.structs.replace(before, lists=lists)

    async def scenario(house: House) -> None:
        why = await house.service.whys.why("t.ads.example", "", 1)
        assert why.verdict == "pass"
        assert [(one.rule, one.lost) for one in why.matched] == [("ads: ||ads.example^", "the list is in shadow mode")]
        await house.journal([row("t.ads.example", "pass", shadow="ads: ||ads.example^", count=6)])
        await house.service.listing.every()
        found = quality(house)
        assert found is not None
        assert (found.hits, found.own) == (6, 6)

    open_house(scenario, config=config)


def test_before_there_is_a_policy_lists_are_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.publisher.bundle = None
        assert [one.quality for one in await house.service.listing.every()] == [None, None]
        with pytest.raises(ApiError) as caught:
            await house.tried(Trying(url="https://example.org/"))
        assert (caught.value.status, caught.value.code) == (503, "not-ready")

    open_house(scenario)
