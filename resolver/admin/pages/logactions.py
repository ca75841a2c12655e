"""What the forms and rows of /log do: allow or block what a row is about, lead on from it, and forget."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web
from yarl import URL

from resolver.admin.handling import form, service, who
from resolver.admin.logquery import ForgetQuery, begin_forgetting
from resolver.admin.pages.inside import Typed, do
from resolver.admin.pages.log import ACT, FORGETTING, again
from resolver.admin.pages.logfilter import FOR, PAGE, WHOM, past, read_as
from resolver.admin.pages.logrows import EXTENSION, entry_of, why_of
from resolver.admin.pages.ruled import Action, lasts_of, rule_for, ruled, scope_of
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError

Fields = dict[str, str]


async def act(request: web.Request) -> web.Response:
    """Allow or block what a row of the log is about, for as long and for whom the form says."""
    response = await do(request, _act, PAGE, form_name=ACT, again=again)
    fields, back = await form(request), URL(response.headers.get("Location", ""))
    if back.path == PAGE:  # what was chosen stays chosen
        chosen = {key: fields.get(key, usual) for key, usual in (("for", FOR), ("whom", WHOM))}
        kept = {key: value for key, value in back.query.items() if key not in chosen}
        kept |= {key: value for key, value in chosen.items() if value not in {FOR, WHOM}}
        response.headers["Location"] = str(back.with_query(kept))
    return response


async def _act(asked: Service, fields: Fields, by: str) -> str:
    pressed = next((key for key in ("allow", "deny", "extend") if key in fields), "")
    if not pressed:
        raise ApiError(400, "invalid", "press one of the buttons in the rows")
    entry = await entry_of(asked, fields[pressed])
    if not entry.name:
        raise ApiError(409, "unknown", "the log does not keep which name that was")
    if pressed == "extend":  # before a schedule comes only what ends
        scope = scope_of({"whom": "client" if entry.client else "group"}, entry.client, entry.group)
        return await ruled(asked, rule_for("allow", entry.name, scope, EXTENSION), by)
    action: Action = "deny" if pressed == "deny" else "allow"
    scope, lasts = scope_of(fields, entry.client, entry.group), lasts_of(fields)
    return await ruled(asked, rule_for(action, entry.name, scope, lasts), by)


async def name(request: web.Request) -> web.Response:
    """Lead on to the rows about the same name as a row."""
    entry = await entry_of(service(request), request.query.get("row", ""))
    raise web.HTTPSeeOther(f"{PAGE}?{urlencode({'exact': entry.name})}")


async def rule(request: web.Request) -> web.Response:
    """Lead on to the rows that the same rule decided as a row."""
    entry = await entry_of(service(request), request.query.get("row", ""))
    raise web.HTTPSeeOther(f"{PAGE}?{urlencode({'rule': entry.rule})}")


async def why(request: web.Request) -> web.Response:
    """Lead on to why a row was answered as it was."""
    raise web.HTTPSeeOther(why_of(await entry_of(service(request), request.query.get("row", ""))))


async def forget(request: web.Request) -> web.Response:
    """Begin to forget what was logged of a device, about a name, or of before a moment."""
    fields = await form(request)
    given = {key: fields.get(key, "").strip() for key in ("client", "name", "before")}
    try:
        if given["before"]:
            given["before"] = past(given["before"], service(request).clock.time(), "before")
        job = await begin_forgetting(service(request), read_as(ForgetQuery, given), who(request))
    except ApiError as error:
        response = await again(request, Typed(FORGETTING, fields, str(error), error.path or ""))
        response.set_status(error.status)
        return response
    return web.Response(status=303, headers={"Location": f"{PAGE}?job={job.id}#forget"})


ROUTES = (
    Route("GET", f"{PAGE}/name", name, "log", content="", page=True),
    Route("GET", f"{PAGE}/rule", rule, "log", content="", page=True),
    Route("GET", f"{PAGE}/why", why, "log", content="", page=True),
    Route("POST", f"{PAGE}/act", act, "write", page=True),
    Route("POST", f"{PAGE}/forget", forget, "admin", content="text/html", page=True),
)
