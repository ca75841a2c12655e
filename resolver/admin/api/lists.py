"""The lists in use: how they are and what they are good for, their versions, and trying one out."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.handling import API, Nothing, answer, body, query, service
from resolver.admin.listbodies import Trying
from resolver.errors import ApiError


async def every(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).listing.every())


async def one(request: web.Request) -> web.Response:
    query(request, Nothing)
    return await _about(request)


async def refresh(request: web.Request) -> web.Response:
    """Answers when all lists were looked at, and compiled if any is new: that can take a minute."""
    await _bare(request)
    listing = service(request).listing
    await listing.refresh(None)
    return answer(await listing.every())


async def refresh_one(request: web.Request) -> web.Response:
    await _bare(request)
    await service(request).listing.refresh([request.match_info["id"]])
    return await _about(request)


async def accept(request: web.Request) -> web.Response:
    """Take the version that was refused."""
    await _bare(request)
    _in_force(await service(request).listing.accept(request.match_info["id"]))
    return await _about(request)


async def rollback(request: web.Request) -> web.Response:
    """Go back to the version before."""
    await _bare(request)
    _in_force(await service(request).listing.rollback(request.match_info["id"]))
    return await _about(request)


async def attempt(request: web.Request) -> web.Response:
    """Answers when the list was received, compiled, and held against the log: that can take minutes."""
    query(request, Nothing)
    return answer(await service(request).trials.attempt(await body(request, Trying)))


def _in_force(note: str) -> None:
    """Raise ApiError when a change is made, but nobody is answered by it yet."""
    if note:
        raise ApiError(503, "not-in-force", f"this is done, but not in force everywhere yet: {note}")


async def _about(request: web.Request) -> web.Response:
    return answer(await service(request).listing.one(request.match_info["id"]))


async def _bare(request: web.Request) -> None:
    """Refuse parameters and a body: there is nothing to say."""
    query(request, Nothing)
    await body(request, Nothing)


ROUTES = (
    web.get(f"{API}/lists", every),
    web.post(f"{API}/lists/refresh", refresh),
    web.post(f"{API}/lists/try", attempt),
    web.get(API + "/lists/{id}", one),
    web.post(API + "/lists/{id}/refresh", refresh_one),
    web.post(API + "/lists/{id}/accept", accept),
    web.post(API + "/lists/{id}/rollback", rollback),
)
