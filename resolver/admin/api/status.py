"""How everything is, and totals."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta
from msgspec.structs import replace

from resolver.admin import checks
from resolver.admin.bodies import Stats, Status
from resolver.admin.handling import answer, query, service
from resolver.admin.principal import principal
from resolver.admin.routing import API, Route
from resolver.errors import ApiError
from resolver.store.statistics import By


class StatsQuery(msgspec.Struct, frozen=True):
    """Of what time: from the hour of `since` to that of `until`, each Unix time, a moment with its offset from UTC such
    as 2026-11-23T07:00:00Z, or a duration such as 24h, meaning that long ago; `until` is now if it is left out. `by`
    tells the queries apart by something; `limit` is how many values, names and clients are shown."""

    since: Annotated[str, Meta(max_length=40)] = "24h"
    until: Annotated[str, Meta(max_length=40)] = ""
    by: By | Literal[""] = ""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 10


async def status(request: web.Request) -> web.Response:
    """How everything is: is it the DNS?"""
    return answer(service(request).status())


async def stats(request: web.Request) -> web.Response:
    """How much was asked, and what is on top.

    Names and clients are left out for a token that may not see what people looked up (`log`).
    """
    asked, now = query(request, StatsQuery), service(request).clock.time()
    since = checks.since(asked.since, now)
    until = checks.since(asked.until, now, "until") if asked.until else None
    if until is not None and until <= since:
        raise ApiError(400, "invalid", "nothing lies between: until is not later than since", "until")
    found = await service(request).stats(since, until, asked.by or None, asked.limit)
    if not principal(request).may("log"):
        found = replace(found, blocked=[], names=[], clients=[], parts=[] if asked.by == "device" else found.parts)
    return answer(found)


ROUTES = (
    Route("GET", f"{API}/status", status, "read", returns=Status),
    Route("GET", f"{API}/stats", stats, "read", query=StatsQuery, returns=Stats),
)
