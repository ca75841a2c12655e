"""The pages /account/users, /account/user and /account/tokens, for admins."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import asdict

from resolver.store.tables import users
from tests.admin.household import ADMIN, PASSWORD, House, Opener
from tests.admin.pages.test_account import NEW, notice, wrong

USERS, KIM = "/account/users", "/account/user?name=kim"


def test_users(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        kim = {"name": "Kim", "password": PASSWORD, "role": "member", "device": "192.0.2.10", "grants": "yes"}
        reply = await browser.post("/account/users/add", {**kim, "password": "short"})
        assert reply.status == 400
        assert wrong(reply.text, "add-password").startswith("a password has 10 characters or more")
        assert 'name="name" type="text" value="Kim"' in reply.text, "what was typed stays"
        assert 'value="short"' not in reply.text
        reply = await browser.post("/account/users/add", {**kim, "device": "nobody's toaster?"})
        assert wrong(reply.text, "add-device")
        assert PASSWORD not in reply.text
        await browser.post("/account/users/add", kim)
        assert await notice(browser, USERS) == "● kim can sign in now, with that password."
        changed = {"name": "kim", "role": "member", "device": "192.0.2.20", "grants": "yes", "back": KIM}
        assert (await browser.post("/account/users/change", changed)).location == KIM
        assert await notice(browser, KIM) == "● kim is a member with the device 192.0.2.20."
        assert (await house.api("GET", "users/kim"))["grants"] is True
        reply = await browser.post("/account/users/change", {**changed, "device": ""})
        assert wrong(reply.text, "change-device")
        await browser.post("/account/users/password", {"name": "kim", "password": NEW})
        assert await notice(browser, USERS) == "● kim has another password. Their sessions have ended."
        await browser.post("/account/users/codes", {"name": "kim"})
        assert await notice(browser, USERS) == "● kim signs in without codes now."
        await browser.post("/account/users/change", {"name": "kim", "role": "admin", "device": "192.0.2.20"})
        assert await notice(browser, USERS) == "● kim is an admin."
        await browser.post("/account/users/delete", {"name": "kim"})
        assert await notice(browser, USERS) == "● kim is deleted, with the tokens that they made."
        await browser.post("/account/users/delete", {"name": ADMIN})
        said = "▲ Nothing was changed: that is the last admin: make another one first"
        assert await notice(browser, USERS) == said
        assert (await house.get(KIM)).status == 404

    open_house(scenario)


def test_many_users_and_tokens_are_on_more_pages(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        accounts = house.service.entrance.accounts
        found = asdict(await accounts.user(ADMIN))
        rows = [{**found, "id": 100 + n, "name": f"kim {n:03}"} for n in range(120)]
        await accounts.change("a test", "users", lambda connection: connection.execute(users.insert(), rows))
        for number in range(60):
            await house.api("POST", "tokens", {"name": f"program {number}", "scopes": ["read"]})
        names: list[str] = []
        path = "/account/users"
        while path:
            text = await browser.page(path)
            assert len(text.encode()) < 38_000
            names += re.findall(r'data-label="Name"><bdi>(.*?)</bdi>', text)
            more = re.search(r'href="(/account/users[?]after=[^"]*)"', text)
            path = more[1] if more else ""
        assert names == sorted([ADMIN, *(f"kim {n:03}" for n in range(120))])
        text = await browser.page("/account/tokens")
        assert len(text.encode()) < 38_000
        older = re.search(r'href="(/account/tokens[?]before=[^"]*)"', text)
        assert older
        assert (await browser.page(older[1])).count("Revoke</button>") == 10

    open_house(scenario)


TOKENS = "/account/tokens"


def test_tokens(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        none = await browser.post("/account/tokens/make", {"name": "x", "for": "1d"})
        assert none.status == 400
        assert "say what the token may do" in none.text
        assert 'name="for" type="text" value="1d"' in none.text
        fields = {"name": "x", "may-read": "yes", "may-log": "yes", "for": "90d"}
        late = await browser.post("/account/tokens/make", {**fields, "for": "soon"})
        assert wrong(late.text, "make-for")
        assert 'name="may-log" value="yes" checked' in late.text
        made = await browser.post("/account/tokens/make", fields)
        (token,) = re.findall(r"<code>(lull_[\w-]{43})</code>", made.text)
        assert (await house.get("/api/v1/log", token=token)).status == 200
        again = await browser.post("/account/tokens/make", fields)
        assert again.status == 409, "the page sent anew makes no second one"
        assert token not in await browser.page(TOKENS)
        await browser.post("/account/tokens/revoke", {"id": "1"})
        assert await notice(browser, TOKENS) == "● The token is revoked."
        assert (await house.get("/api/v1/log", token=token)).status == 401
        await browser.post("/account/tokens/revoke", {"id": "x"})
        assert (await notice(browser, TOKENS)).startswith("▲ Nothing was changed: the id of a token is a number")

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
