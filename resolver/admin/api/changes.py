"""What people changed, and taking it back."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from resolver.admin.handling import API, Nothing, answer, body, query, service, who


class ChangesQuery(msgspec.Struct, frozen=True):
    """So many changes, newest first; with `before`, those before the change of that id."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    before: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None


async def listed(request: web.Request) -> web.Response:
    asked = query(request, ChangesQuery)
    return answer(await service(request).history.changes(asked.limit, asked.before))


async def undo(request: web.Request) -> web.Response:
    """Take a change back."""
    query(request, Nothing)
    await body(request, Nothing)
    return answer(await service(request).history.undo(int(request.match_info["id"]), who(request)))


ROUTES = (
    web.get(f"{API}/changes", listed),
    web.post(API + "/changes/{id:[0-9]{1,18}}/undo", undo),
)
