"""What the forms about lists do: using lists and using them no more, looking for new versions, and going back."""

from __future__ import annotations

import urllib.parse

from aiohttp import web
from msgspec import Raw

from resolver.admin.handling import form
from resolver.admin.jobbodies import Job
from resolver.admin.pages.choosing import but
from resolver.admin.pages.inside import do
from resolver.admin.pages.lists import PAGE
from resolver.admin.pages.underway import begin
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError

Fields = dict[str, str]


async def change(request: web.Request) -> web.Response:
    """Use a list, use it as a shadow, or use it no more; or take a refused version of it.

    The name of the button says which, its value is the list.
    """
    return await do(request, _change, PAGE)


async def refresh(request: web.Request) -> web.Response:
    """Begin to look for new versions of all lists, or of one."""
    id = (await form(request)).get("id", "")
    return await begin(request, _refresh, f"{PAGE}/{urllib.parse.quote(id, safe='')}" if id else PAGE)


async def accept(request: web.Request) -> web.Response:
    """Take the version of a list that was refused."""
    return await do(request, _accept, PAGE)


async def rollback(request: web.Request) -> web.Response:
    """Go back to the version of a list before the one in force."""
    return await do(request, _rollback, PAGE)


async def as_file(request: web.Request) -> web.Response:
    """Use the lists that the config file names, and none that were chosen."""
    return await do(request, _as_file, PAGE)


async def _change(asked: Service, fields: Fields, by: str) -> str:
    if id := fields.get("live", ""):
        note = await asked.offering.use(id, "live", by)
        return f"{id} is in use now.{_unused(asked, id)}{but(note)}"
    if id := fields.get("shadow", ""):
        note = await asked.offering.use(id, "shadow", by)
        return f"{id} is in use as a shadow: it blocks nothing, and what it would have blocked is noted.{but(note)}"
    if id := fields.get("remove", ""):
        return f"{id} is in use no more.{but(await asked.offering.remove(id, by))}"
    if fields.get("accept", ""):
        return await _accept(asked, {"id": fields["accept"]}, by)
    raise ApiError(400, "invalid", "say which list, and whether to use it")


def _unused(asked: Service, id: str) -> str:
    """What to say of a list that nobody uses although it is in use: every group names its lists."""
    return "" if asked.offering.groups().get(id, ("",)) else " But no group uses it: choose it in one, under Groups."


async def _refresh(asked: Service, fields: Fields) -> Job[Raw]:
    return asked.listing.refreshing(fields.get("id", ""))


async def _accept(asked: Service, fields: Fields, _: str) -> str:
    id = fields.get("id", "")
    note = await asked.listing.accept(id)
    return f"The newer version of list {id} is in force, as you asked.{but(note)}"


async def _rollback(asked: Service, fields: Fields, _: str) -> str:
    id = fields.get("id", "")
    note = await asked.listing.rollback(id)
    return f"List {id} is back to the version before.{but(note)}"


async def _as_file(asked: Service, _: Fields, by: str) -> str:
    done = await asked.choices.drop("lists", by)
    return f"The lists are those of the config file again.{but(done.note)}"


ROUTES = (
    Route("POST", f"{PAGE}/change", change, "write", page=True),
    Route("POST", f"{PAGE}/refresh", refresh, "write", page=True),
    Route("POST", f"{PAGE}/accept", accept, "write", page=True),
    Route("POST", f"{PAGE}/rollback", rollback, "write", page=True),
    Route("POST", f"{PAGE}/file", as_file, "write", page=True),
)
