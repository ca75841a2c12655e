"""Why a question is answered as it is."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.handling import API, answer, query, service
from resolver.errors import ApiError, TextError
from resolver.wire.zone import type_number


class WhyQuery(msgspec.Struct, frozen=True):
    """A name, who asks for it (an address; left out: somebody of the default group), and the type of record."""

    name: str
    client: str = ""
    type: str = "A"


async def why(request: web.Request) -> web.Response:
    asked = query(request, WhyQuery)
    try:
        type = type_number(asked.type)
    except TextError as error:
        raise ApiError(400, "invalid", str(error), "type") from error
    return answer(await service(request).why(asked.name, asked.client, type))


ROUTES = (web.get(f"{API}/why", why),)
