"""What people changed, and taking it back."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from resolver.admin.handling import answer, query, service, who
from resolver.admin.principal import ADMIN, principal
from resolver.admin.routing import API, Route
from resolver.admin.rulebodies import ChangesPage, Undone


class ChangesQuery(msgspec.Struct, frozen=True):
    """So many changes, newest first; `cursor` is the `next` of the page before."""

    cursor: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


async def listed(request: web.Request) -> web.Response:
    """What people changed, newest first."""
    asked = query(request, ChangesQuery)
    return answer(await service(request).history.changes(asked.limit, asked.cursor))


async def undo(request: web.Request) -> web.Response:
    """Take a change back.

    That is a change itself, and can be taken back. What has changed since is not overwritten: 409 says what it is.
    What was chosen of the log is taken back by whoever may do everything.
    """
    id, admin = int(request.match_info["id"]), principal(request).may(ADMIN)
    return answer(await service(request).history.undo(id, who(request), admin=admin))


_UNDO = API + "/changes/{id:[0-9]{1,18}}/undo"

ROUTES = (
    Route("GET", f"{API}/changes", listed, "read", query=ChangesQuery, returns=ChangesPage),
    Route("POST", _UNDO, undo, "write", returns=Undone, errors=(409,)),
)
