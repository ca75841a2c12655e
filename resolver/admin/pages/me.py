"""The page /me: one's own device, and what one asks for. A member's is theirs wherever they sit; everybody else's is
the one that they sit at, by the address of its connection."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import Me, NewRequest
from resolver.admin.handling import form, query, service, who
from resolver.admin.pages import cookies
from resolver.admin.pages.choosing import but
from resolver.admin.pages.inside import NOTHING, Typed, do, inside, show
from resolver.admin.pages.numbers import number
from resolver.admin.pages.render import length_of
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.admin.visitors import Visitor
from resolver.errors import ApiError

PAGE = "/me"
ASK, ASK_HERE = f"{PAGE}/ask", f"{PAGE}/here"
FOR = "30m"
"""For how long a name is asked for."""

ROWS = 25

_ASKED = cookies.Notice("That was asked for. Somebody who runs this decides; what they say will stand here.")


class Look(msgspec.Struct, frozen=True):
    """`asked` is the request that was made just now."""

    asked: int = 0


class MyDevice(msgspec.Struct, frozen=True):
    """All that the page shows. `me` is None for a device that is not known; `visitor` None for a member, who sees the
    own device from anywhere. Forms go to `ask` ("": there are none); `unread` says why nothing is known."""

    me: Me | None
    visitor: Visitor | None
    ask: str = ""
    unread: str = ""
    length: str = FOR
    rows: int = ROWS


async def page(request: web.Request) -> web.Response:
    """What was blocked on one's own device, and what holds for it."""
    asked = query(request, Look).asked
    return await _page(request, asked=asked)


async def ask(request: web.Request) -> web.Response:
    """Ask for a name, or for more time."""

    async def work(asked: Service, fields: dict[str, str], by: str) -> str:
        done = await asked.entrance.asking.ask(principal(request), _new(fields), by)
        what = done.request.name or "More time"
        if done.request.state != "granted":
            return f"{what}: that was asked for. An admin decides."
        return f"{what}: {length_of(done.request.seconds)} from now.{but(done.note)}"

    return await do(request, work, PAGE, form_name="ask", again=_page)


async def ask_here(request: web.Request) -> web.Response:
    """Ask for a name, or for more time, for the device that one sits at. Whoever is signed in is nobody here."""
    asked, fields = service(request), await form(request)
    if not asked.entrance.visitors.welcome:
        raise web.HTTPSeeOther(f"/login?next={PAGE}")
    try:
        done = await asked.entrance.asking.ask_here(_visitor(request), _new(fields), who(request))
    except ApiError as error:
        response = await _page(request, Typed("ask", fields, str(error), error.path or ""))
        response.set_status(error.status)
        return response
    return web.Response(status=303, headers={"Location": f"{PAGE}?asked={done.request.id}"})


async def grant(request: web.Request) -> web.Response:
    """Grant what was asked for."""
    return await do(request, _grant)


async def refuse(request: web.Request) -> web.Response:
    """Refuse what was asked for."""
    return await do(request, _refuse)


async def _page(request: web.Request, typed: Typed = NOTHING, asked: int = 0) -> web.Response:
    found, entrance = principal(request), service(request).entrance
    if found.device:
        shown = MyDevice(await entrance.asking.me(found), None, ASK)
        return show(request, "me.html", shown, inside(request, typed=typed))
    if not entrance.visitors.welcome and not found.may("log"):
        if found.kind == "nobody":
            raise web.HTTPSeeOther(f"/login?next={PAGE}")
        raise ApiError(409, "no-device", "this is for members, who have a device of their own")
    shown = await _here(request, ASK_HERE if found.kind == "nobody" else "")
    made = shown.me is not None and any(one.id == asked and one.state == "waiting" for one in shown.me.requests)
    return show(request, "me.html", shown, inside(request, _ASKED if made else None, typed))


async def _here(request: web.Request, ask: str) -> MyDevice:
    """The device that somebody sits at."""
    visitor = _visitor(request)
    if not visitor.known:
        return MyDevice(None, visitor, ask)
    try:
        return MyDevice(await service(request).entrance.asking.device(visitor), visitor, ask)
    except ApiError as error:
        return MyDevice(None, visitor, ask, str(error))


def _visitor(request: web.Request) -> Visitor:
    return service(request).entrance.visitors.of(request.remote, request.headers)


def _new(fields: dict[str, str]) -> NewRequest:
    """What a form asks for: a name, or, by a button of that name, so much more time."""
    more = fields.get("more", "")
    return NewRequest("", more) if more else NewRequest(_name(fields), fields.get("for", FOR))


def _name(fields: dict[str, str]) -> str:
    """Raises ApiError for a form without one, which would ask for more time."""
    name = fields.get("name", "").strip()
    if not name:
        raise ApiError(400, "invalid", "type the name that you need, such as player.example.net", "name")
    return name


async def _grant(asked: Service, fields: dict[str, str], by: str) -> str:
    done = await asked.entrance.asking.grant(number(fields.get("id", "")), by)
    one = done.request
    return f"{one.whose} has {one.name or 'more time'} for {length_of(one.seconds)}.{but(done.note)}"


async def _refuse(asked: Service, fields: dict[str, str], by: str) -> str:
    one = (await asked.entrance.asking.refuse(number(fields.get("id", "")), by)).request
    return f"{one.whose} is told that there is no {one.name or 'more time'}."


ROUTES = (
    Route("GET", PAGE, page, "open", query=Look, content="text/html", page=True),
    Route("POST", ASK, ask, "self", content="text/html", page=True),
    Route("POST", ASK_HERE, ask_here, "open", content="text/html", page=True),
    Route("POST", "/requests/grant", grant, "write", page=True),
    Route("POST", "/requests/refuse", refuse, "write", page=True),
)
