"""The log of queries, newest first, a page at a time; and forgetting."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from resolver.admin import checks
from resolver.admin.bodies import LogPage
from resolver.admin.handling import answer, begun, query, service, who
from resolver.admin.jobbodies import Job
from resolver.admin.logbodies import Forgotten
from resolver.admin.logquery import LogQuery, clients, filter_of, is_device
from resolver.admin.routing import API, Route
from resolver.admin.shown import clock_time
from resolver.errors import ApiError
from resolver.store.forgetting import Forget


class ForgetQuery(msgspec.Struct, frozen=True):
    """Which rows: of a device (as in the conditions of the log), about a name and all below it, from before a moment
    (Unix time, a moment with its offset from UTC, or a duration, meaning that long ago); all that is given at once."""

    client: Annotated[str, Meta(max_length=64)] = ""
    name: Annotated[str, Meta(max_length=1100)] = ""
    before: Annotated[str, Meta(max_length=40)] = ""


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
    asked, serving = query(request, ForgetQuery), service(request)
    if not (asked.client or asked.name or asked.before):
        raise ApiError(400, "invalid", "say what to forget: client, name, before, or several of them", "client")
    before = checks.since(asked.before, serving.clock.time(), "before") if asked.before else None
    what = Forget(
        clients=await clients(serving, asked.client) if asked.client else None,
        name=checks.domain_name(asked.name) if asked.name else None,
        before=before,
    )
    parts = [f"of {asked.client}" if asked.client else "", "about a name" if asked.name else ""]
    parts.append(f"from before {clock_time(before)}" if before is not None else "")
    title = " ".join(filter(None, ("forget what the log has", *parts)))
    device = asked.client if is_device(asked.client) else ""
    return begun(serving.logged.forget(what, device, title, who(request)))


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
