"""One's own account: who one is, the password, codes, and sessions."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import Account, Code, CodesBegun, Ended, OwnPassword, OwnProof, SessionInfo
from resolver.admin.handling import answer, body, query, service, who
from resolver.admin.own import Own
from resolver.admin.pages.cookies import begin_session
from resolver.admin.pages.inside import browser
from resolver.admin.principal import principal
from resolver.admin.routing import API, Route
from resolver.errors import ApiError


class Whose(msgspec.Struct, frozen=True):
    """`all`: everybody's sessions, which admins may see; else one's own."""

    all: bool = False


async def account(request: web.Request) -> web.Response:
    """Who makes this request, and what they may do."""
    return answer(await _own(request).account(principal(request)))


async def password(request: web.Request) -> web.Response:
    """Take another password. All other sessions of one's end; this one goes on with another cookie."""
    new = await body(request, OwnPassword)
    secret = await _own(request).change_password(principal(request), new, who(request), browser(request))
    return await _renewed(request, secret)


async def codes_begin(request: web.Request) -> web.Response:
    """A secret for an app that makes codes. They are asked for once one is given back."""
    proof = await body(request, OwnProof)
    return answer(await _own(request).begin_codes(principal(request), proof, browser(request)), 201)


async def codes_on(request: web.Request) -> web.Response:
    """Ask for codes from now on. Sessions are renewed as with another password."""
    given = await body(request, Code)
    secret = await _own(request).codes_on(principal(request), given.code, who(request), browser(request))
    return await _renewed(request, secret)


async def codes_off(request: web.Request) -> web.Response:
    """Ask for no codes any more. Sessions are renewed as with another password."""
    proof = await body(request, OwnProof)
    secret = await _own(request).codes_off(principal(request), proof, who(request), browser(request))
    return await _renewed(request, secret)


async def sessions(request: web.Request) -> web.Response:
    """Open sessions, the last used first."""
    found, everybodys = principal(request), query(request, Whose).all
    if everybodys and not found.may("admin"):
        raise ApiError(403, "forbidden", "the sessions of others are for admins to see", "all")
    return answer(await _own(request).sessions(found, everybodys=everybodys))


async def end_others(request: web.Request) -> web.Response:
    """End all of one's sessions but the one in which this is asked for."""
    return answer(await _own(request).end_others(principal(request), who(request)))


async def end(request: web.Request) -> web.Response:
    """End a session: one's own or, for admins, anybody's."""
    return answer(await _own(request).end(principal(request), request.match_info["id"], who(request)))


def _own(request: web.Request) -> Own:
    return service(request).entrance.own


async def _renewed(request: web.Request, secret: str) -> web.Response:
    """The account, with the cookie of the session that goes on."""
    response = answer(await _own(request).account(principal(request)))
    begin_session(request, response, secret)
    return response


_ACCOUNT = f"{API}/account"
_CODES = f"{_ACCOUNT}/codes"

ROUTES = (
    Route("GET", _ACCOUNT, account, "self", returns=Account),
    Route("PUT", f"{_ACCOUNT}/password", password, "self", body=OwnPassword, returns=Account, errors=(409, 429)),
    Route("POST", _CODES, codes_begin, "self", body=OwnProof, returns=CodesBegun, also=(201,), errors=(409, 429)),
    Route("PUT", _CODES, codes_on, "self", body=Code, returns=Account, errors=(409,)),
    Route("DELETE", _CODES, codes_off, "self", body=OwnProof, returns=Account, errors=(409, 429)),
    Route("GET", f"{API}/sessions", sessions, "self", query=Whose, returns=list[SessionInfo]),
    Route("DELETE", f"{API}/sessions", end_others, "self", returns=Ended, errors=(409,)),
    Route("DELETE", API + "/sessions/{id}", end, "self", returns=Ended),
)
