"""Pauses: nothing is blocked for a while."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.bodies import Done, NewPause, PauseInfo
from resolver.admin.handling import answer, body, query, service, who
from resolver.admin.routing import API, Route


class Whom(msgspec.Struct, frozen=True):
    """Whose pauses are ended; neither: all."""

    client: str = ""
    group: str = ""


async def listed(request: web.Request) -> web.Response:
    """The pauses in force."""
    return answer(service(request).pausing.in_force())


async def begin(request: web.Request) -> web.Response:
    """Begin a pause: nothing is blocked until it ends."""
    return answer(await service(request).pausing.begin(await body(request, NewPause), who(request)))


async def end(request: web.Request) -> web.Response:
    """End the pauses of one client or group alone, or all."""
    whose = query(request, Whom)
    return answer(await service(request).pausing.end(who(request), client=whose.client, group=whose.group))


async def end_one(request: web.Request) -> web.Response:
    """End the pause that is named."""
    return answer(await service(request).pausing.end(who(request), int(request.match_info["id"])))


ROUTES = (
    Route("GET", f"{API}/pause", listed, "read", returns=list[PauseInfo]),
    Route("POST", f"{API}/pause", begin, "write", body=NewPause, returns=PauseInfo, errors=(404, 409)),
    Route("DELETE", f"{API}/pause", end, "write", query=Whom, returns=Done, errors=(404, 409)),
    Route("DELETE", API + "/pause/{id:[0-9]{1,18}}", end_one, "write", returns=Done),
)
