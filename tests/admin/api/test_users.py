"""Users, as admins handle them."""

from __future__ import annotations

import pyotp
import pytest

from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, PASSWORD, House, Opener
from tests.admin.parts import NOON

KIM = {"name": "Kim", "password": PASSWORD, "device": "192.0.2.10"}


async def trail(house: House) -> list[str]:
    """What was done, newest first; those of the command's token."""
    entries = (await house.api("GET", "changes"))["entries"]
    return [one["what"] for one in entries if one["who"] == "api (127.0.0.1)"]


async def is_in(house: House, browser: Browser) -> bool:
    reply = await house.get("/account", token=None, headers={"Cookie": browser.cookies})
    return reply.status == 200


def test_users_come_and_go(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert await house.api("GET", "users") == []
        made = await house.api("POST", "users", {"name": ADMIN, "password": PASSWORD, "role": "admin"})
        assert made == {
            "name": "anna",
            "role": "admin",
            "device": "",
            "grants": False,
            "codes": False,
            "created": NOON,
            "seen": None,
            "sessions": 0,
        }
        kim = await house.api("POST", "users", KIM)
        assert (kim["name"], kim["role"], kim["device"]) == ("kim", "member", "192.0.2.10")
        await house.sign_in("kim")
        found = await house.api("GET", "users")
        assert [(one["name"], one["sessions"], one["seen"]) for one in found] == [("anna", 0, None), ("kim", 1, NOON)]
        assert (await house.call("DELETE", "/api/v1/users/KIM")).status == 204
        assert (await house.get("/api/v1/users/kim")).status == 404
        assert await trail(house) == [
            "delete user kim",
            "add user kim, member with the device 192.0.2.10",
            "add user anna, admin",
        ]

    open_house(scenario)


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (KIM | {"name": ""}, 400, "name"),
        (KIM | {"name": "<b>"}, 400, "name"),
        (KIM | {"name": "x" * 65}, 400, "name"),
        (KIM | {"name": "ANNA"}, 409, None),
        (KIM | {"password": "short"}, 400, "password"),
        (KIM | {"password": "kim1234567890"}, 400, "password"),
        (KIM | {"role": "root"}, 400, "role"),
        (KIM | {"device": ""}, 400, "device"),
        (KIM | {"device": "no such device"}, 404, "client"),
        (KIM | {"role": "admin"}, 400, "device"),
        (KIM | {"totp": "x"}, 400, "totp"),
        ({"name": "kim"}, 400, "password"),
    ],
    ids=str,
)
def test_no_users(open_house: Opener, body: dict[str, str], status: int, path: str | None) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        reply = await house.call("POST", "/api/v1/users", json=body)
        assert (reply.status, reply.error.get("path")) == (status, path), reply.text
        assert [one["name"] for one in await house.api("GET", "users")] == [ADMIN]

    open_house(scenario)


def test_whoever_is_changed_signs_in_anew(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        await house.add("kim")
        kim = await house.sign_in("kim")
        await house.api("PUT", "users/kim", {"grants": False})
        assert await is_in(house, kim), "nothing is another"
        changed = await house.api("PUT", "users/kim", {"grants": True, "device": "192.0.2.20"})
        assert (changed["device"], changed["grants"], changed["sessions"]) == ("192.0.2.20", True, 0)
        assert not await is_in(house, kim)
        kim = await house.sign_in("kim")
        promoted = await house.api("PUT", "users/kim", {"role": "admin"})
        assert (promoted["role"], promoted["device"], promoted["grants"]) == ("admin", "", False)
        assert not await is_in(house, kim)
        reply = await house.call("PUT", "/api/v1/users/kim", json={"role": "member"})
        assert (reply.status, reply.error["path"]) == (400, "device")
        assert (await trail(house))[:2] == [
            "user kim is now admin",
            "user kim is now member with the device 192.0.2.20, who may allow themselves exceptions",
        ]

    open_house(scenario)


def test_the_last_admin_stays(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        for method, body in (("DELETE", None), ("PUT", {"role": "member", "device": "192.0.2.10"})):
            reply = await house.call(method, f"/api/v1/users/{ADMIN}", json=body)
            assert (reply.status, reply.error["message"]) == (409, "that is the last admin: make another one first")
        assert await is_in(house, browser)
        await house.add("ben", "admin")
        assert (await house.call("DELETE", f"/api/v1/users/{ADMIN}")).status == 204
        assert not await is_in(house, browser)

    open_house(scenario)


def test_the_tokens_of_an_admin_go_with_the_right(open_house: Opener) -> None:
    """Whoever is no admin any more has not kept a key."""

    async def scenario(house: House) -> None:
        await house.add("ben", "admin")
        anna = await house.sign_in()
        for name in ("one", "two"):
            await anna.post("/account/tokens/make", {"name": name, "may-read": "yes"})
        made = (await house.api("POST", "tokens", {"name": "of the command", "scopes": ["admin"]}))["token"]
        headers = {"Authorization": f"Bearer {made}"}
        body = {"name": "by a token", "scopes": ["read"]}
        await house.call("POST", "/api/v1/tokens", token=None, json=body, headers=headers)
        await house.api("PUT", f"users/{ADMIN}", {"role": "member", "device": "192.0.2.10"})
        assert [one["name"] for one in await house.api("GET", "tokens")] == ["of the command", "by a token"]

    open_house(scenario)


def test_a_lost_password(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await house.call("PUT", f"/api/v1/users/{ADMIN}/password", json={"password": "short"})
        assert (reply.status, reply.error["path"]) == (400, "password")
        await house.api("PUT", f"users/{ADMIN}/password", {"password": "something else entirely"})
        assert not await is_in(house, browser)
        data = {"name": ADMIN, "password": PASSWORD}
        assert (await house.call("POST", "/login", token=None, data=data)).status == 403
        data["password"] = "something else entirely"
        assert (await house.call("POST", "/login", token=None, data=data)).status == 303
        assert (await trail(house))[0] == "new password for anna"

    open_house(scenario)


def test_a_lost_app(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        begun = await browser.post("/account/codes/begin", {"password": PASSWORD})
        secret = begun.text.partition("<code>")[2].partition("</code>")[0].replace(" ", "")
        await browser.post("/account/codes/on", {"code": pyotp.TOTP(secret).at(NOON)})
        assert (await house.api("GET", f"users/{ADMIN}"))["codes"] is True
        off = await house.api("DELETE", f"users/{ADMIN}/codes")
        assert (off["codes"], off["sessions"]) == (False, 0)
        await house.sign_in()
        assert (await house.api("DELETE", f"users/{ADMIN}/codes"))["sessions"] == 1, "idempotent"

    open_house(scenario)


def test_nothing_changes_while_the_database_cannot_be_used(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        house.parts.database.close()
        reply = await house.call("POST", "/api/v1/users", json=KIM)
        assert (reply.status, reply.error["code"]) == (503, "store")
        await house.sign_in()
        assert await is_in(house, browser)
        assert [one["name"] for one in await house.api("GET", "users")] == [ADMIN]

    open_house(scenario)


def test_a_member_goes_with_the_name_of_their_device(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim", device="192.0.2.10")
        await house.api("PUT", "clients/192.0.2.10", {"name": "Tablet"})
        assert (await house.api("GET", "users/kim"))["device"] == "tablet"
        await house.api("PUT", "clients/tablet", {"name": "Kim's tablet"})
        assert (await house.api("GET", "users/kim"))["device"] == "kim's tablet"
        newest = (await house.api("GET", "changes"))["entries"]
        for change in newest[:2]:
            await house.api("POST", f"changes/{change['id']}/undo")
        assert (await house.api("GET", "users/kim"))["device"] == "192.0.2.10"

    open_house(scenario)
