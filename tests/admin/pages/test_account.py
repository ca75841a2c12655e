"""The page /account, with its forms; what these do is in the tests of the API."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, PASSWORD, House, Opener
from tests.admin.parts import NOON

NEW = "another long password"


async def notice(browser: Browser) -> str:
    """What the page says was done."""
    text = await browser.page("/account")
    found = re.search(r'<p class="notice (?:good|bad)" role="status">(.*?)</p>', text, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", found[1]).split()) if found else ""


def test_a_member_sees_what_is_theirs(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        text = await (await house.sign_in("kim")).page("/account")
        assert "a member with the device" in text
        assert 'href="/me"' in text
        for theirs in ("/account/password", "/account/codes/begin"):
            assert f'action="{theirs}"' in text
        assert "/account/users" not in text
        assert "/account/tokens" not in text
        assert 'href="/"' in text

    open_house(scenario)


def test_somebody_with_the_token_sees_users_and_tokens_alone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        text = (await house.get("/account")).text
        assert "Users" in text
        assert "Sign out" not in text
        assert "/account/password" not in text

    open_house(scenario)


def test_every_form_is_signed_and_every_field_has_a_label(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        browser = await house.sign_in()
        await house.api("POST", "tokens", {"name": "x", "scopes": ["read"]})
        text = await browser.page("/account")
        for form in re.findall(r"<form.*?</form>", text, re.DOTALL):
            assert 'method="post"' in form
            assert len(re.findall(r'name="form" value="[0-9a-f]{64}"', form)) == 1
        labels = set(re.findall(r'<label for="([^"]+)"', text))
        ids = re.findall(r' id="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        fields = re.findall(r"<(?:input|select)(?![^>]*hidden)(?![^>]*checkbox)[^>]*>", text)
        assert fields
        for field in fields:
            found = re.search(r' id="([^"]+)"', field)
            assert found, field
            assert found[1] in labels, field

    open_house(scenario)


def test_another_password(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        fields = {"old": PASSWORD, "new": NEW, "again": "something else"}
        assert (await browser.post("/account/password", fields)).location == "/account"
        assert await notice(browser) == ("▲ Nothing was changed: the two new passwords differ: type the same one twice")
        await browser.post("/account/password", fields | {"old": "wrong", "again": NEW})
        assert await notice(browser) == "▲ Nothing was changed: That is not the password."
        await browser.post("/account/password", fields | {"again": NEW})
        assert await notice(browser) == "● The password is changed. All other sessions of yours have ended."

    open_house(scenario)


def test_codes(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        wrong = await browser.post("/account/codes/begin", {"password": "wrong"})
        assert wrong.status == 403
        assert "That is not the password." in wrong.text
        begun = await browser.post("/account/codes/begin", {"password": PASSWORD})
        secret = begun.text.partition("<code>")[2].partition("</code>")[0]
        assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", secret)
        app = pyotp.TOTP(secret.replace(" ", ""))
        await browser.post("/account/codes/on", {"code": "1"})
        assert "that is not the code of now" in await notice(browser)
        await browser.post("/account/codes/on", {"code": app.at(NOON)})
        assert (await notice(browser)).startswith("● Signing in takes a code from now on.")
        assert "/account/codes/off" in await browser.page("/account")
        house.clock.now += 60
        await browser.post("/account/codes/off", {"password": PASSWORD, "code": app.at(house.clock.now)})
        assert (await notice(browser)).startswith("● Signing in takes no code any more.")

    open_house(scenario)


def test_sessions(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        one, browser = await house.sign_in(), await house.sign_in()
        text = await browser.page("/account")
        (id,) = re.findall(r'name="id" value="([0-9a-f]+)"', text)
        assert "this one" in text
        await browser.post("/account/sessions/end", {"id": id})
        assert await notice(browser) == "● The session is ended."
        assert (await house.get("/account", token=None, headers={"Cookie": one.cookies})).status == 303
        await house.sign_in()
        await house.sign_in()
        await browser.post("/account/sessions/end")
        assert await notice(browser) == "● 2 sessions are ended: this one goes on."
        assert "End all others" not in await browser.page("/account")

    open_house(scenario)


def test_users(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        kim = {"name": "Kim", "password": PASSWORD, "role": "member", "device": "192.0.2.10"}
        await browser.post("/account/users/add", kim | {"password": "short"})
        assert (await notice(browser)).startswith("▲ Nothing was changed: a password has 10 characters or more")
        await browser.post("/account/users/add", kim)
        assert await notice(browser) == "● kim can sign in now, with that password."
        changed = {"name": "kim", "role": "member", "device": "192.0.2.20", "grants": "yes"}
        await browser.post("/account/users/change", changed)
        assert await notice(browser) == "● kim is a member with the device 192.0.2.20."
        assert (await house.api("GET", "users/kim"))["grants"] is True
        await browser.post("/account/users/password", {"name": "kim", "password": NEW})
        assert await notice(browser) == "● kim has another password. Their sessions have ended."
        await browser.post("/account/users/codes", {"name": "kim"})
        assert await notice(browser) == "● kim signs in without codes now."
        await browser.post("/account/users/change", {"name": "kim", "role": "admin", "device": "192.0.2.20"})
        assert await notice(browser) == "● kim is an admin."
        await browser.post("/account/users/delete", {"name": "kim"})
        assert await notice(browser) == "● kim is deleted, with the tokens that they made."
        await browser.post("/account/users/delete", {"name": ADMIN})
        assert await notice(browser) == "▲ Nothing was changed: that is the last admin: make another one first"

    open_house(scenario)


def test_tokens(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        none = await browser.post("/account/tokens/make", {"name": "x"})
        assert none.status == 400
        assert "say what the token may do" in none.text
        fields = {"name": "x", "may-read": "yes", "may-log": "yes", "for": "90d"}
        made = await browser.post("/account/tokens/make", fields)
        (token,) = re.findall(r"<code>(lull_[\w-]{43})</code>", made.text)
        assert (await house.get("/api/v1/log", token=token)).status == 200
        again = await browser.post("/account/tokens/make", fields)
        assert again.status == 409, "the page sent anew makes no second one"
        assert token not in await browser.page("/account")
        await browser.post("/account/tokens/revoke", {"id": "1"})
        assert await notice(browser) == "● The token is revoked."
        assert (await house.get("/api/v1/log", token=token)).status == 401
        await browser.post("/account/tokens/revoke", {"id": "x"})
        assert (await notice(browser)).startswith("▲ Nothing was changed: the id of a token is a number")

    open_house(scenario)


@pytest.mark.parametrize("path", ["users/add", "users/change", "users/delete", "users/password", "tokens/make"])
def test_members_have_no_such_forms(open_house: Opener, path: str) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        kim = await house.sign_in("kim")
        fields = {"name": "kim", "role": "admin", "password": NEW, "may-admin": "yes"}
        assert (await kim.post(f"/account/{path}", fields)).status == 403
        assert [one["role"] for one in await house.api("GET", "users")] == ["member"]
        assert await house.api("GET", "tokens") == []

    open_house(scenario)
