"""People's own rules."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.handling import API, Nothing, answer, body, query, service, who
from resolver.admin.rulebodies import BULK_BYTES, NewRule, NewRules


async def listed(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).ruling.every())


async def add(request: web.Request) -> web.Response:
    """201 for a rule that is new, 200 for one that held already."""
    query(request, Nothing)
    result = await service(request).ruling.add(await body(request, NewRule), who(request))
    return answer(result, 201 if result.created else 200)


async def add_many(request: web.Request) -> web.Response:
    """Add the rules of a text; lines that are none do not keep the others out."""
    query(request, Nothing)
    new = await body(request, NewRules, BULK_BYTES)
    return answer(await service(request).ruling.add_many(new, who(request)))


async def suggestions(request: web.Request) -> web.Response:
    """The rules that could be deleted."""
    query(request, Nothing)
    return answer(await service(request).ruling.suggestions())


async def delete(request: web.Request) -> web.Response:
    query(request, Nothing)
    await body(request, Nothing)
    return answer(await service(request).ruling.delete(int(request.match_info["id"]), who(request)))


ROUTES = (
    web.get(f"{API}/rules", listed),
    web.post(f"{API}/rules", add),
    web.post(f"{API}/rules/bulk", add_many),
    web.get(f"{API}/rules/suggestions", suggestions),
    web.delete(API + "/rules/{id:[0-9]{1,18}}", delete),
)
