"""Tokens of programs."""

from __future__ import annotations

import asyncio

import pytest

from tests.admin.household import ADMIN, House, Opener
from tests.admin.parts import NOON


def test_a_token_is_shown_once_and_works_until_it_is_revoked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        made = await house.api("POST", "tokens", {"name": "Home", "scopes": ["log", "read"], "for": "90d"})
        token, info = made["token"], made["info"]
        assert token.startswith("lull_")
        assert len(token) >= 48
        assert info == {
            "id": 1,
            "name": "Home",
            "scopes": ["read", "log"],
            "who": "",
            "created": NOON,
            "expires": NOON + 90 * 86_400,
            "seen": None,
        }
        assert (await house.get("/api/v1/log", token=token)).status == 200
        assert (await house.call("POST", "/api/v1/pause", token=token)).status == 403
        assert await house.api("GET", "tokens") == [info | {"seen": NOON}]
        assert (await house.call("DELETE", "/api/v1/tokens/1")).status == 204
        assert (await house.get("/api/v1/log", token=token)).status == 401
        assert (await house.call("DELETE", "/api/v1/tokens/1")).status == 404
        await asyncio.to_thread(house.parts.accounts.flush)
        told = [one["what"] for one in (await house.api("GET", "changes"))["entries"]]
        assert told == ["used a wrong token", "revoke token Home", "make token Home (read, log)"]

    open_house(scenario)


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({"name": "x", "scopes": []}, 400, "scopes"),
        ({"name": "x", "scopes": ["root"]}, 400, "scopes[0]"),
        ({"name": "x", "scopes": ["self"]}, 400, "scopes[0]"),
        ({"name": "", "scopes": ["read"]}, 400, "name"),
        ({"name": "a\nb", "scopes": ["read"]}, 400, "name"),
        ({"name": "HOME", "scopes": ["read"]}, 409, None),
        ({"name": "x", "scopes": ["read"], "for": "soon"}, 400, "for"),
        ({"name": "x", "scopes": ["read"], "for": 0}, 400, "for"),
        ({"name": "x", "scopes": ["read"], "token": "mine"}, 400, "token"),
    ],
    ids=str,
)
def test_no_tokens(open_house: Opener, body: dict[str, object], status: int, path: str | None) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "tokens", {"name": "Home", "scopes": ["read"]})
        reply = await house.call("POST", "/api/v1/tokens", json=body)
        assert (reply.status, reply.error.get("path")) == (status, path), reply.text
        assert len(await house.api("GET", "tokens")) == 1

    open_house(scenario)


def test_who_made_it_is_told(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/account/tokens/make", {"name": "x", "may-read": "yes", "for": ""})
        assert reply.status == 200
        (info,) = await house.api("GET", "tokens")
        assert (info["who"], info["expires"]) == (ADMIN, None)

    open_house(scenario)
