"""The log of queries, newest first, a page at a time; and forgetting."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.bodies import LogPage
from resolver.admin.handling import answer, begun, query, service, who
from resolver.admin.jobbodies import Job
from resolver.admin.logbodies import Forgotten
from resolver.admin.logquery import ForgetQuery, LogQuery, begin_forgetting, filter_of
from resolver.admin.routing import API, Route


async def log(request: web.Request) -> web.Response:
    """What was asked and how it was answered, newest first."""
    asked = query(request, LogQuery)
    wanted = await filter_of(service(request), asked)
    return answer(await service(request).log(wanted, asked.cursor, asked.limit))


async def forget(request: web.Request) -> web.Response:
    """Begin to delete rows of the log for good.

    Hours and days have no more of that device or name either; totals stay. It cannot be undone. That it was done is on
    the trail of changes, with the device and the time, and without the name.
    """
    return begun(await begin_forgetting(service(request), query(request, ForgetQuery), who(request)))


ROUTES = (
    Route("GET", f"{API}/log", log, "log", query=LogQuery, returns=LogPage, errors=(404,)),
    Route(
        "DELETE",
        f"{API}/log",
        forget,
        "admin",
        query=ForgetQuery,
        returns=Job[Forgotten],
        also=(202,),
        errors=(404, 429),
    ),
)
