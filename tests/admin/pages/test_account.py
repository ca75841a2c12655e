"""The pages of /account, with their forms; what these do is in the tests of the API."""

from __future__ import annotations

import re

import pyotp

from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, PASSWORD, House, Opener
from tests.admin.parts import NOON

NEW = "another long password"


async def notice(browser: Browser, path: str = "/account") -> str:
    """What the page says was done."""
    text = await browser.page(path)
    found = re.search(r'<p class="notice (?:good|bad)" role="status">(.*?)</p>', text, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", found[1]).split()) if found else ""


def wrong(text: str, field: str) -> str:
    """What is said to be wrong beside a field."""
    found = re.search(rf'<p class="wrong" id="{field}-wrong" role="alert">(.*?)</p>', text)
    return found[1] if found else ""


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
        assert 'href="/account/users"' in text
        assert "Sign out" not in text
        assert "/account/password" not in text
        assert ADMIN in (await house.get("/account/users")).text
        assert (await house.get("/account/tokens")).status == 200

    open_house(scenario)


def test_every_form_is_signed_and_every_field_has_a_label(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add("kim")
        browser = await house.sign_in()
        await house.api("POST", "tokens", {"name": "x", "scopes": ["read"]})
        for path in ("/account", "/account/users", "/account/user?name=kim", "/account/tokens"):
            text = await browser.page(path)
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
        reply = await browser.post("/account/password", fields)
        assert reply.status == 400
        assert wrong(reply.text, "password-again") == "the two new passwords differ: type the same one twice"
        reply = await browser.post("/account/password", {**fields, "old": "not mine at all", "again": NEW})
        assert reply.status == 403
        assert wrong(reply.text, "password-old") == "That is not the password."
        for typed in ("not mine at all", NEW, "something else"):
            assert typed not in reply.text, "no password is shown again"
        reply = await browser.post("/account/password", {"old": PASSWORD, "new": "short", "again": "short"})
        assert wrong(reply.text, "password-new").startswith("a password has 10 characters or more")
        await browser.post("/account/password", {**fields, "again": NEW})
        assert await notice(browser) == "● The password is changed. All other sessions of yours have ended."

    open_house(scenario)


def secret_of(text: str) -> str:
    """The secret that a page shows."""
    found = re.search(r'<p class="secret"><code>([A-Z2-7 ]+)</code>', text)
    return found[1].replace(" ", "") if found else ""


def test_codes(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        reply = await browser.post("/account/codes/begin", {"password": "wrong"})
        assert reply.status == 403
        assert wrong(reply.text, "codes-password") == "That is not the password."
        begun = await browser.post("/account/codes/begin", {"password": PASSWORD})
        secret = secret_of(begun.text)
        assert re.fullmatch(r"[A-Z2-7]{32}", secret)
        size = re.search(r'<svg class="qr" viewBox="0 0 (\d+) ', begun.text)
        assert size
        assert int(size[1]) > 8 + 21, "a code as large as what it says"
        assert PASSWORD not in begun.text
        app = pyotp.TOTP(secret)
        await browser.post("/account/codes/on", {"code": app.at(NOON)})
        assert (await notice(browser)).startswith("● Signing in takes a code from now on.")
        assert "/account/codes/off" in await browser.page("/account")
        house.clock.now += 60
        reply = await browser.post("/account/codes/off", {"password": PASSWORD, "code": "1"})
        assert reply.status == 403
        assert wrong(reply.text, "codes-password")
        await browser.post("/account/codes/off", {"password": PASSWORD, "code": app.at(house.clock.now)})
        assert (await notice(browser)).startswith("● Signing in takes no code any more.")

    open_house(scenario)


def test_a_wrong_code_does_not_throw_the_secret_away(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser, other = await house.sign_in(), await house.sign_in()
        secret = secret_of((await browser.post("/account/codes/begin", {"password": PASSWORD})).text)
        for _ in range(3):
            reply = await browser.post("/account/codes/on", {"code": "1"})
            assert reply.status == 403
            assert "that is not the code of now" in wrong(reply.text, "codes-code")
            assert secret_of(reply.text) == secret
        assert secret_of(await browser.page("/account")) == "", "it is not lying about"
        reply = await other.post("/account/codes/on", {"code": "1"})
        assert secret_of(reply.text) == "", "nobody gave the password there"
        await browser.post("/account/codes/on", {"code": pyotp.TOTP(secret).at(NOON)})
        assert (await notice(browser)).startswith("● Signing in takes a code from now on.")

    open_house(scenario)


def test_a_secret_is_kept_for_ten_minutes(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        secret = secret_of((await browser.post("/account/codes/begin", {"password": PASSWORD})).text)
        house.clock.now += 600
        reply = await browser.post("/account/codes/on", {"code": pyotp.TOTP(secret).at(house.clock.now)})
        assert reply.status == 409
        assert '<p class="wrong" role="alert">that was too long ago: begin again' in reply.text
        assert secret_of(reply.text) == ""

    open_house(scenario)


def test_sessions(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        one, browser = await house.sign_in(), await house.sign_in()
        text = await browser.page("/account")
        (id,) = re.findall(r'<button name="id" value="([0-9a-f]+)"', text)
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
