"""One's own account: who one is, the password, codes, and sessions."""

from __future__ import annotations

import pyotp
import pytest

from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, PASSWORD, House, Opener
from tests.admin.parts import NOON

NEW = "another long password"


async def is_in(browser: Browser) -> bool:
    return (await browser.ask("GET", "account")).status == 200


async def codes(browser: Browser) -> pyotp.TOTP:
    """Codes turned on, and what makes them."""
    begun = await browser.ask("POST", "account/codes", {"password": PASSWORD})
    assert begun.status == 201
    app = pyotp.TOTP(begun.json["secret"])
    assert (await browser.ask("PUT", "account/codes", {"code": app.at(browser.house.clock.now)})).json["codes"] is True
    return app


def test_who_one_is(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert await house.api("GET", "account") == {
            "kind": "root",
            "name": "",
            "scopes": ["admin", "log", "read", "self", "write"],
            "role": None,
            "device": "",
            "grants": False,
            "codes": False,
        }
        await house.add("kim", grants=True)
        kim = (await (await house.sign_in("kim")).ask("GET", "account")).json
        assert kim == {
            "kind": "user",
            "name": "kim",
            "scopes": ["self"],
            "role": "member",
            "device": "192.0.2.10",
            "grants": True,
            "codes": False,
        }
        made = await house.api("POST", "tokens", {"name": "x", "scopes": ["admin"]})
        assert (await house.get("/api/v1/account", token=made["token"])).status == 403

    open_house(scenario)


def test_another_password_ends_all_but_this_session(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        other, browser = await house.sign_in(), await house.sign_in()
        before = browser.session
        for body, status, path in (
            ({"old": PASSWORD, "new": "short"}, 400, "new"),
            ({"old": "wrong wrong wrong", "new": NEW}, 403, None),
        ):
            reply = await browser.ask("PUT", "account/password", body)
            assert (reply.status, reply.error.get("path")) == (status, path)
        assert await is_in(other)
        assert (await browser.ask("PUT", "account/password", {"old": PASSWORD, "new": NEW})).status == 200
        assert browser.session != before
        assert await is_in(browser)
        assert not await is_in(other)
        assert not await is_in(Browser(house, before))
        data = {"name": ADMIN, "password": NEW}
        assert (await house.call("POST", "/login", token=None, data=data)).status == 303

    open_house(scenario)


def test_guessing_the_old_password_is_stopped_too(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        replies = [
            await browser.ask("PUT", "account/password", {"old": f"guess {number}", "new": NEW}) for number in range(7)
        ]
        assert [reply.status for reply in replies] == [403] * 5 + [429] * 2
        assert replies[-1].headers["Retry-After"] == "1"

    open_house(scenario)


def test_codes_go_on_with_a_code_and_off_with_another(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        other, browser = await house.sign_in(), await house.sign_in()
        assert (await browser.ask("PUT", "account/codes", {"code": "123456"})).status == 409, "nothing has begun"
        assert (await browser.ask("POST", "account/codes", {"password": "wrong"})).status == 403
        begun = (await browser.ask("POST", "account/codes", {"password": PASSWORD})).json
        assert begun["url"].startswith(f"otpauth://totp/Lull:{ADMIN}?secret={begun['secret']}&")
        assert (await browser.ask("PUT", "account/codes", {"code": "000000"})).status == 403
        house.clock.now += 600
        late = pyotp.TOTP(begun["secret"]).at(house.clock.now)
        assert (await browser.ask("PUT", "account/codes", {"code": late})).status == 409, "too long ago"
        app = await codes(browser)
        assert not await is_in(other)
        assert (await browser.ask("POST", "account/codes", {"password": PASSWORD})).status == 409
        used = app.at(house.clock.now)
        off = {"password": PASSWORD, "code": used}
        assert (await browser.ask("DELETE", "account/codes", off)).status == 403, "that one was used"
        house.clock.now += 30
        off["code"] = app.at(house.clock.now)
        assert (await browser.ask("DELETE", "account/codes", off)).json["codes"] is False
        assert (await browser.ask("DELETE", "account/codes", off)).status == 409
        assert await is_in(browser)

    open_house(scenario)


def test_sessions_are_listed_and_ended(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim, one, two = await house.sign_in("kim"), await house.sign_in(), await house.sign_in()
        house.clock.now += 60
        found = (await two.ask("GET", "sessions")).json
        assert [(item["user"], item["current"]) for item in found] == [(ADMIN, True), (ADMIN, False)]
        assert (found[0]["created"], found[0]["seen"], found[0]["ends"]) == (NOON, NOON + 60, NOON + 30 * 86_400)
        assert found[0]["address"] == "127.0.0.1"
        assert "aiohttp" in found[0]["browser"]
        assert two.session not in str(found)
        every = (await two.ask("GET", "sessions?all=true")).json
        (theirs,) = [item for item in every if item["user"] == "kim"]
        assert (await two.ask("DELETE", f"sessions/{theirs['id']}")).json == {"ended": 1}
        assert not await is_in(kim)
        assert (await two.ask("DELETE", f"sessions/{theirs['id']}")).status == 404
        assert (await two.ask("DELETE", "sessions")).json == {"ended": 1}
        assert not await is_in(one)
        assert await is_in(two)

    open_house(scenario)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "account/password", {"old": PASSWORD, "new": NEW}),
        ("POST", "account/codes", {"password": PASSWORD}),
        ("PUT", "account/codes", {"code": "123456"}),
        ("DELETE", "account/codes", {"password": PASSWORD}),
        ("DELETE", "sessions", None),
        ("GET", "me", None),
        ("POST", "me/requests", {}),
    ],
)
def test_the_command_has_no_account(open_house: Opener, method: str, path: str, body: object) -> None:
    async def scenario(house: House) -> None:
        reply = await house.call(method, f"/api/v1/{path}", json=body)
        assert reply.status == 409

    open_house(scenario)


def test_it_is_all_on_the_trail(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await browser.ask("PUT", "account/password", {"old": "wrong wrong wrong", "new": NEW})
        await codes(browser)
        await browser.ask("PUT", "account/password", {"old": PASSWORD, "new": NEW})
        (session,) = (await browser.ask("GET", "sessions")).json
        await browser.ask("DELETE", f"sessions/{session['id']}")
        house.parts.accounts.flush()
        told = [(one["who"], one["what"]) for one in (await house.api("GET", "changes"))["entries"]]
        me, nobody = "anna (127.0.0.1)", "somebody (127.0.0.1)"
        assert set(told) == {
            ("a test", "add user anna, admin"),
            (me, "sign in"),
            (nobody, "tried to sign in as anna with a wrong password"),
            (me, "codes on for anna"),
            (me, "new password for anna"),
            (me, "end a session of anna"),
        }
        undoable = [one["undoable"] for one in (await house.api("GET", "changes"))["entries"]]
        assert not any(undoable)

    open_house(scenario)
