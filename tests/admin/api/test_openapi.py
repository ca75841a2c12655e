"""The document as it is served, and that live answers are what it says."""

from __future__ import annotations

from resolver.admin.app import ROUTES
from resolver.admin.openapi import document
from resolver.admin.routing import API
from tests.admin.household import House, Opener
from tests.admin.parts import row

NOT_HERE = {"/me": 409, "/restore": 404}
"""Whoever has the token of the command has no device of their own, and nothing was restored."""


def test_it_is_served(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        served = await house.get(f"{API}/openapi.json")
        assert served.headers["Content-Type"] == "application/json"
        assert served.json == document(ROUTES)
        assert (await house.get(f"{API}/openapi.json", token=None)).status == 401

    open_house(scenario)


def test_everything_that_can_be_read_is_what_is_said(open_house: Opener) -> None:
    """Each answer is held against its route by the household itself."""

    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example", count=3), row("www.example", "pass")])
        await house.api("POST", "rules", {"action": "deny", "name": "new.example"})
        await house.api("POST", "pause", {})
        read = 0
        for route in ROUTES:
            if route.path.startswith(API) and route.method == "GET" and "{" not in route.path and not route.streamed:
                required = "?name=www.example" if route.path in {f"{API}/why", f"{API}/diagnose"} else ""
                reply = await house.get(route.path + required)
                assert reply.status == NOT_HERE.get(route.path.removeprefix(API), 200), (route.path, reply.text)
                read += 1
        assert read > 15

    open_house(scenario)
