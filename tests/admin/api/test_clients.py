import pytest

from resolver.store.sightings import Seen
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import furnish
from tests.admin.parts import NOON, row

MAC = "02:00:5e:10:00:01"
V4, V6 = "192.0.2.10", "fd00::10"


def seen(house: House) -> None:
    house.parts.devices.store.note([Seen(V4, MAC, NOON), Seen(V6, MAC, NOON)], {}, NOON, lambda _: False)


def test_devices_are_listed_shown_named_and_forgotten(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert await house.api("GET", "clients") == []
        seen(house)
        (one,) = await house.api("GET", "clients")
        assert one == {
            "id": 1,
            "name": "",
            "group": "default",
            "how": "",
            "mac": MAC,
            "host": "",
            "addresses": [V4, V6],
            "first": NOON,
            "last": NOON,
            "queries": 0,
            "blocked": 0,
            "origin": "seen",
            "privacy": "full",
            "said_by": "all",
            "placed": "",
        }
        put = await house.api("PUT", f"clients/{MAC}", {"name": "TV", "group": "kids"})
        assert (put["device"]["name"], put["device"]["group"], put["effective"]) == ("TV", "kids", True)
        assert (await house.api("GET", "clients/fd00%3A%3A10"))["name"] == "TV"
        assert (await house.api("PUT", "clients/TV", {"group": ""}))["device"]["group"] == "default"
        (change, _) = (await house.api("GET", "changes"))["entries"]
        assert change["what"] == "take TV out of its group"
        assert change["who"].startswith("api (")
        assert (await house.api("DELETE", "clients/1"))["effective"]
        assert await house.api("GET", "clients") == []

    open_house(scenario)


def test_refusals(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        for method, path, body, status in (
            ("GET", "clients/nobody", None, 404),
            ("GET", "clients?name=x", None, 400),
            ("GET", "clients/1?x=1", None, 400),
            ("PUT", "clients/1", {"nick": "x"}, 400),
            ("PUT", "clients/1", {}, 400),
            ("PUT", "clients/1", {"name": "x" * 65}, 400),
            ("PUT", "clients/1", {"name": "a.b"}, 400),
            ("PUT", "clients/1", {"group": "nowhere"}, 400),
            ("DELETE", "clients/7", None, 404),
            ("DELETE", "clients/1", {"x": 1}, 400),
            ("GET", "clients/" + "%1B%5B2J" * 9, None, 404),
            ("GET", "groups?x=1", None, 400),
        ):
            reply = await house.call(method, f"/api/v1/{path}", json=body)
            assert reply.status == status, (method, path, reply.text)
            assert reply.error["message"].isprintable()
        assert (await house.call("GET", "/api/v1/clients", token=None)).status == 401

    open_house(scenario)


def test_groups(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        everyone, kids = await house.api("GET", "groups")
        assert everyone == {
            "name": "default",
            "clients": [],
            "devices": [],
            "lists": ["ads", "starter"],
            "services": [],
            "safe-search": [],
            "schedules": [],
            "privacy": "full",
            "default": "pass",
            "rules": 0,
        }
        assert (kids["name"], kids["lists"]) == ("kids", [])

    open_house(scenario)


def test_the_day_of_a_device_hour_by_hour(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.journal([row("a.example", "pass", client=V4, count=3), row("ads.example", client=V6, count=2)])
        await house.journal([row("old.example", client=V4)], NOON - 23 * 3600)
        await house.journal([row("older.example", client=V4)], NOON - 25 * 3600)
        hours = await house.api("GET", f"clients/{MAC}/hours")
        assert [one["at"] for one in hours] == list(range(NOON - 23 * 3600, NOON + 1, 3600))
        assert hours[0] == {"at": NOON - 23 * 3600, "queries": 1, "blocked": 1}
        assert hours[-2] == {"at": NOON - 3600, "queries": 5, "blocked": 2}
        assert sum(one["queries"] for one in hours) == 6
        assert (await house.get("/api/v1/clients/nobody/hours")).status == 404

    open_house(scenario)


def test_services_and_who_blocks_them(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        found = await house.api("GET", "services")
        services = {one["id"]: one for one in found["services"]}
        assert services["tiktok"]["groups"] == ["kids", "teens"]
        assert services["roblox"]["schedules"] == ["study"]
        assert services["roblox"]["kind"] == "games"
        assert found["kinds"][:2] == ["social", "chat"]
        assert {one["id"]: one["groups"] for one in found["engines"]}["google"] == []

    open_house(scenario, config=furnish(open_house, monkeypatch))
