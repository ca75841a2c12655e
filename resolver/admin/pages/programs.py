"""The page /account/tokens, for admins: the tokens by which programs use the API."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import NewToken, Scope, TokenInfo
from resolver.admin.handling import form, service, who
from resolver.admin.pages.account import PAGE as ACCOUNT
from resolver.admin.pages.inside import NOTHING, Typed, do, inside, show
from resolver.admin.pages.numbers import number
from resolver.admin.principal import TOKEN_SCOPES, principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError

PAGE = f"{ACCOUNT}/tokens"
SIZE = 50


class Tokens(msgspec.Struct, frozen=True):
    """All that the page shows: tokens, the newest first, from those `before` an id on; `next` is that of the page that
    comes then (0: none). `secret` is one that was just made, and is shown this once."""

    tokens: list[TokenInfo]
    before: int
    next: int
    secret: str


async def page(request: web.Request) -> web.Response:
    """The tokens of programs"""
    return await _shown(request)


async def make(request: web.Request) -> web.Response:
    """Make a token, which is shown this once."""
    fields = await form(request)
    scopes: list[Scope] = [scope for scope in TOKEN_SCOPES if fields.get(f"may-{scope}")]
    new = NewToken(fields.get("name", ""), scopes, fields.get("for", "").strip() or None)
    try:
        made = await service(request).entrance.tokens.make(new, principal(request), who(request))
    except ApiError as error:
        return await _shown(request, Typed("make", fields, str(error), error.path or "name"), status=error.status)
    return await _shown(request, secret=made.token)


async def revoke(request: web.Request) -> web.Response:
    """Have a token be good for nothing from now on."""
    return await do(request, _revoke, PAGE)


async def _shown(request: web.Request, typed: Typed = NOTHING, secret: str = "", status: int = 200) -> web.Response:
    before = number(request.query.get("before", ""))
    every = [one for one in reversed(await service(request).entrance.tokens.every()) if not before or one.id < before]
    tokens = every[:SIZE]
    shown = Tokens(tokens, before, tokens[-1].id if len(every) > SIZE else 0, secret)
    return show(request, "tokens.html", shown, inside(request, typed=typed), status)


async def _revoke(asked: Service, fields: dict[str, str], by: str) -> str:
    id = number(fields.get("id", ""))
    if not id:
        raise ApiError(400, "invalid", "the id of a token is a number", "id")
    await asked.entrance.tokens.revoke(id, by)
    return "The token is revoked."


ROUTES = (
    Route("GET", PAGE, page, "admin", content="text/html", page=True),
    Route("POST", f"{PAGE}/make", make, "admin", content="text/html", page=True),
    Route("POST", f"{PAGE}/revoke", revoke, "admin", page=True),
)
