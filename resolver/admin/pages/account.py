"""The page /account: one's password, codes and sessions; for admins the users and the tokens too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import (
    Account,
    CodesBegun,
    OwnPassword,
    OwnProof,
    SessionInfo,
    TokenInfo,
    UserInfo,
)
from resolver.admin.entrance import Entrance
from resolver.admin.handling import form, service, who
from resolver.admin.pages import cookies
from resolver.admin.pages.inside import browser, do, inside, refusal, show
from resolver.admin.passwords import SHORTEST
from resolver.admin.principal import TOKEN_SCOPES, principal
from resolver.admin.routing import Route
from resolver.errors import ApiError

PAGE = "/account"


class Shown(msgspec.Struct, frozen=True):
    """All that the page shows. `secret` is what was just made, and is shown this once."""

    account: Account
    sessions: list[SessionInfo]
    users: list[UserInfo] | None
    tokens: list[TokenInfo] | None
    devices: list[str]
    codes: CodesBegun | None = None
    secret: str = ""
    shortest: int = SHORTEST
    scopes: tuple[str, ...] = TOKEN_SCOPES


async def page(request: web.Request) -> web.Response:
    """One's password, codes and sessions; for admins the users and the tokens too."""
    return await shown(request)


async def shown(
    request: web.Request,
    notice: cookies.Notice | None = None,
    *,
    codes: CodesBegun | None = None,
    secret: str = "",
    status: int = 200,
) -> web.Response:
    """The page, with what was just made."""
    found, entrance = principal(request), service(request).entrance
    admin = found.may("admin")
    page = Shown(
        await entrance.own.account(found),
        await entrance.own.sessions(found),
        await entrance.users.every() if admin else None,
        await entrance.tokens.every() if admin else None,
        entrance.devices() if admin else [],
        codes,
        secret,
    )
    return show(request, "account.html", page, inside(request, notice), status)


async def password(request: web.Request) -> web.Response:
    """Take another password."""

    async def work(entrance: Entrance, fields: dict[str, str]) -> str:
        if fields.get("new", "") != fields.get("again", ""):
            raise ApiError(400, "invalid", "the two new passwords differ: type the same one twice", "again")
        new = OwnPassword(fields.get("old", ""), fields.get("new", ""))
        return await entrance.own.change_password(principal(request), new, who(request), browser(request))

    return await _renew(request, work, "The password is changed. All other sessions of yours have ended.")


async def codes_begin(request: web.Request) -> web.Response:
    """A secret for an app that makes codes."""
    fields = await form(request)
    proof = OwnProof(fields.get("password", ""))
    try:
        begun = await service(request).entrance.own.begin_codes(principal(request), proof, browser(request))
    except ApiError as error:
        return await shown(request, refusal(error), status=error.status)
    return await shown(request, codes=begun)


async def codes_on(request: web.Request) -> web.Response:
    """Ask for codes from now on."""

    async def work(entrance: Entrance, fields: dict[str, str]) -> str:
        code = fields.get("code", "")
        return await entrance.own.codes_on(principal(request), code, who(request), browser(request))

    return await _renew(request, work, "Signing in takes a code from now on. All other sessions of yours have ended.")


async def codes_off(request: web.Request) -> web.Response:
    """Ask for no codes any more."""

    async def work(entrance: Entrance, fields: dict[str, str]) -> str:
        proof = OwnProof(fields.get("password", ""), fields.get("code", ""))
        return await entrance.own.codes_off(principal(request), proof, who(request), browser(request))

    return await _renew(request, work, "Signing in takes no code any more. All other sessions of yours have ended.")


async def end(request: web.Request) -> web.Response:
    """End one session, or all others."""

    async def work(_: object, fields: dict[str, str], by: str) -> str:
        own, id = service(request).entrance.own, fields.get("id", "")
        if id:
            await own.end(principal(request), id, by)
            return "The session is ended."
        ended = (await own.end_others(principal(request), by)).ended
        return f"{ended} {'session is' if ended == 1 else 'sessions are'} ended: this one goes on."

    return await do(request, work, PAGE)


async def _renew(
    request: web.Request, work: Callable[[Entrance, dict[str, str]], Awaitable[str]], said: str
) -> web.Response:
    """Have a form's work done, which gives the secret of a new session for this browser."""
    response = web.Response(status=303, headers={"Location": PAGE})
    try:
        secret = await work(service(request).entrance, await form(request))
    except ApiError as error:
        cookies.leave_notice(request, response, refusal(error))
        return response
    cookies.begin_session(request, response, secret)
    cookies.leave_notice(request, response, cookies.Notice(said), secret)
    return response


ROUTES = (
    Route("GET", PAGE, page, "self", content="text/html", page=True),
    Route("POST", f"{PAGE}/password", password, "self", page=True),
    Route("POST", f"{PAGE}/codes/begin", codes_begin, "self", content="text/html", page=True),
    Route("POST", f"{PAGE}/codes/on", codes_on, "self", page=True),
    Route("POST", f"{PAGE}/codes/off", codes_off, "self", page=True),
    Route("POST", f"{PAGE}/sessions/end", end, "self", page=True),
)
