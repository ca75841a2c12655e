"""The page /account: one's password, codes and sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import Account, CodesBegun, OwnPassword, OwnProof, SessionInfo
from resolver.admin.entrance import Entrance
from resolver.admin.handling import form, service, who
from resolver.admin.pages import cookies, qr
from resolver.admin.pages.inside import NOTHING, Typed, browser, do, inside, show
from resolver.admin.passwords import SHORTEST
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.errors import ApiError

PAGE = "/account"
SIZE = 50

_SECRETS = frozenset({"old", "new", "again", "password", "code"})


class Shown(msgspec.Struct, frozen=True):
    """All that the page shows: sessions, with `more` that were used before those, and, while `codes` are being turned
    on, their secret, also as a `picture`."""

    account: Account
    sessions: list[SessionInfo]
    more: int
    codes: CodesBegun | None
    picture: qr.Code | None
    shortest: int = SHORTEST


async def page(request: web.Request) -> web.Response:
    """One's own password, codes and sessions"""
    return await _shown(request)


async def _shown(
    request: web.Request, typed: Typed = NOTHING, codes: CodesBegun | None = None, status: int = 200
) -> web.Response:
    found, own = principal(request), service(request).entrance.own
    sessions = await own.sessions(found)
    picture = qr.code(codes.url) if codes else None
    shown = Shown(await own.account(found), sessions[:SIZE], max(0, len(sessions) - SIZE), codes, picture)
    return show(request, "account.html", shown, inside(request, typed=typed), status)


async def password(request: web.Request) -> web.Response:
    """Take another password."""

    async def work(entrance: Entrance, fields: dict[str, str]) -> str:
        if fields.get("new", "") != fields.get("again", ""):
            raise ApiError(400, "invalid", "the two new passwords differ: type the same one twice", "again")
        new = OwnPassword(fields.get("old", ""), fields.get("new", ""))
        return await entrance.own.change_password(principal(request), new, who(request), browser(request))

    said = "The password is changed. All other sessions of yours have ended."
    return await _renew(request, work, said, "password", "old")


async def codes_begin(request: web.Request) -> web.Response:
    """A secret for an app that makes codes."""
    fields = await form(request)
    proof = OwnProof(fields.get("password", ""))
    try:
        begun = await service(request).entrance.own.begin_codes(principal(request), proof, browser(request))
    except ApiError as error:
        return await _shown(request, _wrong("codes", fields, error, "password"), status=error.status)
    return await _shown(request, Typed(fields=without_secrets(fields)), begun)


async def codes_on(request: web.Request) -> web.Response:
    """Ask for codes from now on. After a code that is wrong, the secret is shown again."""

    async def work(entrance: Entrance, fields: dict[str, str]) -> str:
        code = fields.get("code", "")
        return await entrance.own.codes_on(principal(request), code, who(request), browser(request))

    said = "Signing in takes a code from now on. All other sessions of yours have ended."
    return await _renew(request, work, said, "codes", "code")


async def codes_off(request: web.Request) -> web.Response:
    """Ask for no codes any more."""

    async def work(entrance: Entrance, fields: dict[str, str]) -> str:
        proof = OwnProof(fields.get("password", ""), fields.get("code", ""))
        return await entrance.own.codes_off(principal(request), proof, who(request), browser(request))

    said = "Signing in takes no code any more. All other sessions of yours have ended."
    return await _renew(request, work, said, "codes", "password")


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


def without_secrets(fields: Mapping[str, str]) -> dict[str, str]:
    """What of a form may be shown again."""
    return {name: value for name, value in fields.items() if name not in _SECRETS}


def _wrong(name: str, fields: Mapping[str, str], error: ApiError, where: str) -> Typed:
    """What was typed into a form of this page, with what is wrong, in the field `where` unless the error says it."""
    return Typed(name, without_secrets(fields), str(error), error.path or where)


async def _renew(
    request: web.Request,
    work: Callable[[Entrance, dict[str, str]], Awaitable[str]],
    said: str,
    name: str,
    where: str,
) -> web.Response:
    """Have the work of the form of that name done, which gives the secret of a new session for this browser. What is
    wrong is said beside its field, with the codes that are being turned on, if that is so."""
    entrance, fields = service(request).entrance, await form(request)
    try:
        secret = await work(entrance, fields)
    except ApiError as error:
        codes = await entrance.own.codes_begun(principal(request))
        return await _shown(request, _wrong(name, fields, error, where), codes, error.status)
    response = web.Response(status=303, headers={"Location": PAGE})
    cookies.begin_session(request, response, secret)
    cookies.leave_notice(request, response, cookies.Notice(said), secret)
    return response


ROUTES = (
    Route("GET", PAGE, page, "self", content="text/html", page=True),
    Route("POST", f"{PAGE}/password", password, "self", content="text/html", page=True),
    Route("POST", f"{PAGE}/codes/begin", codes_begin, "self", content="text/html", page=True),
    Route("POST", f"{PAGE}/codes/on", codes_on, "self", content="text/html", page=True),
    Route("POST", f"{PAGE}/codes/off", codes_off, "self", content="text/html", page=True),
    Route("POST", f"{PAGE}/sessions/end", end, "self", page=True),
)
