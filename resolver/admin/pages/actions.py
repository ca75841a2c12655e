"""What the page's forms do. Each goes back to the page, which then says what was done."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.bodies import NewPause
from resolver.admin.pages.inside import do
from resolver.admin.routing import Route
from resolver.admin.rulebodies import NewRule
from resolver.admin.service import Service
from resolver.admin.shown import clock_time


async def allow(request: web.Request) -> web.Response:
    """Allow a name: for everyone and for good, or as the form says."""
    return await do(request, _allow)


async def pause(request: web.Request) -> web.Response:
    """Pause blocking for everyone."""
    return await do(request, _pause)


async def resume(request: web.Request) -> web.Response:
    """End every pause."""
    return await do(request, _resume)


async def accept(request: web.Request) -> web.Response:
    """Take the version of a list that was refused."""
    return await do(request, _accept)


async def rollback(request: web.Request) -> web.Response:
    """Go back to the version of a list before the one in force."""
    return await do(request, _rollback)


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


ROUTES = (
    Route("POST", "/allow", allow, "write", page=True),
    Route("POST", "/pause", pause, "write", page=True),
    Route("POST", "/resume", resume, "write", page=True),
    Route("POST", "/lists/accept", accept, "write", page=True),
    Route("POST", "/lists/rollback", rollback, "write", page=True),
)
