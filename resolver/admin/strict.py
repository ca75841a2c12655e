"""What a route of the API does not take is refused before its handler sees it."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from resolver.admin.handling import nothing, query
from resolver.admin.routing import API, JSON, Nothing, route_of


@web.middleware
async def strict(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse parameters and a body where there are none to be given. Pages and what is no API are left alone."""
    route = route_of(request)
    if route is not None and request.path.startswith(API):
        if route.query is Nothing:
            query(request, Nothing)
        if route.body is None and route.takes == JSON:
            await nothing(request)
    return await handler(request)
