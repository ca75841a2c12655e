"""Jobs over the API: where they are told, and who sees which."""

from __future__ import annotations

import asyncio

from resolver.admin.jobs import Report
from tests.admin.household import House, Opener


async def forever(_: Report) -> None:
    await asyncio.Event().wait()


def test_a_job_is_shown_where_it_is_said_to_be(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        begun = await house.call("POST", "/api/v1/lists/refresh")
        assert (begun.status, begun.location) == (202, f"/api/v1/jobs/{begun.json['id']}")
        assert (begun.json["kind"], begun.json["title"]) == ("refresh", "look for new versions of all lists")
        await house.ended(begun.json["id"])
        done = (await house.get(begun.location)).json
        assert [one["id"] for one in done["result"]] == ["ads", "starter"]
        (listed,) = await house.api("GET", "jobs")
        assert listed == {**done, "result": None}

    open_house(scenario)


def test_the_same_is_not_begun_twice(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        first, again, other = [
            (await house.call("POST", f"/api/v1/lists/{path}")).json["id"]
            for path in ("refresh", "refresh", "ads/refresh")
        ]
        assert first == again
        assert other != first
        await house.ended(first)
        await house.ended(other)

    open_house(scenario)


def test_one_is_waited_for_and_ended(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        job = house.service.jobs.begin("test", "what takes long", forever)
        path = f"/api/v1/jobs/{job.id}"
        assert (await house.get(f"{path}?seconds=0.01")).json["state"] == "running"
        assert (await house.get(f"{path}?seconds=21")).error["path"] == "seconds"
        ended = await house.call("DELETE", path)
        assert (ended.status, ended.text) == (204, "")
        for method in ("DELETE", "GET"):
            gone = await house.call(method, path)
            assert (gone.status, gone.error["path"]) == (404, "id")

    open_house(scenario)


def test_whoever_may_not_begin_it_does_not_see_it(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        hidden = house.service.jobs.begin("test", "for admins", forever, needs="admin")
        shown = house.service.jobs.begin("test", "for readers", forever)
        made = await house.api("POST", "tokens", {"name": "reader", "scopes": ["read"]})
        reader = made["token"]
        assert [one["id"] for one in (await house.get("/api/v1/jobs", token=reader)).json] == [shown.id]
        for method in ("GET", "DELETE"):
            assert (await house.call(method, f"/api/v1/jobs/{hidden.id}", token=reader)).status == 404
        assert (await house.get(f"/api/v1/jobs/{hidden.id}")).json["state"] == "running"

    open_house(scenario)
