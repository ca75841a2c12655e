"""Work that takes longer than a request."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from resolver.admin.handling import answer, query, service
from resolver.admin.jobbodies import Job
from resolver.admin.jobs import LONGEST_WAIT
from resolver.admin.principal import principal
from resolver.admin.routing import API, Route


class WaitQuery(msgspec.Struct, frozen=True):
    """`seconds`: for how long to wait until there is something new, if the job is not over."""

    seconds: Annotated[float, Meta(ge=0, le=LONGEST_WAIT)] = 0.0


async def every(request: web.Request) -> web.Response:
    """The jobs under way and the last that are over, the latest first.

    Their results are left out. Whoever may begin a job may see it.
    """
    return answer(service(request).jobs.every(principal(request).may))


async def one(request: web.Request) -> web.Response:
    """A job, with its result when it is done."""
    asked = query(request, WaitQuery)
    return answer(await service(request).jobs.one(request.match_info["id"], principal(request).may, asked.seconds))


async def end(request: web.Request) -> web.Response:
    """End a job if it is under way, and forget it."""
    service(request).jobs.end(request.match_info["id"], principal(request).may)
    return web.Response(status=204)


_ONE = API + "/jobs/{id}"

ROUTES = (
    Route("GET", f"{API}/jobs", every, "read", returns=list[Job[Any]]),
    Route("GET", _ONE, one, "read", query=WaitQuery, returns=Job[Any]),
    Route("DELETE", _ONE, end, "read", also=(204,)),
)
