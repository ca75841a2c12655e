"""Why a question is answered as it is."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin import checks
from resolver.admin.handling import answer, query, service
from resolver.admin.routing import API, Route
from resolver.admin.whybodies import Why
from resolver.errors import ApiError, TextError
from resolver.wire.zone import type_number


class WhyQuery(msgspec.Struct, frozen=True):
    """A name, who asks for it (an address, a MAC address or a device's name; left out: somebody of the default group),
    the type of record, and when: "2026-11-23T07:00+01:00" or Unix time; or "21:30", "mon 21:30", "2026-11-23 07:00" by
    the daemon's clocks, or "+30m"; left out: now."""

    name: str
    client: str = ""
    type: str = "A"
    at: str = ""


async def why(request: web.Request) -> web.Response:
    """Why a question is answered as it is, and what it would take to change that."""
    asked = query(request, WhyQuery)
    try:
        type = type_number(asked.type)
    except TextError as error:
        raise ApiError(400, "invalid", str(error), "type") from error
    at = checks.moment(asked.at, service(request).clock.time()) if asked.at else None
    return answer(await service(request).whys.why(asked.name, asked.client, type, at))


ROUTES = (Route("GET", f"{API}/why", why, "read", query=WhyQuery, returns=Why, errors=(404,)),)
