"""What the page's forms do. Each goes back to the page, which then says what was done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from resolver.admin import bodies
from resolver.admin.handling import form, service
from resolver.admin.pages import cookies
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.errors import ApiError


async def allow(request: web.Request) -> web.Response:
    """Allow a name for everyone, for good."""
    return await _do(request, _allow)


async def pause(request: web.Request) -> web.Response:
    """Pause blocking for everyone."""
    return await _do(request, _pause)


async def resume(request: web.Request) -> web.Response:
    """End every pause."""
    return await _do(request, _resume)


async def accept(request: web.Request) -> web.Response:
    """Take the version of a list that was refused."""
    return await _do(request, _accept)


async def rollback(request: web.Request) -> web.Response:
    """Go back to the version of a list before the one in force."""
    return await _do(request, _rollback)


async def logout(_: web.Request) -> web.Response:
    """Have this browser forget its session."""
    response = web.Response(status=303, headers={"Location": "/login"})
    cookies.end_session(response)
    return response


async def _allow(asked: Service, fields: dict[str, str]) -> str:
    result = await asked.add_rule(bodies.NewRule("allow", fields.get("name", "")))
    others = ", ".join(
        f"{other.action} {other.name} for {other.client or other.group}" for other in result.outranked_by
    )
    but = f" But a narrower rule still wins: {others}." if others else _but(result.note)
    if not result.created:
        return f"{result.rule.name} was allowed already, for everyone.{but}"
    return f"{result.rule.name} and all below it is now allowed, for everyone.{but}"


async def _pause(asked: Service, fields: dict[str, str]) -> str:
    paused = await asked.pause(bodies.NewPause(fields.get("for", "")))
    return f"Blocking is paused for everyone until {clock_time(paused.until)}."


async def _resume(asked: Service, _: dict[str, str]) -> str:
    done = await asked.end_pauses()
    return f"Blocking is on again.{_but(done.note)}"


async def _accept(asked: Service, fields: dict[str, str]) -> str:
    id = fields.get("id", "")
    note = await asked.listing.accept(id)
    return f"The newer version of list {id} is in force, as you asked.{_but(note)}"


async def _rollback(asked: Service, fields: dict[str, str]) -> str:
    id = fields.get("id", "")
    note = await asked.listing.rollback(id)
    return f"List {id} is back to the version before.{_but(note)}"


def _but(note: str) -> str:
    return f" But not everywhere yet: {note}" if note else ""


async def _do(request: web.Request, work: Callable[[Service, dict[str, str]], Awaitable[str]]) -> web.Response:
    try:
        notice = cookies.Notice(await work(service(request), await form(request)))
    except ApiError as error:
        notice = cookies.Notice(f"Nothing was changed: {error}", good=False)
    response = web.Response(status=303, headers={"Location": "/"})
    cookies.leave_notice(request, response, notice)
    return response


ROUTES = (
    web.post("/allow", allow),
    web.post("/pause", pause),
    web.post("/resume", resume),
    web.post("/lists/accept", accept),
    web.post("/lists/rollback", rollback),
    web.post("/logout", logout),
)
