"""The first visit: whoever comes by the link that this machine told makes the first admin."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import NewUser
from resolver.admin.handling import form, query, service
from resolver.admin.pages import cookies
from resolver.admin.pages.inside import browser
from resolver.admin.pages.render import PAGES
from resolver.admin.pages.welcomesteps import LISTS
from resolver.admin.passwords import SHORTEST
from resolver.admin.routing import Route
from resolver.config.leaves import plain
from resolver.errors import ApiError

_USUAL = "admin"


class Key(msgspec.Struct, frozen=True):
    """The key of the link."""

    key: str = ""


async def show(request: web.Request) -> web.Response:
    """Take the key, which is not to stay in the address, or show the form to whoever came with it."""
    welcome, key = service(request).entrance.welcome, query(request, Key).key
    if key:
        secret = await welcome.begin(key, request.remote or "")
        response = web.Response(status=303, headers={"Location": "/welcome"})
        cookies.begin_visit(request, response, secret)
        return response
    await _check(request)
    return _form(request)


async def make(request: web.Request) -> web.Response:
    """Make the first admin, who is then signed in."""
    await _check(request)
    fields = await form(request)
    entrance = service(request).entrance
    try:
        made = await entrance.users.add(_new(fields), f"first visit ({plain(request.remote or '')})", first=True)
    except ApiError as error:
        return _form(request, error.status, str(error), fields.get("name", ""))
    entrance.welcome.look()
    secret = entrance.signing.welcome(await entrance.accounts.user(made.name), browser(request))
    response = web.Response(status=303, headers={"Location": LISTS})
    cookies.begin_session(request, response, secret)
    cookies.end_visit(request, response)
    return response


def _new(fields: dict[str, str]) -> NewUser:
    password = fields.get("password", "")
    if password != fields.get("again", ""):
        raise ApiError(400, "invalid", "the two passwords differ: type the same one twice", "again")
    return NewUser(fields.get("name", ""), password, "admin")


async def _check(request: web.Request) -> None:
    if not await service(request).entrance.welcome.is_visit(cookies.visit_of(request)):
        raise ApiError(
            403,
            "forbidden",
            "this page opens by the link that `lull token` shows, where Lull runs; once an admin was "
            "made there is none: sign in",
        )


def _form(request: web.Request, status: int = 200, wrong: str = "", name: str = _USUAL) -> web.Response:
    values = {"wrong": wrong, "name": name[:64], "shortest": SHORTEST}
    return request.app[PAGES].response("welcome.html", status, **values)


ROUTES = (
    Route("GET", "/welcome", show, "open", query=Key, content="text/html", page=True),
    Route("POST", "/welcome", make, "open", content="text/html", page=True),
)
