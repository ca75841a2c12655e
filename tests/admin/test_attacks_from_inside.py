"""Attacks by those who are signed in, or were, and what may be found in answers."""

from __future__ import annotations

import re

from resolver.admin.pages.cookies import SESSION
from resolver.admin.routing import API
from tests.admin.browsing import Browser
from tests.admin.household import ADMIN, PASSWORD, House, Opener


def test_what_somebody_stole_ends_with_the_password(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        stolen, browser = await house.sign_in(), await house.sign_in()
        before = browser.session
        new = {"old": PASSWORD, "new": "another long password", "again": "another long password"}
        await browser.post("/account/password", new)
        assert browser.session != before
        await browser.page()
        for secret in (stolen.session, before):
            assert (await house.get("/", token=None, headers={"Cookie": f"{SESSION}={secret}"})).status == 303

    open_house(scenario)


def test_a_member_reaches_for_more(open_house: Opener) -> None:
    """Fields that are not theirs to set, the device of another, the sessions of another."""

    async def scenario(house: House) -> None:
        await house.add("kim", device="192.0.2.10", grants=True)
        admin, kim = await house.sign_in(), await house.sign_in("kim")
        own = {"Cookie": kim.cookies, "Sec-Fetch-Site": "same-origin"}

        async def call(method: str, path: str, body: object = None) -> int:
            headers = own if body is not None else {**own, "Content-Type": "application/json"}
            return (await house.call(method, f"{API}/{path}", token=None, json=body, headers=headers)).status

        new = {"old": PASSWORD, "new": "another long password", "role": "admin"}
        assert await call("PUT", "account/password", new) == 400
        assert await call("PUT", "users/kim", {"role": "admin"}) == 403
        assert await call("POST", "me/requests", {"name": "x.example", "client": "192.0.2.20"}) == 400
        assert await call("POST", "me/requests", {"name": "x.example", "for": "61m"}) == 400
        assert await call("POST", "me/requests", {"name": "x.example", "for": "-5m"}) == 400
        assert await call("POST", "requests/1/grant", {}) == 403
        assert await call("GET", "sessions?all=true") == 403
        (theirs,) = [one for one in await house.api("GET", "sessions?all=true") if one["user"] == ADMIN]
        assert await call("DELETE", f"sessions/{theirs['id']}") == 404
        assert await call("GET", "log") == 403
        await admin.page()
        me = await house.call("GET", f"{API}/me", token=None, headers=own)
        assert me.json["device"] == "192.0.2.10"

    open_house(scenario)


def test_secrets_are_written_and_never_read(open_house: Opener) -> None:
    """No body and no page has a password, a hash, a digest or a secret of codes, once it was set."""

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        await house.api("POST", "tokens", {"name": "x", "scopes": ["read"]})
        begun = await browser.post("/account/codes/begin", {"password": PASSWORD})
        secret = re.search(r"secret=([A-Z2-7]{32})", begun.text)
        assert secret
        held = await house.service.entrance.accounts.user(ADMIN)
        (token,) = (await house.service.entrance.accounts.picture()).tokens.values()
        hidden = {held.password, PASSWORD, token.digest, secret[1], browser.session}
        texts = [(await house.get(f"{API}/{path}")).text for path in ("users", "users/anna", "tokens", "changes")]
        texts += [
            (await house.get(f"{API}/sessions?all=true")).text,
            await Browser(house, browser.session).page("/account"),
        ]
        for text in texts:
            assert not [one for one in hidden if one in text]
        assert "argon2" not in "".join(texts)

    open_house(scenario)
