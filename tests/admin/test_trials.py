"""Trying a list out, where it is not seen through the API's own tests."""

from __future__ import annotations

import asyncio
import pathlib
from typing import Any

import msgspec
import pytest

from resolver.admin.listbodies import Trying
from resolver.config.log import Log
from resolver.errors import ApiError
from resolver.lists.catalogue import Preset
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import row


def test_a_list_of_the_catalogue(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        tried = await house.tried(Trying(id="starter"))
        assert (tried.rules, tried.kind, tried.syntax, tried.refused) == (1, "block", "adblock", "")
        assert [one.id for one in tried.overlaps] == ["starter"]
        assert (await house.tried(Trying(id="starter", kind="allow"))).kind == "allow"

    open_house(scenario)


def test_a_preset_is_several_lists(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.catalogue.presets["all"] = Preset("all", "All", "all", ("starter", "other"))
        with pytest.raises(ApiError) as caught:
            await house.tried(Trying(id="all"))
        assert str(caught.value) == 'the catalogue has no list "all": it is a preset; try one of starter, other'

    open_house(scenario)


@pytest.mark.parametrize("privacy", ["no-name", "off"])
def test_a_log_without_names_says_so(open_house: Opener, privacy: Any) -> None:
    config = msgspec.structs.replace(config_of(open_house.lists), log=Log(privacy=privacy))

    async def scenario(house: House) -> None:
        await house.journal([row("", "pass")])
        tried = await house.tried(Trying(id="starter"))
        assert (tried.blocks, tried.allows) == (None, None)
        assert tried.unknown == f"the log keeps no names (log.privacy is {privacy})"
        assert tried.names == 1

    open_house(scenario, config=config)


def test_a_log_that_cannot_be_read_says_so(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.database.close()
        tried = await house.tried(Trying(id="starter"))
        assert tried.unknown.startswith("the log cannot be read now: ")
        assert (tried.blocks, tried.allows, tried.names) == (None, None, 1)

    open_house(scenario)


def test_one_at_a_time_and_each_gets_its_answer(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = 0, 0

    async def scenario(house: House) -> None:
        trials = house.service.trials
        tried = trials._tried

        def slow(*arguments: Any) -> Any:
            nonlocal now, most
            now += 1
            most = max(most, now)
            try:
                return tried(*arguments)
            finally:
                now -= 1

        monkeypatch.setattr(trials, "_tried", slow)
        found = await asyncio.gather(*(house.tried(Trying(id="starter")) for _ in range(4)))
        assert [one.names for one in found] == [1] * 4
        assert most == 1

    open_house(scenario)


def test_nothing_is_left_behind(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        def there() -> list[pathlib.Path]:
            return sorted(one for one in open_house.state.rglob("*") if one.name != "welcome")

        before = there()
        await house.tried(Trying(id="starter"))
        assert there() == before

    open_house(scenario)
