"""What the page's forms do. Each goes back to the page, which then says what was done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from resolver.admin.bodies import NewPause
from resolver.admin.handling import form, service, who
from resolver.admin.pages import cookies
from resolver.admin.rulebodies import NewRule
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.errors import ApiError


async def allow(request: web.Request) -> web.Response:
    """Allow a name: for everyone and for good, or as the form says."""
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


async def _allow(asked: Service, fields: dict[str, str], by: str) -> str:
    whom, lasts = (fields.get("client", ""), fields.get("group", "")), fields.get("for") or None
    result = await asked.ruling.add(NewRule("allow", fields.get("name", ""), *whom, lasts), by)
    rule = result.rule
    others = ", ".join(
        f"{other.action} {other.name} for {other.client or other.group}" for other in result.outranked_by
    )
    but = f" But a narrower rule still wins: {others}." if others else _but(result.note)
    scope = rule.client or (f"group {rule.group}" if rule.group else "everyone")
    until = "" if rule.until is None else f" until {clock_time(rule.until)}"
    if not result.created:
        return f"{rule.name} was allowed already, for {scope}{until}.{but}"
    return f"{rule.name} and all below it is now allowed, for {scope}{until}.{but}"


async def _pause(asked: Service, fields: dict[str, str], by: str) -> str:
    paused = await asked.pausing.begin(NewPause(fields.get("for", "")), by)
    return f"Blocking is paused for everyone until {clock_time(paused.until)}."


async def _resume(asked: Service, _: dict[str, str], by: str) -> str:
    done = await asked.pausing.end(by)
    return f"Blocking is on again.{_but(done.note)}"


async def _accept(asked: Service, fields: dict[str, str], _: str) -> str:
    id = fields.get("id", "")
    note = await asked.listing.accept(id)
    return f"The newer version of list {id} is in force, as you asked.{_but(note)}"


async def _rollback(asked: Service, fields: dict[str, str], _: str) -> str:
    id = fields.get("id", "")
    note = await asked.listing.rollback(id)
    return f"List {id} is back to the version before.{_but(note)}"


def _but(note: str) -> str:
    return f" But not everywhere yet: {note}" if note else ""


async def _do(request: web.Request, work: Callable[[Service, dict[str, str], str], Awaitable[str]]) -> web.Response:
    """Have a form's work done; it is told who sends the form."""
    try:
        notice = cookies.Notice(await work(service(request), await form(request), who(request)))
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
