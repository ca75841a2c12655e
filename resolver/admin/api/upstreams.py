"""The upstreams: how they are, how they were, and testing one."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from resolver.admin.handling import answer, begun, body, query, service
from resolver.admin.jobbodies import Job
from resolver.admin.routing import API, Route
from resolver.admin.upstreambodies import Upstreams, UpstreamTest, UpstreamTested


class UpstreamsQuery(msgspec.Struct, frozen=True):
    """How many `hours` are shown, the one that goes on included."""

    hours: Annotated[int, Meta(ge=1, le=168)] = 24


async def every(request: web.Request) -> web.Response:
    """The upstreams as they are, and how they were hour by hour.

    The hours are of the queries that are in the log: how often each answered and failed, and how long that took.
    """
    return answer(await service(request).upstreaming.every(query(request, UpstreamsQuery).hours))


async def attempt(request: web.Request) -> web.Response:
    """Begin to test an upstream of the config.

    It is asked twice for what every resolver knows, or one for a domain for that; that takes three seconds at most.
    """
    return begun(service(request).upstreaming.testing((await body(request, UpstreamTest)).url))


ROUTES = (
    Route("GET", f"{API}/upstreams", every, "read", query=UpstreamsQuery, returns=Upstreams),
    Route(
        "POST",
        f"{API}/upstreams/test",
        attempt,
        "read",
        body=UpstreamTest,
        returns=Job[UpstreamTested],
        also=(202,),
        errors=(404,),
    ),
)
