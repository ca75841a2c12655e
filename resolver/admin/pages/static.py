"""Our own style sheet, script and icon: read once, and nothing else can be had from the folder. Pages ask for them with
a digest, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
import pathlib
from collections.abc import Mapping

from aiohttp import web

from resolver.admin.routing import Route

STATIC = pathlib.Path(__file__).parents[1] / "static"
FILES = web.AppKey("files", dict[str, tuple[bytes, str]])

FOR_GOOD = "public, max-age=31536000, immutable"

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def read_files() -> dict[str, tuple[bytes, str]]:
    """Every file by its name: content and content type."""
    return {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in STATIC.iterdir() if path.suffix in _TYPES}


def addresses(files: Mapping[str, tuple[bytes, str]]) -> dict[str, str]:
    """Where pages find them, by their names."""
    return {name: f"/static/{name}?{hashlib.sha256(files[name][0]).hexdigest()[:10]}" for name in files}


async def file(request: web.Request) -> web.Response:
    """A file of ours for pages."""
    found = request.app[FILES].get(request.match_info["file"])
    if found is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": FOR_GOOD} if request.query_string else {}
    return web.Response(body=found[0], content_type=found[1], headers=headers)


ROUTES = (Route("GET", "/static/{file}", file, "open", content="", page=True),)
