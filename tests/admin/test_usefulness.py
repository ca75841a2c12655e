"""Whether rules are of any use: what is told when one is added, and which could go."""

from __future__ import annotations

import asyncio
import datetime as dt
import zoneinfo

import msgspec
import pytest

from resolver.admin import usefulness
from resolver.admin.bodies import NewPause
from resolver.admin.rulebodies import NewRule
from resolver.admin.usefulness import Usefulness
from resolver.config.people import Group
from resolver.config.schedule import Schedule
from resolver.config.values import SubtreeName
from resolver.journal import frames
from resolver.store.hits import Hits
from resolver.store.rules import Rule
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import until


async def hint(house: House, action: str, name: str, **more: str) -> str:
    new = msgspec.convert({"action": action, "name": name, **more}, NewRule)
    return (await house.service.ruling.add(new, "me")).hint


def test_what_comes_first_is_said(open_house: Opener) -> None:
    always = Schedule(
        begins=dt.time(0), ends=dt.time(0), only=(SubtreeName("school.example"),), zone=zoneinfo.ZoneInfo("UTC")
    )
    asleep = Group(lists=("ads",), schedules=("bedtime",))
    config = msgspec.structs.replace(
        config_of(open_house.lists), groups={"default": Group(), "kids": asleep}, schedules={"bedtime": always}
    )

    async def scenario(house: House) -> None:
        for group in ({"group": "kids"}, {}):
            said = await hint(house, "allow", "t.ads.example", **group)
            assert said.startswith("but schedules: bedtime, always")
            assert said.endswith(" comes first" if group else " comes first for group kids")
        assert await hint(house, "allow", "t.ads.example", group="kids", **{"for": "10m"}) == ""
        await house.service.pausing.begin(NewPause("10m"), "me")
        assert (await hint(house, "deny", "x.example")).startswith("but pause: until ")
        assert await hint(house, "deny", "y.example", **{"for": "10m"}) == "", "a name is more than a pause"

    open_house(scenario, config=config)


def test_a_pause_does_not_make_a_rule_needless(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.pausing.begin(NewPause("10m"), "me")
        assert await hint(house, "allow", "t.ads.example") == ""
        assert await hint(house, "allow", "free.example") == "nothing blocks it now"

    open_house(scenario)


def test_a_worker_that_says_nothing_holds_nobody_up(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        monkeypatch.setattr(type(house.worker), "send", lambda *_: None)
        monkeypatch.setattr("resolver.admin.publish._PATIENCE", 0.05)
        began = asyncio.get_running_loop().time()
        assert await hint(house, "allow", "free.example") == "nothing blocks it now"
        assert asyncio.get_running_loop().time() - began < 1

    open_house(scenario)


def test_without_a_policy_or_for_lines_of_lists_nothing_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        about = Usefulness(house.parts)
        assert await about.hint(Rule("allow", "free.example", id=1, created=1.0, text="||free.example^")) == ""
        house.parts.publisher.bundle = None
        rule = Rule("allow", "free.example", id=1, created=1.0)
        assert await about.hint(rule) == ""
        assert await about.needless([rule], {}, counted=False) == []
        assert [found for found, _ in await about.needless([rule], {rule.key: Hits(0, 1)}, counted=True)] == [rule]
        assert await about.needless([rule], {}, counted=True) == []

    open_house(scenario)


def test_an_alias_that_is_blocked_keeps_a_rule(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        house.worker.told = frames.Told(0, frames.Known(0, 1.0, 9.0, ["x.track.example"]))
        await until(lambda: bool(house.parts.hub.workers))
        rule = Rule("allow", "shop.example", id=1, created=house.clock.now)
        about = Usefulness(house.parts)
        assert await about.needless([rule], {}, counted=True) == []
        house.worker.told = frames.Told(0)
        assert len(await about.needless([rule, rule], {}, counted=True)) == 2
        monkeypatch.setattr(usefulness, "_MOST", 1)
        assert len(await about.needless([rule, rule], {}, counted=True)) == 1, "so many are looked into"

    open_house(scenario)
