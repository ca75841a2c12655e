"""Our own style sheet and icon: read once, and nothing else can be had from the folder."""

from __future__ import annotations

import pathlib

from aiohttp import web

from resolver.admin.routing import Route

STATIC = pathlib.Path(__file__).parents[1] / "static"
FILES = web.AppKey("files", dict[str, tuple[bytes, str]])

_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}


def read_files() -> dict[str, tuple[bytes, str]]:
    """Every file by its name: content and content type."""
    return {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in STATIC.iterdir() if path.suffix in _TYPES}


async def file(request: web.Request) -> web.Response:
    """A file of ours for pages."""
    found = request.app[FILES].get(request.match_info["file"])
    if found is None:
        raise web.HTTPNotFound
    return web.Response(body=found[0], content_type=found[1])


ROUTES = (Route("GET", "/static/{file}", file, "open", content="", page=True),)
