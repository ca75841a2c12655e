"""Choosing services: what is written, in as few words as there are, and what stays."""

from __future__ import annotations

import asyncio

import pytest

from resolver.errors import ApiError
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import furnish


def test_what_is_not_among_those_shown_stays(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        serving, value = house.service.serving, house.service.choices.value
        files = [one.id for one in serving.every().services if one.kind == "files"]
        await serving.block("kids", files, files, "anna")
        assert value("groups.kids.services") == ["files", "tiktok"]
        await serving.block("kids", files[:1], [], "anna")
        assert value("groups.kids.services") == ["tiktok", *files[1:]]
        await serving.block("kids", ["tiktok"], ["tiktok", "facebook"], "anna")
        assert "facebook" not in value("groups.kids.services"), "nobody saw that one"
        with pytest.raises(ApiError, match='there is no group "kid"; did you mean "kids"') as refused:
            await serving.block("kid", [], [], "anna")
        assert refused.value.status == 404

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_engines_are_all_or_some(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        serving, value = house.service.serving, house.service.choices.value
        every = [one.id for one in serving.every().engines if one.id != "youtube-moderate"]
        await serving.make_safe("kids", every, "anna")
        assert value("groups.kids.safe-search") == ["all"]
        assert [one.groups for one in serving.every().engines].count(["kids"]) == len(every)
        await serving.make_safe("kids", ["youtube-moderate", "none such"], "anna")
        assert value("groups.kids.safe-search") == ["youtube-moderate"]
        await serving.make_safe("kids", [], "anna")
        assert value("groups.kids.safe-search") == []
        with pytest.raises(ApiError):
            await serving.make_safe("nobody", [], "anna")

    open_house(scenario, config=furnish(open_house, monkeypatch))


def test_two_who_choose_at_once_both_have_it(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        block = house.service.serving.block
        await asyncio.gather(*(block("kids", [id], [id], "anna") for id in ("facebook", "instagram", "roblox")))
        there = house.service.config.groups["kids"].services
        assert {"tiktok", "facebook", "instagram", "roblox"} == set(there)

    open_house(scenario, config=furnish(open_house, monkeypatch))
