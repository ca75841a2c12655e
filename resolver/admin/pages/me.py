"""The page /me: a member's own device, and what they ask for."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.accountbodies import NewRequest
from resolver.admin.handling import service
from resolver.admin.pages.inside import do, inside, show
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.config.leaves import show_duration

PAGE = "/me"


async def page(request: web.Request) -> web.Response:
    """What was blocked on one's own device, and what holds for it."""
    me = await service(request).entrance.asking.me(principal(request))
    return show(request, "me.html", me, inside(request))


async def ask(request: web.Request) -> web.Response:
    """Ask for a name, or for more time."""

    async def work(asked: Service, fields: dict[str, str], by: str) -> str:
        new = NewRequest(fields.get("name", ""), fields.get("for", "30m"))
        done = await asked.entrance.asking.ask(principal(request), new, by)
        what = done.request.name or "More time"
        if done.request.state != "granted":
            return f"{what}: that was asked for. An admin decides."
        but = f" But not everywhere yet: {done.note}" if done.note else ""
        return f"{what}: {show_duration(done.request.seconds)} from now.{but}"

    return await do(request, work, PAGE)


async def grant(request: web.Request) -> web.Response:
    """Grant what a member asked for."""
    return await do(request, _grant)


async def refuse(request: web.Request) -> web.Response:
    """Refuse what a member asked for."""
    return await do(request, _refuse)


async def _grant(asked: Service, fields: dict[str, str], by: str) -> str:
    done = await asked.entrance.asking.grant(_id(fields), by)
    one, but = done.request, f" But not everywhere yet: {done.note}" if done.note else ""
    return f"{one.user} has {one.name or 'more time'} for {show_duration(one.seconds)}.{but}"


async def _refuse(asked: Service, fields: dict[str, str], by: str) -> str:
    one = (await asked.entrance.asking.refuse(_id(fields), by)).request
    return f"{one.user} is told that there is no {one.name or 'more time'}."


def _id(fields: dict[str, str]) -> int:
    text = fields.get("id", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


ROUTES = (
    Route("GET", PAGE, page, "self", content="text/html", page=True),
    Route("POST", f"{PAGE}/ask", ask, "self", page=True),
    Route("POST", "/requests/grant", grant, "write", page=True),
    Route("POST", "/requests/refuse", refuse, "write", page=True),
)
