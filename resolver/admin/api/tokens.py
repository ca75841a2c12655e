"""Tokens of programs."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.accountbodies import NewToken, TokenInfo, TokenMade
from resolver.admin.handling import answer, body, service, who
from resolver.admin.principal import principal
from resolver.admin.routing import API, Route


async def every(request: web.Request) -> web.Response:
    """Every token, the oldest first."""
    return answer(await service(request).entrance.tokens.every())


async def make(request: web.Request) -> web.Response:
    """Make a token, which is shown this once."""
    new = await body(request, NewToken)
    return answer(await service(request).entrance.tokens.make(new, principal(request), who(request)), 201)


async def revoke(request: web.Request) -> web.Response:
    """Have a token be good for nothing from now on."""
    await service(request).entrance.tokens.revoke(int(request.match_info["id"]), who(request))
    return web.Response(status=204)


ROUTES = (
    Route("GET", f"{API}/tokens", every, "admin", returns=list[TokenInfo]),
    Route("POST", f"{API}/tokens", make, "admin", body=NewToken, returns=TokenMade, also=(201,), errors=(409,)),
    Route("DELETE", API + "/tokens/{id:[0-9]{1,18}}", revoke, "admin", also=(204,)),
)
