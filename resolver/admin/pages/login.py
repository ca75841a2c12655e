"""Signing in with the token."""

from __future__ import annotations

import asyncio
import logging
import math

from aiohttp import web

from resolver.admin.auth import ACCESS
from resolver.admin.handling import form
from resolver.admin.pages import cookies
from resolver.admin.pages.render import PAGES
from resolver.admin.tries import Tries

log = logging.getLogger(__name__)

TRIES = web.AppKey("tries", Tries)
DELAY = 0.5
"""Seconds that the answer to a wrong token takes."""


async def show(request: web.Request) -> web.Response:
    return request.app[PAGES].response("login.html", wrong="")


async def sign_in(request: web.Request) -> web.Response:
    """A session for whoever has the token."""
    fields = await form(request)
    tries, address = request.app[TRIES], request.remote or ""
    wait = tries.wait(address)
    if wait:
        text = f"Too many wrong tries from your address: try again in {math.ceil(wait / 60)} minutes."
        response = request.app[PAGES].response("login.html", 429, wrong=text)
        response.headers["Retry-After"] = str(math.ceil(wait))
        return response
    if not request.app[ACCESS].is_token(fields.get("token", "").strip()):
        tries.wrong(address)
        log.warning("somebody at %s tried to sign in with a wrong token", address)
        await asyncio.sleep(DELAY)
        return request.app[PAGES].response("login.html", 403, wrong="That is not the token.")
    tries.right(address)
    response = web.Response(status=303, headers={"Location": "/"})
    cookies.begin_session(request, response)
    return response


ROUTES = (
    web.get("/login", show),
    web.post("/login", sign_in),
)
