"""Every route there is, tried by everybody there can be: whoever may not, is refused before any handler."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from msgspec.structs import replace

from resolver.admin import app, routing
from resolver.admin.accountbodies import NewToken, Scope
from resolver.admin.app import make_app
from resolver.admin.pages.cookies import SESSION
from resolver.admin.principal import ROOT, TOKEN_SCOPES
from resolver.admin.routing import Route
from resolver.admin.signed import digest, form_token
from tests.admin.household import ADMIN, TOKEN, House, Opener
from tests.admin.parts import NOON, free_port

REACHED = 204
FILLED = {
    "id": "1",
    "file": "style.css",
    "client": "192.0.2.1",
    "name": "x",
    "site": "x.example",
    "group": "kids",
    "system": "windows",
}
SCOPES = {
    "nobody": set[str](),
    "wrong token": set[str](),
    "expired token": set[str](),
    "revoked token": set[str](),
    "idle session": set[str](),
    "old session": set[str](),
    "ended session": set[str](),
    "session of a deleted user": set[str](),
    "made-up session": set[str](),
    "member": {"self"},
    "member who grants": {"self"},
    "token read": {"read"},
    "token log": {"log"},
    "token write": {"write"},
    "token read log": {"read", "log"},
    "token admin": {"read", "log", "write", "admin"},
    "admin": {"self", "read", "log", "write", "admin"},
    "root": {"self", "read", "log", "write", "admin"},
}
"""Whom there is, and what they may."""


PART = re.compile(r"\{(\w+)(:([^{}]|\{[^{}]*\})*)?\}")


class Caller(msgspec.Struct, frozen=True):
    """Somebody, by the token or the session's secret that they have."""

    token: str = ""
    session: str = ""

    def request(self, route: Route) -> dict[str, Any]:
        """As a browser that shows our pages, or a program, sends it."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if not self.session:
            return {"headers": headers}
        headers["Cookie"] = f"{SESSION}={self.session}"
        headers["Sec-Fetch-Site"] = "same-origin"
        if route.method in {"GET", "HEAD", "OPTIONS"}:
            return {"headers": headers}
        if route.page:
            return {"headers": headers, "data": {"form": form_token(self.session)}}
        return {"headers": {**headers, "Content-Type": "application/json"}}


async def everybody(house: House) -> dict[str, Caller]:
    """Everybody of SCOPES."""
    entrance, sessions = house.service.entrance, house.parts.accounts.sessions

    async def token(name: str, *scopes: Scope, duration: int | None = None) -> str:
        return (await entrance.tokens.make(NewToken(name, list(scopes), duration), ROOT, "a test")).token

    async def session(name: str) -> Caller:
        return Caller(session=(await house.sign_in(name)).session)

    found = {"nobody": Caller(), "wrong token": Caller("not-a-token-of-anybodys"), "root": Caller(TOKEN)}
    found["made-up session"] = Caller(session="A" * 43)
    found["admin"] = await session(ADMIN)
    await house.add("kim")
    await house.add("lee", grants=True)
    await house.add("gone")
    found["member"], found["member who grants"] = await session("kim"), await session("lee")
    found["session of a deleted user"] = await session("gone")
    await entrance.users.delete("gone", "a test")
    for name in ("idle session", "old session", "ended session"):
        found[name] = await session(ADMIN)
    idle, old = digest(found["idle session"].session), digest(found["old session"].session)
    sessions._open[idle] = replace(sessions._open[idle], seen=NOON - 7 * 86_400)
    sessions._open[old] = replace(sessions._open[old], ends=NOON)
    entrance.signing.sign_out(digest(found["ended session"].session))
    both: tuple[Scope, ...] = ("read", "log")
    for scopes in (*((one,) for one in TOKEN_SCOPES), both):
        found[f"token {' '.join(scopes)}"] = Caller(await token(f"of {' '.join(scopes)}", *scopes))
    found["expired token"] = Caller(await token("expired", "admin", duration=60))
    found["revoked token"] = Caller(await token("revoked", "admin"))
    (revoked,) = [one for one in await entrance.tokens.every() if one.name == "revoked"]
    await entrance.tokens.revoke(revoked.id, "a test")
    picture = house.parts.accounts.picture
    assert picture is not None
    held = {key: replace(one, expires=NOON) if one.name == "expired" else one for key, one in picture.tokens.items()}
    house.parts.accounts.picture = replace(picture, tokens=held)
    assert found.keys() == SCOPES.keys()
    return found


async def reached(_: web.Request) -> web.Response:
    """A handler that says that it was reached."""
    return web.Response(status=REACHED)


def every_route(application: web.Application) -> Iterator[Route]:
    """Those for HEAD and OPTIONS too."""
    for route in application[routing.ROUTES].values():
        yield replace(route, path=PART.sub(lambda match: FILLED.get(match[1], "x"), route.path))


def test_everybody_at_every_route(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        callers = await everybody(house)
        monkeypatch.setattr(app, "ROUTES", [replace(route, handler=reached) for route in app.ROUTES])
        application, tried = make_app(house.service, TOKEN), 0
        async with served(application) as url:
            for route in every_route(application):
                for who, caller in callers.items():
                    form = route.page and route.method == "POST"
                    scopes = set() if form and caller.token else SCOPES[who]  # forms are for browsers alone
                    may = route.needs == "open" or route.needs in scopes
                    status, place = await ask(house.http, url + route.path, route, caller)
                    assert (status == REACHED) == may, (who, route.method, route.path, route.needs, status)
                    if not may:
                        check_refusal(route, status, place, known=bool(scopes))
                    tried += 1
        assert tried > 1000

    open_house(scenario)


@contextlib.asynccontextmanager
async def served(application: web.Application) -> AsyncIterator[str]:
    """The application on a free port."""
    runner, port = web.AppRunner(application), free_port()
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def ask(http: aiohttp.ClientSession, url: str, route: Route, caller: Caller) -> tuple[int, str]:
    """The status, and where it leads."""
    async with http.request(route.method, url, allow_redirects=False, **caller.request(route)) as response:
        return response.status, response.headers.get("Location", "").partition("?")[0]


def check_refusal(route: Route, status: int, place: str, *, known: bool) -> None:
    """That it is told as it should be: programs by a status, people by a page where they can do something."""
    if known:
        assert status == 403 or (route.path, status, place) == ("/", 303, "/me") or (route.page and status == 303)
    elif route.page:
        assert (status, place) == (303, "/login")
    else:
        assert status == 401


def test_every_route_says_what_it_needs_and_few_are_open() -> None:
    made = {(route.method, route.path) for route in app.ROUTES if route.needs == "open"}
    assert made == {
        ("GET", "/healthz"),
        ("GET", "/static/{file}"),
        ("GET", "/login"),
        ("POST", "/login"),
        ("GET", "/welcome"),
        ("POST", "/welcome"),
        ("GET", "/repair/from"),  # it leads on, and knows nothing
        ("GET", "/me"),  # with a check of its own: who has no session sees what is of the other end's address alone
        ("POST", "/me/here"),  # so does what that asks for
        ("GET", "/setup"),
        ("GET", "/setup/{system:[a-z]{1,16}}"),
        ("GET", "/setup/lull.mobileconfig"),
    }
    writes = {route.path for route in app.ROUTES if route.method != "GET" and route.needs in {"read", "log"}}
    looks = {"/api/v1/diagnose", "/diagnose/begin", "/api/v1/upstreams/test", "/api/v1/jobs/{id}"}
    assert writes <= looks, "who may look may change nothing"
    for route in app.ROUTES:
        if any(word in route.path for word in ("users", "tokens", "welcome")) and route.needs != "open":
            assert route.needs == "admin", route.path


def test_a_route_that_nobody_knows_is_closed(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for path in ("/api/v1/nothing", "/nothing", "/metrics/nothing", "/api"):
            for method in ("GET", "POST", "DELETE"):
                reply = await house.call(method, path, token=None)
                assert reply.status in {401, 303}, (method, path)
        assert (await house.get("/api/v1/nothing")).status == 404

    open_house(scenario)
