"""Schedules over the API. It is Thursday, 12:00 in UTC."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from tests.admin.household import House, Opener
from tests.admin.parts import NOON

HOUR = 3600
KID, BROTHER, GUEST, GROWN = "192.0.2.20", "192.0.2.21", "192.0.2.30", "192.0.2.10"
NINE, HALF_SIX = NOON + 9 * HOUR, NOON + 18 * HOUR + HOUR // 2

CONFIG = """
upstreams: ["udp://192.0.2.53"]
lists: [{id: ads, file: ads.txt}, {id: starter, file: starter.txt}]
groups:
  default: {lists: [ads]}
  kids: {clients: [192.0.2.20, 192.0.2.21], lists: [ads], schedules: [bedtime, study]}
  guests: {clients: [192.0.2.30], lists: [], schedules: [bedtime]}
schedules:
  bedtime: {days: [mon, thu], from: "21:00", to: "06:30", zone: UTC, only: [school.example]}
  study: {days: [sat], from: "10:00", to: "12:00", zone: UTC, block: [games.example]}
  unused: {from: "00:00", to: "00:00", zone: UTC, only: []}
"""


def config_of(lists: pathlib.Path) -> Config:
    return parse(CONFIG.encode(), lists / "lull.yaml", Known())


async def blocked(house: House, client: str) -> bool:
    return (await house.service.whys.why("www.example", client, 1)).verdict == "block"


async def info(house: House, name: str = "bedtime") -> Any:
    return next(one for one in await house.api("GET", "schedules") if one["name"] == name)


def test_schedules_as_they_are(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        bedtime, study, unused = await house.api("GET", "schedules")
        assert bedtime == {
            "name": "bedtime",
            "days": ["mon", "thu"],
            "from": "21:00",
            "to": "06:30",
            "zone": "UTC",
            "groups": ["kids", "guests"],
            "standing": [
                {"client": "", "group": group, "in_force": False, "until": NINE} for group in ("kids", "guests")
            ],
            "changes": [],
        }
        assert (study["days"], study["groups"]) == (["sat"], ["kids"])
        assert (unused["groups"], unused["standing"]) == ([], [])
        house.clock.now = NINE
        assert (await info(house))["standing"][0] == {
            "client": "",
            "group": "kids",
            "in_force": True,
            "until": HALF_SIX,
        }

    open_house(scenario, config=config_of(open_house.lists))


def test_weeks_as_they_will_be(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "schedules/bedtime/changes", {"do": "more", "for": "30m", "client": KID})
        weeks = await house.api("GET", "schedules/weeks")
        assert [(one["schedule"], one["group"], one["client"]) for one in weeks] == [
            ("bedtime", "kids", ""),
            ("bedtime", "guests", ""),
            ("bedtime", "", KID),
            ("study", "kids", ""),
            ("unused", "", ""),
        ]
        night = {"on": True, "begins": NINE, "until": HALF_SIX, "why": ""}
        assert weeks[0]["stretches"][0] == weeks[1]["stretches"][0] == night
        off = {"on": False, "begins": NINE, "until": NINE + 1800, "why": "30 more minutes"}
        assert weeks[2]["stretches"][:2] == [off, {**night, "begins": NINE + 1800}]
        (always,) = weeks[4]["stretches"]
        assert always["until"] - always["begins"] == 7 * 24 * HOUR

    open_house(scenario, config=config_of(open_house.lists))


def test_what_never_ends_says_so(open_house: Opener) -> None:
    config = CONFIG.replace("[bedtime, study]", "[unused]").encode()

    async def scenario(house: House) -> None:
        assert (await info(house, "unused"))["standing"] == [
            {"client": "", "group": "kids", "in_force": True, "until": None}
        ]

    open_house(scenario, config=parse(config, open_house.lists / "lull.yaml", Known()))


def test_thirty_more_minutes_for_one_child(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now = NINE
        assert await blocked(house, KID)
        reply = await house.call(
            "POST", "/api/v1/schedules/bedtime/changes", json={"do": "more", "for": "30m", "client": KID}
        )
        assert reply.status == 201
        change = reply.json["change"]
        assert reply.json == {"change": change, "until": NINE + 1800, "effective": True, "note": "", "hint": ""}
        assert change == {
            "id": change["id"],
            "schedule": "bedtime",
            "on": False,
            "begins": NINE,
            "until": NINE + 1800,
            "client": KID,
            "group": "",
            "why": "30 more minutes",
            "who": "api (127.0.0.1)",
            "created": NINE,
        }
        assert [await blocked(house, client) for client in (KID, BROTHER, GUEST)] == [False, True, True]
        shown = await info(house)
        assert shown["changes"] == [change]
        assert shown["standing"] == [
            {"client": "", "group": "kids", "in_force": True, "until": HALF_SIX},
            {"client": "", "group": "guests", "in_force": True, "until": HALF_SIX},
            {"client": KID, "group": "", "in_force": False, "until": NINE + 1800},
        ]
        house.clock.now = NINE + 1800
        assert await blocked(house, KID)
        assert (await info(house))["changes"] == []

    open_house(scenario, config=config_of(open_house.lists))


def test_not_today_for_a_group_and_for_everyone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        made = await house.api("POST", "schedules/bedtime/changes", {"do": "off", "group": "kids"})
        assert (made["change"]["begins"], made["change"]["until"]) == (NOON, HALF_SIX)
        house.clock.now = NINE
        assert [await blocked(house, client) for client in (KID, GUEST)] == [False, True]
        await house.api("POST", "schedules/bedtime/changes", {"do": "off"})
        assert [await blocked(house, client) for client in (KID, GUEST)] == [False, False]
        assert len((await info(house))["changes"]) == 2

    open_house(scenario, config=config_of(open_house.lists))


def test_start_now_and_back_to_normal(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        made = await house.api("POST", "schedules/bedtime/changes", {"do": "on", "group": "kids"})
        assert (made["change"]["until"], made["change"]["why"]) == (HALF_SIX, "started now")
        assert [await blocked(house, client) for client in (KID, GUEST, GROWN)] == [True, False, False]
        assert await house.api("DELETE", "schedules/bedtime/changes?group=guests") == {
            "ended": 0,
            "effective": True,
            "note": "",
        }
        assert await blocked(house, KID)
        assert (await house.api("DELETE", "schedules/bedtime/changes?group=kids"))["ended"] == 1
        assert not await blocked(house, KID)
        made = await house.api("POST", "schedules/bedtime/changes", {"do": "on", "for": 60, "client": GUEST})
        assert made["change"]["until"] == NOON + 60
        assert [await blocked(house, client) for client in (KID, GUEST)] == [False, True]

    open_house(scenario, config=config_of(open_house.lists))


def test_back_to_normal_for_all_is_one_change(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for whom in ({"group": "kids"}, {"client": GUEST}, {}):
            await house.api("POST", "schedules/bedtime/changes", {"do": "on", **whom})
        await house.api("POST", "schedules/study/changes", {"do": "on"})
        assert (await house.api("DELETE", "schedules/bedtime/changes"))["ended"] == 3
        assert not await blocked(house, GUEST)
        assert ((await info(house))["changes"], len((await info(house, "study"))["changes"])) == ([], 1)
        newest = (await house.api("GET", "changes"))["entries"][0]
        await house.api("POST", f"changes/{newest['id']}/undo")
        assert len((await info(house))["changes"]) == 3
        assert await blocked(house, GUEST)

    open_house(scenario, config=config_of(open_house.lists))


def test_a_new_change_takes_the_place_of_the_one_before(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for minutes in (30, 60):
            made = await house.api("POST", "schedules/bedtime/changes", {"do": "more", "for": "30m", "group": "kids"})
            assert (made["change"]["begins"], made["change"]["until"]) == (NINE, NINE + 60 * minutes)
        assert [one["why"] for one in (await info(house))["changes"]] == ["1 more hour"]

    open_house(scenario, config=config_of(open_house.lists))


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("nap", {"do": "off"}, 404, 'there is no schedule "nap"; the config has bedtime, study, unused'),
        ("%1b%5b2J", {"do": "off"}, 404, 'there is no schedule "\\x1b[2J"; the config has'),
        ("study", {"do": "off"}, 409, "study does not begin today; the next time is sat 10:00"),
        ("unused", {"do": "off"}, 409, "no group has the schedule unused: add it to one's schedules in the config"),
        (
            "study",
            {"do": "on", "group": "guests"},
            409,
            "group guests does not have the schedule study; groups that do:",
        ),
        (
            "bedtime",
            {"do": "on", "client": GROWN},
            409,
            "192.0.2.10 is in group default, which does not have the sched",
        ),
        ("bedtime", {"do": "on", "group": "cats"}, 400, 'there is no group "cats"; the config has default, '),
        ("bedtime", {"do": "on", "group": "kids", "client": KID}, 400, "give a client or a group, not both"),
        ("bedtime", {"do": "on", "for": "soon"}, 400, '"soon" is not a duration'),
        ("bedtime", {"do": "on", "for": 0}, 400, "a duration is more than nothing"),
        ("bedtime", {"do": "more", "for": "2d"}, 400, "more than a day is no extension"),
        ("bedtime", {"do": "nap"}, 400, "Invalid enum value 'nap'"),
        ("bedtime", {}, 400, 'Object missing required field "do"'),
    ],
)
def test_refusals(open_house: Opener, path: str, body: object, status: int, message: str) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call("POST", f"/api/v1/schedules/{path}/changes", json=body)
        assert reply.status == status, reply.text
        assert reply.error["message"].startswith(message)
        assert all(not one["changes"] for one in await house.api("GET", "schedules"))

    open_house(scenario, config=config_of(open_house.lists))


def test_back_to_normal_of_what_is_not_there(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert (await house.call("DELETE", "/api/v1/schedules/nap/changes")).status == 404
        assert (await house.call("DELETE", "/api/v1/schedules/bedtime/changes?group=cats")).status == 400
        assert (await house.call("DELETE", "/api/v1/schedules/bedtime/changes?who=me")).status == 400

    open_house(scenario, config=config_of(open_house.lists))


def test_what_truly_is_is_told(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now = NINE - 1800
        early = await house.api("POST", "schedules/bedtime/changes", {"do": "on", "for": "1h", "client": KID})
        assert (early["change"]["until"], early["until"], early["hint"]) == (NINE + 1800, HALF_SIX, "")
        await house.api("DELETE", "schedules/bedtime/changes")
        idle = await house.api("POST", "schedules/study/changes", {"do": "off", "for": "1h", "group": "kids"})
        assert idle["until"] == NINE + 1800
        assert idle["hint"] == "it would not be in force before sat 10:00 anyway"
        house.clock.now = NINE + 1800
        refused = await house.call("POST", "/api/v1/schedules/bedtime/changes", json={"do": "on", "for": "1h"})
        assert (refused.status, refused.error["message"]) == (409, "bedtime is in force already, until 06:30")

    open_house(scenario, config=config_of(open_house.lists))
