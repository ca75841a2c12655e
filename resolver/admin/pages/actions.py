"""What the forms of the page Now do. Each goes back to its page, which then says what was done."""

from __future__ import annotations

import math
import urllib.parse

from aiohttp import web

from resolver.admin.bodies import NewPause
from resolver.admin.pages.choosing import but
from resolver.admin.pages.inside import do
from resolver.admin.pages.today import morning
from resolver.admin.routing import Route
from resolver.admin.rulebodies import NewRule
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.errors import ApiError

ROW = "row"
"""The field of a button beside a row: all that it stands for, as the parameters of a URL."""

MORNING = "morning"
"""What stands for a pause until the next morning."""


async def allow(request: web.Request) -> web.Response:
    """Allow a name: for everyone and for good, or as the form says."""
    return await do(request, _allow)


async def pause(request: web.Request) -> web.Response:
    """Begin a pause, for everyone or as the form says."""
    return await do(request, _pause)


async def resume(request: web.Request) -> web.Response:
    """End a pause, or all."""
    return await do(request, _resume)


async def _allow(asked: Service, fields: dict[str, str], by: str) -> str:
    fields = {**fields, **dict(urllib.parse.parse_qsl(fields.get(ROW, "")))}
    whom, lasts = (fields.get("client", ""), fields.get("group", "")), fields.get("for") or None
    result = await asked.ruling.add(NewRule("allow", fields.get("name", ""), *whom, lasts), by)
    rule = result.rule
    others = ", ".join(
        f"{other.action} {other.name} for {other.client or other.group}" for other in result.outranked_by
    )
    hint = f" But a narrower rule still wins: {others}." if others else but(result.note)
    scope = rule.client or (f"group {rule.group}" if rule.group else "everyone")
    until = "" if rule.until is None else f" until {clock_time(rule.until)}"
    if not result.created:
        return f"{rule.name} was allowed already, for {scope}{until}.{hint}"
    return f"{rule.name} and all below it is now allowed, for {scope}{until}.{hint}"


async def _pause(asked: Service, fields: dict[str, str], by: str) -> str:
    kind, _, name = fields.get("whom", "").partition(":")
    if kind and kind not in {"group", "client"}:
        raise ApiError(400, "invalid", "say whom the pause is for: choose one of the form", "whom")
    client, group = (name, "") if kind == "client" else ("", name)
    paused = await asked.pausing.begin(NewPause(_length(asked, fields.get("for", "")), client, group), by)
    whom = paused.client or (f"group {paused.group}" if paused.group else "everyone")
    return f"Blocking is paused for {whom} until {clock_time(paused.until)}."


def _length(asked: Service, given: str) -> str | int:
    """For how long: until the morning, or as given."""
    now = asked.clock.time()
    return math.ceil(morning(now).at - now) if given == MORNING else given


async def _resume(asked: Service, fields: dict[str, str], by: str) -> str:
    id = fields.get("id", "")
    if not id:
        return f"Blocking is on again.{but((await asked.pausing.end(by)).note)}"
    if not id.isascii() or not id.isdecimal() or len(id) > 18:
        raise ApiError(400, "invalid", "the id of a pause is a number", "id")
    done = await asked.pausing.end(by, int(id))
    return f"That pause is over.{but(done.note)}"


ROUTES = (
    Route("POST", "/allow", allow, "write", page=True),
    Route("POST", "/pause", pause, "write", page=True),
    Route("POST", "/resume", resume, "write", page=True),
)
