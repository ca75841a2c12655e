"""What this API is, for programs."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from resolver.admin import routing
from resolver.admin.handling import answer
from resolver.admin.openapi import document
from resolver.admin.routing import API, Route


async def described(request: web.Request) -> web.Response:
    """The API as OpenAPI 3.1 (this document)."""
    return answer(document(_stated(request.app)))


def _stated(app: web.Application) -> list[Route]:
    """The routes as they were stated, without what stands beside every one of them."""
    return [one for one in app[routing.ROUTES].values() if one.method not in {"HEAD", "OPTIONS"}]


ROUTES = (Route("GET", f"{API}/openapi.json", described, "read", returns=dict[str, Any]),)
