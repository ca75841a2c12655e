"""Pauses: nothing is blocked for a while."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin import bodies
from resolver.admin.handling import API, Nothing, answer, body, query, service, who


class Whom(msgspec.Struct, frozen=True):
    """Whose pauses are ended; neither: all."""

    client: str = ""
    group: str = ""


async def listed(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(service(request).pausing.in_force())


async def begin(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).pausing.begin(await body(request, bodies.NewPause), who(request)))


async def end(request: web.Request) -> web.Response:
    """End the pauses of one client or group alone, or all."""
    whose = query(request, Whom)
    await body(request, Nothing)
    return answer(await service(request).pausing.end(who(request), client=whose.client, group=whose.group))


async def end_one(request: web.Request) -> web.Response:
    """End the pause that is named."""
    query(request, Nothing)
    await body(request, Nothing)
    return answer(await service(request).pausing.end(who(request), int(request.match_info["id"])))


ROUTES = (
    web.get(f"{API}/pause", listed),
    web.post(f"{API}/pause", begin),
    web.delete(f"{API}/pause", end),
    web.delete(API + "/pause/{id:[0-9]{1,18}}", end_one),
)
