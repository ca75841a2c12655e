"""What members see of their own device and ask for, and what becomes of that."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import Decided, Decision, Me, NewRequest, Wanted
from resolver.admin.handling import answer, body, query, service, who
from resolver.admin.principal import principal
from resolver.admin.routing import API, Route


class Which(msgspec.Struct, frozen=True):
    """`waiting`: only what waits for a decision."""

    waiting: bool = False


async def me(request: web.Request) -> web.Response:
    """One's own device: what was blocked on it in the last minutes, and what holds for it."""
    return answer(await service(request).entrance.asking.me(principal(request)))


async def ask(request: web.Request) -> web.Response:
    """Ask for an exception. With the right to grant it oneself it takes effect at once."""
    new = await body(request, NewRequest)
    return answer(await service(request).entrance.asking.ask(principal(request), new, who(request)), 201)


async def requests(request: web.Request) -> web.Response:
    """What members asked for, newest first."""
    waiting = query(request, Which).waiting
    return answer(await service(request).entrance.asking.every(waiting=waiting))


async def grant(request: web.Request) -> web.Response:
    """Have what was asked for take effect now."""
    decision = await body(request, Decision)
    asking, id = service(request).entrance.asking, int(request.match_info["id"])
    return answer(await asking.grant(id, who(request), decision.duration))


async def refuse(request: web.Request) -> web.Response:
    """Refuse what was asked for."""
    id = int(request.match_info["id"])
    return answer(await service(request).entrance.asking.refuse(id, who(request)))


_ONE = API + "/requests/{id:[0-9]{1,18}}"

ROUTES = (
    Route("GET", f"{API}/me", me, "self", returns=Me, errors=(409,)),
    Route("POST", f"{API}/me/requests", ask, "self", body=NewRequest, returns=Decided, also=(201,), errors=(409,)),
    Route("GET", f"{API}/requests", requests, "read", query=Which, returns=list[Wanted]),
    Route("POST", f"{_ONE}/grant", grant, "write", body=Decision, returns=Decided, errors=(409,)),
    Route("POST", f"{_ONE}/refuse", refuse, "write", returns=Decided, errors=(409,)),
)
