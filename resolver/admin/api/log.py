"""The log of queries, newest first, a page at a time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

from resolver.admin import checks
from resolver.admin.handling import API, answer, query, service
from resolver.store.queries import LogFilter


class LogQuery(msgspec.Struct, frozen=True):
    """What rows to show; what is left out is no condition. `client` is an address, or all addresses of the device with
    that address, MAC address or name; `name` is a name and all below it; `since` is Unix time, or
    a duration such as 24h, meaning that long ago; `shadow` is the id of a shadow list, or * for any: what it would have
    blocked; `cursor` is the `next` of the page before."""

    client: str = ""
    group: Annotated[str, Meta(max_length=64)] = ""
    name: str = ""
    verdict: Literal["pass", "allow", "block", "rewrite", "refused", ""] = ""
    since: str = ""
    shadow: str = ""
    cursor: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


async def log(request: web.Request) -> web.Response:
    asked = query(request, LogQuery)
    wanted = LogFilter(
        clients=await service(request).clients(asked.client) if asked.client else None,
        group=asked.group or None,
        name=checks.domain_name(asked.name) if asked.name else None,
        verdict=asked.verdict or None,
        since=checks.since(asked.since, service(request).clock.time()) if asked.since else None,
        shadow=checks.shadow(asked.shadow) if asked.shadow else None,
    )
    return answer(await service(request).log(wanted, asked.cursor, asked.limit))


ROUTES = (web.get(f"{API}/log", log),)
