"""The lists in use: how they are, and looking for new versions now."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.handling import API, Nothing, answer, body, query, service
from resolver.errors import ApiError
from resolver.lists.states import ListState


async def every(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(service(request).lists())


async def one(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(_named(request, service(request).lists()))


async def refresh(request: web.Request) -> web.Response:
    """Answers when all lists were looked at, and compiled if any is new: that can take a minute."""
    query(request, Nothing)
    await body(request, Nothing)
    return answer(await service(request).refresh(None))


async def refresh_one(request: web.Request) -> web.Response:
    query(request, Nothing)
    await body(request, Nothing)
    return answer(_named(request, await service(request).refresh([request.match_info["id"]])))


def _named(request: web.Request, states: list[ListState]) -> ListState:
    id = request.match_info["id"]
    for state in states:
        if state.id == id:
            return state
    there = ", ".join(state.id for state in states)
    raise ApiError(404, "not-found", f"no such list in use: {id[:64]!a}; there are {there}")


ROUTES = (
    web.get(f"{API}/lists", every),
    web.post(f"{API}/lists/refresh", refresh),
    web.get(API + "/lists/{id}", one),
    web.post(API + "/lists/{id}/refresh", refresh_one),
)
