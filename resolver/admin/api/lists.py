"""The lists in use: how they are and what they are good for, their versions, and trying one out."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.handling import answer, begun, body, service
from resolver.admin.jobbodies import Job
from resolver.admin.listbodies import ListInfo, Tried, Trying
from resolver.admin.offerbodies import CatalogueInfo
from resolver.admin.routing import API, Route
from resolver.errors import ApiError


async def every(request: web.Request) -> web.Response:
    """The lists in use, and what they are good for."""
    return answer(await service(request).listing.every())


async def one(request: web.Request) -> web.Response:
    """A list in use."""
    return await _about(request)


async def refresh(request: web.Request) -> web.Response:
    """Begin to look for new versions of all lists.

    The job is done when what is new was compiled. While one is under way, that one is given.
    """
    return begun(service(request).listing.refreshing())


async def refresh_one(request: web.Request) -> web.Response:
    """Begin to look for a new version of a list."""
    return begun(service(request).listing.refreshing(request.match_info["id"]))


async def accept(request: web.Request) -> web.Response:
    """Take the version that was refused."""
    _in_force(await service(request).listing.accept(request.match_info["id"]))
    return await _about(request)


async def rollback(request: web.Request) -> web.Response:
    """Go back to the version before."""
    _in_force(await service(request).listing.rollback(request.match_info["id"]))
    return await _about(request)


async def attempt(request: web.Request) -> web.Response:
    """Begin to try a list out: what would it do if it were in use?

    It is received, compiled, and held against the log; that can take minutes, and changes nothing.
    """
    return begun(await service(request).trials.begin(await body(request, Trying)))


async def catalogue(request: web.Request) -> web.Response:
    """The lists and presets that are known by name, and which of them are in use.

    What is in use is changed with `choices/lists`.
    """
    return answer(service(request).offering.catalogue())


def _in_force(note: str) -> None:
    """Raise ApiError when a change is made, but nobody is answered by it yet."""
    if note:
        raise ApiError(503, "not-in-force", f"this is done, but not in force everywhere yet: {note}")


async def _about(request: web.Request) -> web.Response:
    return answer(await service(request).listing.one(request.match_info["id"]))


_ONE = API + "/lists/{id}"
_REFRESHING = Job[list[ListInfo]]

ROUTES = (
    Route("GET", f"{API}/lists", every, "read", returns=list[ListInfo]),
    Route("POST", f"{API}/lists/refresh", refresh, "write", returns=_REFRESHING, also=(202,)),
    Route(
        "POST", f"{API}/lists/try", attempt, "admin", body=Trying, returns=Job[Tried], also=(202,), errors=(403, 404)
    ),
    Route("GET", f"{API}/catalogue", catalogue, "read", returns=CatalogueInfo),
    Route("GET", _ONE, one, "read", returns=ListInfo),
    Route("POST", _ONE + "/refresh", refresh_one, "write", returns=_REFRESHING, also=(202,)),
    Route("POST", _ONE + "/accept", accept, "write", returns=ListInfo, errors=(409,)),
    Route("POST", _ONE + "/rollback", rollback, "write", returns=ListInfo, errors=(409,)),
)
