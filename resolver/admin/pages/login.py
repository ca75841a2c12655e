"""Signing in, and out."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.handling import form, query, service, who
from resolver.admin.pages import cookies
from resolver.admin.pages.inside import browser, ours
from resolver.admin.pages.render import PAGES
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.tries import Wait
from resolver.errors import ApiError


class Login(msgspec.Struct, frozen=True):
    """The page of ours that somebody wanted to see who had to sign in first."""

    next: str = ""


async def show(request: web.Request) -> web.Response:
    """The form for signing in."""
    return _form(request, next=_page(query(request, Login).next))


async def sign_in(request: web.Request) -> web.Response:
    """A session for whoever has a name and a password, and a code where one is asked for."""
    fields = await form(request)
    name, next = fields.get("name", ""), _page(fields.get("next", ""))
    given = name, fields.get("password", ""), fields.get("code", "")
    try:
        secret = await service(request).entrance.signing.sign_in(*given, browser(request))
    except ApiError as error:
        response = _form(request, error.status, wrong=str(error), name=name, next=next)
        if isinstance(error, Wait):
            response.headers["Retry-After"] = str(error.seconds)
        return response
    response = web.Response(status=303, headers={"Location": next})
    cookies.begin_session(request, response, secret)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """End the session."""
    entrance = service(request).entrance
    entrance.signing.sign_out(principal(request).session)
    entrance.accounts.store.note(who(request), "sign out")
    response = web.Response(status=303, headers={"Location": "/login"})
    cookies.end_session(request, response)
    return response


def _form(request: web.Request, status: int = 200, *, wrong: str = "", name: str = "", next: str = "") -> web.Response:
    entrance = service(request).entrance
    picture = entrance.accounts.store.picture
    empty = picture is not None and not picture.admins
    values = {"wrong": wrong, "name": name[:64], "next": next, "empty": empty, "visitors": entrance.visitors.welcome}
    return request.app[PAGES].response("login.html", status, **values)


def _page(path: str) -> str:
    """A page of this address; another's, or anything else, is the first page."""
    return ours(path) or "/"


ROUTES = (
    Route("GET", "/login", show, "open", query=Login, content="text/html", page=True),
    Route("POST", "/login", sign_in, "open", content="text/html", page=True),
    Route("POST", "/logout", sign_out, "self", page=True),
)
