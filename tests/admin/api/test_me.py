"""What members see of their own device and ask for, and what becomes of that."""

from __future__ import annotations

from typing import Any

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, House, Opener
from tests.admin.parts import NOON, row

KIM, OTHER = "192.0.2.10", "192.0.2.11"
NAME = "t.ads.example"


CONFIG = b"""
upstreams: ["udp://192.0.2.53"]
lists: [{id: ads, file: ads.txt}, {id: starter, file: starter.txt}]
groups:
  default: {lists: [ads]}
  kids: {clients: [192.0.2.10], lists: [ads], schedules: [bedtime]}
schedules:
  bedtime: {from: "12:30", to: "20:00", zone: UTC, only: [school.example]}
"""


def with_bedtime(open_house: Opener) -> Config:
    return parse(CONFIG, open_house.lists / "lull.yaml", Known())


async def verdict(house: House, name: str, client: str = KIM) -> str:
    return (await house.service.whys.why(name, client, 1)).verdict


async def me(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.ask("GET", "me")).json
    return found


def test_one_sees_what_was_blocked_on_ones_own_device_alone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        rows = [
            row(NAME, client=KIM, count=3),
            row("of.another.ads.example", client=OTHER),
            row("fine.example", "pass", client=KIM),
        ]
        await house.journal(rows)
        await house.journal([row("long.ago.ads.example", client=KIM)], NOON - 3600)
        found = await me(await house.sign_in("kim"))
        assert found == {
            "name": "kim",
            "device": KIM,
            "grants": False,
            "blocked": [{"at": NOON - 60, "name": NAME, "count": 3, "list": "ads"}],
            "schedules": [],
            "paused": None,
            "requests": [],
            "unread": "",
        }

    open_house(scenario)


def test_a_device_that_nobody_knows_shows_nothing_rather_than_all(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row(NAME, client=KIM)])
        await house.api("PUT", f"clients/{KIM}", {"name": "tablet"})
        await house.add("kim", device="tablet")
        kim = await house.sign_in("kim")
        assert (await me(kim))["blocked"]
        await house.api("DELETE", "clients/tablet")
        found = await me(kim)
        assert (found["blocked"], found["unread"]) == ([], "nobody knows an address of this device yet")

    open_house(scenario)


def test_an_admin_grants_a_name(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim, anna = await house.sign_in("kim"), await house.sign_in()
        asked = await kim.ask("POST", "me/requests", {"name": NAME.upper(), "for": "30m"})
        assert asked.status == 201
        request = asked.json["request"]
        assert (request["name"], request["seconds"], request["state"]) == (f"{NAME}", 1800, "waiting")
        assert await verdict(house, NAME) == "block"
        assert (await house.api("GET", "status"))["requests"] == 1
        assert NAME in await anna.page()
        again = await kim.ask("POST", "me/requests", {"name": NAME})
        assert (again.status, again.error["code"]) == (409, "conflict")
        assert [one["id"] for one in await house.api("GET", "requests?waiting=true")] == [request["id"]]
        done = (await anna.ask("POST", f"requests/{request['id']}/grant", {"for": "10m"})).json
        assert (done["effective"], done["request"]["state"], done["request"]["seconds"]) == (True, "granted", 600)
        assert done["request"]["who"] == f"{ADMIN} (127.0.0.1)"
        assert await verdict(house, NAME) == "allow"
        assert await verdict(house, NAME, OTHER) == "block"
        (rule,) = [one for one in await house.api("GET", "rules") if one["origin"] == "api"]
        assert (rule["until"], rule["client"], rule["who"]) == (NOON + 600, KIM, f"{ADMIN} (127.0.0.1)")
        assert (await anna.ask("POST", f"requests/{request['id']}/grant", {})).status == 409
        assert (await house.api("GET", "status"))["requests"] == 0
        assert [one["state"] for one in (await me(kim))["requests"]] == ["granted"]

    open_house(scenario)


def test_an_admin_refuses(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        id = (await kim.ask("POST", "me/requests", {"name": NAME})).json["request"]["id"]
        done = await house.api("POST", f"requests/{id}/refuse")
        assert done["request"]["state"] == "refused"
        assert await verdict(house, NAME) == "block"
        assert (await house.call("POST", "/api/v1/requests/99/refuse")).status == 404
        told = [one["what"] for one in (await house.api("GET", "changes"))["entries"]]
        assert f"refuse kim {NAME} for 30m" in told
        assert f"ask for {NAME} for 30m for {KIM}" in told

    open_house(scenario)


def test_who_may_grants_themselves_at_once(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", grants=True)
        kim = await house.sign_in("kim")
        done = (await kim.ask("POST", "me/requests", {"name": NAME, "for": "20m"})).json
        assert (done["request"]["state"], done["request"]["who"]) == ("granted", "kim (127.0.0.1)")
        assert await verdict(house, NAME) == "allow"
        assert await verdict(house, NAME, OTHER) == "block"
        house.clock.now += 1201
        assert await verdict(house, NAME) == "block"

    open_house(scenario)


def test_nobody_grants_themselves_more_than_an_hour(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", grants=True)
        kim = await house.sign_in("kim")
        for wrong in ("61m", "1d", "0s", "-1h", "soon", -60, 0):
            reply = await kim.ask("POST", "me/requests", {"name": NAME, "for": wrong})
            assert (reply.status, reply.error["path"]) == (400, "for"), wrong
        for _ in range(2):
            assert (await kim.ask("POST", "me/requests", {"name": NAME, "for": "30m"})).json["request"][
                "state"
            ] == "granted"
        more = (await kim.ask("POST", "me/requests", {"name": NAME, "for": "1m"})).json["request"]
        assert more["state"] == "waiting", "the hour is over: somebody else decides"
        other = (await kim.ask("POST", "me/requests", {"name": "track.example", "for": "1m"})).json["request"]
        assert other["state"] == "granted"
        house.clock.now += 12 * 3600
        again = (await kim.ask("POST", "me/requests", {"name": "track.example", "for": "1h"})).json["request"]
        assert again["state"] == "granted", "that was half a day ago"

    open_house(scenario)


def test_what_is_no_name_of_somebodys_is_not_asked_for(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", grants=True)
        kim = await house.sign_in("kim")
        for wrong in ("*.com", "||x.example^", "/.*/", ".", "com", "co.uk", "https://x.example/"):
            reply = await kim.ask("POST", "me/requests", {"name": wrong})
            assert (reply.status, reply.error["path"]) == (400, "name"), wrong
        assert (await me(kim))["requests"] == []

    open_house(scenario)


def test_more_time_before_a_schedule(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", grants=True)
        kim = await house.sign_in("kim")
        (bedtime,) = (await me(kim))["schedules"]
        assert bedtime == {"name": "bedtime", "in_force": False, "until": NOON + 1800}
        house.clock.now += 3600
        (bedtime,) = (await me(kim))["schedules"]
        assert bedtime == {"name": "bedtime", "in_force": True, "until": NOON + 8 * 3600}
        assert await verdict(house, "fine.example") == "block"
        assert (await kim.ask("POST", "me/requests", {"for": "30m"})).json["request"]["state"] == "granted"
        assert await verdict(house, "fine.example") == "pass"
        (bedtime,) = (await me(kim))["schedules"]
        assert bedtime == {"name": "bedtime", "in_force": False, "until": NOON + 3600 + 1800}
        house.clock.now += 1801
        assert await verdict(house, "fine.example") == "block"

    open_house(scenario, config=with_bedtime(open_house))


def test_more_time_is_for_a_schedule_that_is_near(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now -= 7200
        await house.add("kim", grants=True)
        await house.add("lee", device=OTHER, grants=True)
        for name in ("kim", "lee"):
            reply = await (await house.sign_in(name)).ask("POST", "me/requests", {"for": "30m"})
            assert (reply.status, reply.error["code"]) == (409, "conflict")
        assert await house.api("GET", "requests") == []

    open_house(scenario, config=with_bedtime(open_house))


def test_a_pause_is_told(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        await house.api("POST", "pause", {"for": "5m", "client": OTHER})
        assert (await me(kim))["paused"] is None
        await house.api("POST", "pause", {"for": "10m"})
        assert (await me(kim))["paused"] == NOON + 600

    open_house(scenario)


def test_requests_wait_for_a_day_and_not_too_many(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        for number in range(5):
            assert (await kim.ask("POST", "me/requests", {"name": f"n{number}.example"})).status == 201
        full = await kim.ask("POST", "me/requests", {"name": "n5.example"})
        assert (full.status, full.error["message"][:22]) == (409, "5 requests are waiting")
        (oldest, *_) = sorted(one["id"] for one in await house.api("GET", "requests"))
        house.clock.now += 86_401
        assert await house.api("GET", "requests") == []
        assert (await house.call("POST", f"/api/v1/requests/{oldest}/grant")).status == 404
        assert (await kim.ask("POST", "me/requests", {"name": "n5.example"})).status == 201

    open_house(scenario)


def test_what_cannot_be_granted_waits_on(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.clock.now += 3600
        await house.add("kim")
        kim = await house.sign_in("kim")
        id = (await kim.ask("POST", "me/requests", {"for": "30m"})).json["request"]["id"]
        house.clock.now += 8 * 3600  # it is over by now
        reply = await house.call("POST", f"/api/v1/requests/{id}/grant")
        assert reply.status == 409
        assert [one["state"] for one in await house.api("GET", "requests")] == ["waiting"]

    open_house(scenario, config=with_bedtime(open_house))


def test_a_deleted_user_asks_for_nothing(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        await (await house.sign_in("kim")).ask("POST", "me/requests", {"name": NAME})
        await house.call("DELETE", "/api/v1/users/kim")
        assert await house.api("GET", "requests") == []

    open_house(scenario)
