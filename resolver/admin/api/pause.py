"""Pauses: nothing is blocked for a while."""

from __future__ import annotations

from aiohttp import web

from resolver.admin import bodies
from resolver.admin.handling import API, Nothing, answer, body, query, service


async def listed(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(service(request).pauses())


async def begin(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).pause(await body(request, bodies.NewPause)))


async def end(request: web.Request) -> web.Response:
    """End the pause that is named, or all."""
    query(request, Nothing)
    await body(request, Nothing)
    id = request.match_info.get("id")
    return answer(await service(request).end_pauses(None if id is None else int(id)))


ROUTES = (
    web.get(f"{API}/pause", listed),
    web.post(f"{API}/pause", begin),
    web.delete(f"{API}/pause", end),
    web.delete(API + "/pause/{id:[0-9]{1,18}}", end),
)
