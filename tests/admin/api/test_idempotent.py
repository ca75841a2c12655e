"""Doing it twice is as doing it once: every PUT and DELETE of the API (RFC 9110 section 9.2.2)."""

from __future__ import annotations

import asyncio
from typing import Any

from resolver.admin.app import ROUTES
from resolver.admin.jobs import Report
from resolver.admin.openapi import plain_path
from resolver.admin.routing import API
from tests.admin.household import PASSWORD, House, Opener

HOME = """
lists: [{{id: ads, file: {lists}/ads.txt}}, {{id: starter, file: {lists}/starter.txt}}]
groups: {{default: {{}}, kids: {{lists: [], schedules: [bedtime]}}}}
schedules: {{bedtime: {{from: "21:00", to: "06:30", zone: Europe/Berlin, only: [school.example]}}}}
"""

PUTS: dict[str, tuple[str, Any]] = {
    "/choices/{path}": ("/choices/strategy", {"value": "random"}),
    "/clients/{client}": ("/clients/192.0.2.30", {"name": "phone", "group": "kids"}),
    "/sites/{site}": ("/sites/shop.example", {"allow": ["cdn.example.net"], "window": "20m"}),
    "/users/{name}": ("/users/kim", {"grants": True}),
    "/users/{name}/password": ("/users/kim/password", {"password": f"{PASSWORD} more"}),
}

DELETES = {
    "/choices/{path}": "/choices/strategy",
    "/clients/{client}": "/clients/192.0.2.31",
    "/jobs/{id}": "/jobs/JOB",
    "/log": "/log?name=www.example",
    "/pause/{id}": "/pause/1",
    "/pause": "/pause",
    "/rules/{id}": "/rules/1",
    "/schedules/{name}/changes": "/schedules/bedtime/changes",
    "/sites/{site}": "/sites/news.example",
    "/tokens/{id}": "/tokens/1",
    "/users/{name}/codes": "/users/kim/codes",
    "/users/{name}": "/users/kim",
}

OWN = {"/account/codes", "/account/password", "/sessions", "/sessions/{id}"}
"""What one does to one's own account takes the password or the session of before."""

STATE = ("choices", "clients", "sites", "users", "pause", "rules", "schedules", "tokens")


UNSEEN = {"/jobs/JOB", "/log?name=www.example", "/pause", "/users/kim/codes"}
"""What that changes is not among this, or there is nothing left to change."""


async def forever(_: Report) -> None:
    await asyncio.Event().wait()


async def live_in(house: House) -> str:
    """Have one of everything there; the id of a job."""
    await house.api("POST", "rules", {"action": "deny", "name": "new.example"})
    await house.api("POST", "pause", {"for": "1h"})
    await house.api("PUT", "clients/192.0.2.31", {"name": "printer"})
    await house.api("PUT", "sites/news.example", {"allow": "all"})
    await house.api("POST", "schedules/bedtime/changes", {"do": "more", "for": "30m"})
    await house.api("POST", "tokens", {"name": "dashboard", "scopes": ["read"]})
    await house.add("kim")
    return house.service.jobs.begin("test", "what takes long", forever).id


async def state(house: House) -> list[Any]:
    return [await house.api("GET", what) for what in STATE]


def test_all_of_them_are_looked_at() -> None:
    for method, known in (("PUT", PUTS.keys() | OWN), ("DELETE", DELETES.keys() | OWN)):
        there = {plain_path(one.path).removeprefix(API) for one in ROUTES if one.method == method}
        assert there - known == set()


def test_twice_is_as_once(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        job = await live_in(house)
        for path, body in PUTS.values():
            first = await house.call("PUT", API + path, json=body)
            assert first.status == 200, (path, first.text)
            once = await state(house)
            again = await house.call("PUT", API + path, json=body)
            assert again.status == 200, (path, again.text)
            assert await state(house) == once, path
        for path in DELETES.values():
            where = API + path.replace("JOB", job)
            before = await state(house)
            first = await house.call("DELETE", where)
            assert first.status in {200, 202, 204}, (path, first.text)
            once = await state(house)
            assert once != before or path in UNSEEN, path
            again = await house.call("DELETE", where)
            assert again.status in {200, 202, 204, 404}, (path, again.text)
            assert await state(house) == once, path

    open_house(scenario, text=HOME.format(lists=open_house.lists).encode())
