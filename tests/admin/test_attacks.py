"""The page of attacks: what strangers try with an admin's browser, each refused. Those by what is in a request are in
test_attacks_by_text, those of people who are signed in in test_attacks_from_inside; CSV is in the log's own tests."""

from __future__ import annotations

import logging
import re

import pytest

from resolver.admin.pages.cookies import SESSION
from resolver.admin.routing import API
from tests.admin.attacking import EVIL, raw
from tests.admin.household import ADMIN, PASSWORD, TOKEN, House, Opener


async def nothing_changed(house: House) -> None:
    assert house.service.pausing.in_force() == []
    assert [rule.origin for rule in await house.service.ruling.every()] == ["config"]
    assert [user.name for user in await house.service.entrance.users.every()] == [ADMIN]
    assert await house.service.entrance.tokens.every() == []


FORMS = {
    "/pause": {"for": "2h"},
    "/allow": {"name": "evil.example"},
    "/account/users/add": {"name": "eve", "password": "a password of eve", "role": "admin"},
    "/account/tokens/make": {"name": "eve", "may-admin": "yes"},
    "/account/password": {"old": PASSWORD, "new": "a password of eve", "again": "a password of eve"},
    "/logout": {},
}


def test_csrf_by_form(open_house: Opener) -> None:
    """The cookie comes along, were it not for SameSite; the form comes from elsewhere, and knows no form token."""

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        proof, cookie = {"form": await browser.form_token()}, {"Cookie": browser.cookies}
        elsewhere: list[dict[str, str]] = [{"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
        for path, fields in FORMS.items():
            for said in elsewhere:
                for data in (fields, fields | proof):
                    reply = await house.call("POST", path, token=None, data=data, headers=cookie | said)
                    assert reply.status == 403, (path, said)
            reply = await house.call("POST", path, token=None, data=fields, headers=cookie)
            assert reply.status == 403, (path, "without a form token")
        await nothing_changed(house)
        await browser.page()

    open_house(scenario)


def test_csrf_by_text_plain(open_house: Opener) -> None:
    """A form of another site can send JSON as text/plain, and what looks like it as the other types of forms."""

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        bodies = {
            "pause": b'{"for": "2h"}',
            "rules": b'{"action": "deny", "name": "x.example", "comment": "="}',
            "users": b'{"name": "eve", "password": "a password of eve", "role": "admin"}',
            "tokens": b'{"name": "eve", "scopes": ["admin"]}',
        }
        for path, body in bodies.items():
            for content in ("text/plain", "application/x-www-form-urlencoded", "text/plain; application/json"):
                for said in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": EVIL}):
                    headers = {"Cookie": browser.cookies, "Content-Type": content, **said}
                    reply = await house.call("POST", f"{API}/{path}", token=None, data=body, headers=headers)
                    assert reply.status in {403, 415}, (path, content, said)
        await nothing_changed(house)

    open_house(scenario)


def test_csrf_by_a_script_that_cannot_read(open_house: Opener) -> None:
    """fetch() with no-cors, keepalive or a beacon: JSON as a type needs a preflight, which nobody answers."""

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        headers = {"Cookie": browser.cookies, "Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
        asks = {**headers, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        preflight = await house.call("OPTIONS", f"{API}/pause", token=None, headers=asks)
        assert not [name for name in preflight.headers if name.startswith("Access-Control")]
        reply = await house.call("POST", f"{API}/pause", token=None, json={"for": "2h"}, headers=headers)
        assert reply.status == 403
        reply = await house.call("DELETE", f"{API}/pause", token=None, headers=headers)
        assert reply.status == 403
        await nothing_changed(house)

    open_house(scenario)


def test_signing_somebody_in_as_somebody_else(open_house: Opener) -> None:
    """Login CSRF: whoever is signed in as the attacker tells them what they do."""

    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        data = {"name": ADMIN, "password": PASSWORD}
        for said in ({"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            reply = await house.call("POST", "/login", token=None, data=data, headers=said)
            assert (reply.status, list(reply.cookies)) == (403, [])

    open_house(scenario)


STRANGE = ("evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "", "a b")


def test_rebinding(open_house: Opener) -> None:
    """A page of evil.example has that name lead here: the browser takes the two for one, and sends the name."""

    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        cookie, token = f"Cookie: {browser.cookies}", f"Authorization: Bearer {TOKEN}"
        for host in STRANGE:
            for path in ("/", "/login", "/healthz", "/static/style.css", "/metrics", f"{API}/status", "/welcome"):
                lines = f"GET {path} HTTP/1.1", f"Host: {host.format(port=house.port)}", "Connection: close"
                reply = await raw(house, "\r\n".join((*lines, cookie, token, "", "")).encode())
                assert re.match(rb"HTTP/1.[01] 4(21|00) ", reply), (host, path, reply[:60])
                assert reply.startswith(b"HTTP/1.1 400") or b" 400 " in reply or b"admin.hosts" in reply

    open_house(scenario)


def test_names_that_are_ours(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for host in (
            "127.0.0.1",
            f"localhost:{house.port}",
            "[::1]:80",
            "LULL.home.arpa",
            "lull.home.arpa.",
            "192.0.2.1",
        ):
            reply = await raw(house, f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            assert reply.startswith(b"HTTP/1.1 200"), host
        for lines in ("", "Host: 127.0.0.1\r\nHost: evil.example\r\n"):
            reply = await raw(house, f"GET /healthz HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
            assert re.match(rb"HTTP/1.[01] 4(21|00) ", reply), lines

    open_house(scenario)


def test_a_token_in_a_url(open_house: Opener, caplog: pytest.LogCaptureFixture) -> None:
    """It works nowhere, is told to be lost, and is in no log of ours."""
    caplog.set_level(logging.DEBUG)

    async def scenario(house: House) -> None:
        made = (await house.api("POST", "tokens", {"name": "x", "scopes": ["admin"]}))["token"]
        for value in (TOKEN, made):
            for query in (
                f"token={value}",
                f"access_token={value}",
                f"Key={value}",
                f"q={value}",
                f"limit=1&x={value}",
            ):
                for path in ("/", "/login", "/healthz", f"{API}/log", f"{API}/nothing"):
                    reply = await house.get(f"{path}?{query}", token=None)
                    assert reply.status == 400, (path, query)
                    assert "refused" in reply.text
                    assert value not in reply.text
        reply = await house.get(f"{API}/status?password=anything")
        assert (reply.status, reply.error["code"]) == (400, "secret-in-url")
        assert TOKEN not in caplog.text
        assert made not in caplog.text

    open_house(scenario)


def test_a_cookie_that_somebody_planted(open_house: Opener) -> None:
    """Fixation: a session begins with a secret of ours, whatever the browser had before."""

    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        planted = "A" * 43
        data = {"name": ADMIN, "password": PASSWORD}
        reply = await house.call("POST", "/login", token=None, data=data, headers={"Cookie": f"{SESSION}={planted}"})
        assert reply.status == 303
        assert reply.cookie() not in {"", planted}
        assert (await house.get("/", token=None, headers={"Cookie": f"{SESSION}={planted}"})).status == 303

    open_house(scenario)


AWAY = (
    EVIL,
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2f/evil.example",
    "/\tevil.example",
    "javascript:alert(1)",
    "evil.example",
    "@evil.example",
    "/%5cevil.example",
    "/" + "x" * 700,
)


def test_open_redirect(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        for next in AWAY:
            data = {"name": ADMIN, "password": PASSWORD, "next": next}
            reply = await house.call("POST", "/login", token=None, data=data)
            assert (reply.status, reply.location) == (303, "/")
            assert (
                'name="next" value="/"' in (await house.call("GET", "/login", token=None, params={"next": next})).text
            )

    open_house(scenario)
