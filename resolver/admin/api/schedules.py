"""Schedules, and what is changed of them for once."""

from __future__ import annotations

from aiohttp import web
from msgspec import Struct

from resolver.admin.handling import answer, body, query, service, who
from resolver.admin.planbodies import NewScheduleChange, Normal, ScheduleChanged, ScheduleInfo, ScheduleWeek
from resolver.admin.routing import API, Route


class Whom(Struct, frozen=True):
    """Whose changes are ended; neither: all."""

    client: str = ""
    group: str = ""


async def listed(request: web.Request) -> web.Response:
    """Every schedule: when it is in force, for whom, and what is changed of it."""
    return answer(await service(request).planning.every())


async def weeks(request: web.Request) -> web.Response:
    """When each schedule is in force today and in the six days after it, and for whom."""
    return answer(await service(request).planning.weeks())


async def change(request: web.Request) -> web.Response:
    """Change a schedule for once, in place of what was changed of it for the same people."""
    new = await body(request, NewScheduleChange)
    return answer(await service(request).planning.change(request.match_info["name"], new, who(request)), 201)


async def normal(request: web.Request) -> web.Response:
    """End what was changed."""
    whose = query(request, Whom)
    ended = await service(request).planning.normal(request.match_info["name"], whose.client, whose.group, who(request))
    return answer(ended)


_CHANGES = API + "/schedules/{name}/changes"

ROUTES = (
    Route("GET", f"{API}/schedules", listed, "read", returns=list[ScheduleInfo]),
    Route("GET", f"{API}/schedules/weeks", weeks, "read", returns=list[ScheduleWeek]),
    Route(
        "POST",
        _CHANGES,
        change,
        "write",
        body=NewScheduleChange,
        returns=ScheduleChanged,
        also=(201,),
        errors=(404, 409),
    ),
    Route("DELETE", _CHANGES, normal, "write", query=Whom, returns=Normal, errors=(404, 409)),
)
