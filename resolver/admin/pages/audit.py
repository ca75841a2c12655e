"""The page /audit: what people changed, and taking it back."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.handling import service
from resolver.admin.pages.choosing import but
from resolver.admin.pages.inside import do, inside, show
from resolver.admin.pages.numbers import number
from resolver.admin.routing import Route
from resolver.admin.rulebodies import ChangesPage
from resolver.admin.service import Service
from resolver.errors import ApiError
from resolver.store.undo import AGAIN, BACK

PAGE = "/audit"
SIZE = 50


class Audit(msgspec.Struct, frozen=True):
    """All that the page shows: changes, from the newest `before` one on (None: from the newest of all), or why they
    are `unread`."""

    changes: ChangesPage
    before: int | None
    unread: str


async def page(request: web.Request) -> web.Response:
    """What people changed, newest first"""
    before, unread = number(request.query.get("before", "")) or None, ""
    try:
        found = await service(request).history.changes(SIZE, before)
    except ApiError as error:
        found, unread = ChangesPage([], None), str(error)
    return show(request, "audit.html", Audit(found, before, unread), inside(request))


async def undo(request: web.Request) -> web.Response:
    """Take a change back."""
    return await do(request, _undo, PAGE)


async def _undo(asked: Service, fields: dict[str, str], by: str) -> str:
    id = number(fields.get("id", "")) or None
    if id is None:
        raise ApiError(400, "invalid", "the id of a change is a number", "id")
    done = await asked.history.undo(id, by)
    what, again = done.change.what, done.change.what.startswith(AGAIN)
    said = f"Done again: {what.removeprefix(AGAIN)}" if again else f"Taken back: {what.removeprefix(BACK)}"
    return f"{said}.{but(done.note)}"


ROUTES = (
    Route("GET", PAGE, page, "read", content="text/html", page=True),
    Route("POST", f"{PAGE}/undo", undo, "write", page=True),
)
