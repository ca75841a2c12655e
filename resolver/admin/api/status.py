"""How everything is, and totals."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin import checks
from resolver.admin.handling import API, Nothing, answer, query, service


class StatsQuery(msgspec.Struct, frozen=True):
    """`since`: Unix time, or a duration such as 24h, meaning that long ago."""

    since: str = "24h"


async def status(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(service(request).status())


async def stats(request: web.Request) -> web.Response:
    asked = query(request, StatsQuery)
    since = checks.since(asked.since, service(request).clock.time())
    return answer(await service(request).stats(since))


ROUTES = (
    web.get(f"{API}/status", status),
    web.get(f"{API}/stats", stats),
)
