"""Schedules, and what is changed of them for once."""

from __future__ import annotations

from aiohttp import web
from msgspec import Struct

from resolver.admin.handling import API, Nothing, answer, body, query, service, who
from resolver.admin.planbodies import NewScheduleChange


class Whom(Struct, frozen=True):
    """Whose changes are ended; neither: all."""

    client: str = ""
    group: str = ""


async def listed(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).planning.every())


async def change(request: web.Request) -> web.Response:
    """Change a schedule for once, in place of what was changed of it for the same people."""
    query(request, Nothing)
    new = await body(request, NewScheduleChange)
    return answer(await service(request).planning.change(request.match_info["name"], new, who(request)), 201)


async def normal(request: web.Request) -> web.Response:
    """End what was changed."""
    whose = query(request, Whom)
    await body(request, Nothing)
    ended = await service(request).planning.normal(request.match_info["name"], whose.client, whose.group, who(request))
    return answer(ended)


ROUTES = (
    web.get(f"{API}/schedules", listed),
    web.post(API + "/schedules/{name}/changes", change),
    web.delete(API + "/schedules/{name}/changes", normal),
)
