"""Planning where it is not seen through the API: without a policy, without a database, for devices by their names."""

from __future__ import annotations

import pathlib

import pytest

from resolver.admin.planbodies import NewScheduleChange
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.errors import ApiError
from tests.admin.household import House, Opener
from tests.admin.parts import NOON

CONFIG = b"""
upstreams: ["udp://192.0.2.53"]
lists: [{id: ads, file: ads.txt}, {id: starter, file: starter.txt}]
devices:
  Tablet: {addresses: [192.0.2.20, "2001:db8::20"]}
  Robot: {mac: "02:00:5e:10:00:01"}
groups:
  default: {lists: [ads]}
  kids: {clients: [192.0.2.20, "2001:db8::/64", Robot], lists: [], schedules: [bedtime]}
schedules:
  bedtime: {from: "21:00", to: "06:30", zone: UTC, only: [school.example]}
"""


def config_of(lists: pathlib.Path) -> Config:
    return parse(CONFIG, lists / "lull.yaml", Known())


async def verdict(house: House, client: str) -> str:
    return (await house.service.whys.why("www.example", client, 1)).verdict


def test_a_device_is_changed_wherever_it_is(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for given in ("Tablet", "192.0.2.20"):
            made = await house.service.planning.change("bedtime", NewScheduleChange("on", 60, given), "ada")
            assert (made.change.client, made.change.who) == ("Tablet", "ada")
        assert [await verdict(house, client) for client in ("192.0.2.20", "2001:db8::20")] == ["block"] * 2
        (bedtime,) = await house.service.planning.every()
        standing = bedtime.standing[-1]
        assert (standing.client, standing.in_force, standing.until) == ("Tablet", True, NOON + 60)
        assert (await house.service.planning.normal("bedtime", "tablet", "", "ada")).ended == 1
        assert await verdict(house, "2001:db8::20") == "pass"

    open_house(scenario, config=config_of(open_house.lists))


def test_a_device_that_is_nowhere_now_has_the_group_that_it_was_given(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        made = await house.service.planning.change("bedtime", NewScheduleChange("on", client="robot"), "ada")
        assert made.change.client == "Robot"
        (bedtime,) = await house.service.planning.every()
        assert [(one.client, one.in_force) for one in bedtime.standing] == [("", False), ("Robot", True)]

    open_house(scenario, config=config_of(open_house.lists))


def test_without_a_policy(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.publisher.bundle = None
        with pytest.raises(ApiError) as caught:
            await house.service.planning.every()
        assert (caught.value.status, caught.value.code) == (503, "not-ready")

    open_house(scenario, config=config_of(open_house.lists))


def test_without_a_database_nothing_is_changed(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.database.close()
        with pytest.raises(ApiError) as caught:
            await house.service.planning.change("bedtime", NewScheduleChange("on"), "ada")
        assert (caught.value.status, caught.value.code) == (503, "store")
        assert await verdict(house, "192.0.2.20") == "pass"

    open_house(scenario, config=config_of(open_house.lists))


def test_what_is_not_everywhere_yet_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.worker.refuses = "it is damaged"
        made = await house.service.planning.change("bedtime", NewScheduleChange("on"), "ada")
        assert (made.effective, made.note) == (False, "worker 1: it is damaged")
        done = await house.service.planning.normal("bedtime", "", "", "ada")
        assert (done.ended, done.effective, done.note) == (1, False, "worker 1: it is damaged")
        house.worker.refuses = ""

    open_house(scenario, config=config_of(open_house.lists))
