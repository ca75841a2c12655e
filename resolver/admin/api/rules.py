"""People's own rules."""

from __future__ import annotations

from aiohttp import web

from resolver.admin import bodies
from resolver.admin.handling import API, Nothing, answer, body, query, service


async def listed(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).rules())


async def add(request: web.Request) -> web.Response:
    """201 for a rule that is new, 200 for one that held already."""
    query(request, Nothing)
    result = await service(request).add_rule(await body(request, bodies.NewRule))
    return answer(result, 201 if result.created else 200)


async def delete(request: web.Request) -> web.Response:
    query(request, Nothing)
    await body(request, Nothing)
    return answer(await service(request).delete_rule(int(request.match_info["id"])))


ROUTES = (
    web.get(f"{API}/rules", listed),
    web.post(f"{API}/rules", add),
    web.delete(API + "/rules/{id:[0-9]{1,18}}", delete),
)
