"""What the forms of /schedules do: changes for once, and what a schedule says from now on."""

from __future__ import annotations

from typing import get_args

from aiohttp import web

from resolver.admin.pages import schedules
from resolver.admin.pages.choosing import but, choose
from resolver.admin.pages.inside import Typed, do
from resolver.admin.pages.scheduleform import FIELDS, value
from resolver.admin.pages.schedules import PAGE
from resolver.admin.pages.tonight import whom
from resolver.admin.planbodies import Do, NewScheduleChange
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.config import called
from resolver.config.leaves import shown
from resolver.errors import ApiError

Fields = dict[str, str]

_DOES: tuple[Do, ...] = get_args(Do)
_MORE = "30m"


async def change(request: web.Request) -> web.Response:
    """Change a schedule for once: more time, start now, not today, or back to normal."""
    return await do(request, _change, PAGE, form_name="once", again=_again)


async def save(request: web.Request) -> web.Response:
    """Change what a schedule says, or make one."""
    return await do(request, _save, PAGE, form_name="save", again=schedules.again)


async def delete(request: web.Request) -> web.Response:
    """Have a schedule be no more."""
    return await do(request, _delete, PAGE)


async def as_file(request: web.Request) -> web.Response:
    """Have a schedule be as the config file says, or be no more if that has none."""
    return await do(request, _as_file, PAGE)


async def _again(request: web.Request, typed: Typed) -> web.Response:
    """The page of schedules, also for a form of another page: what is wrong is said there."""
    return await schedules.again(request, typed)


async def _change(asked: Service, fields: Fields, by: str) -> str:
    name, client, group = (fields.get(key, "").strip() for key in ("schedule", "client", "group"))
    what = next((one for one in _DOES if one == fields.get("do")), None)
    if what is None and fields.get("do") != "normal":
        raise ApiError(400, "invalid", f"what to do is none of {', '.join(_DOES)} and normal", "do")
    if what is None:
        done = await asked.planning.normal(name, client, group, by)
        return f"{name} is as usual again.{but(done.note)}" if done.ended else f"{name} was as usual already."
    if not client and not group:
        raise ApiError(400, "invalid", "say for which device", "client")
    lasts = fields.get("for", "").strip() or (_MORE if what == "more" else None)
    made = await asked.planning.change(name, NewScheduleChange(what, lasts, client, group), by)
    those = made.change.client or (f"group {made.change.group}" if made.change.group else "everyone who has it")
    how = "in force" if made.change.on else "off"
    until = "without end" if made.until is None else f"until {clock_time(made.until)}"
    hint = f" Mind: {made.hint}." if made.hint else ""
    return f"{made.change.schedule} is {how} for {those} {until} ({made.change.why}).{but(made.note)}{hint}"


async def _save(asked: Service, fields: Fields, by: str) -> str:
    name = fields.get("schedule", "") or called.name(fields.get("name", "").strip())
    if not name:
        wrong = shown(fields.get("name", ""))
        raise ApiError(400, "invalid", f"{wrong} is no name for a schedule: letters, digits, blanks and - to _", "name")
    if not fields.get("schedule") and name in asked.config.schedules:
        raise ApiError(409, "conflict", f"there is a schedule {name} already: change that one", "name")
    said = value(fields)
    if "only" not in said and not said.get("block") and not said.get("allow"):
        wrong = "that changes nothing: tick that nothing else answers, or name what is blocked or allowed meanwhile"
        raise ApiError(400, "invalid", wrong, "block")
    note = await choose(asked, f"schedules.{name}", said, by, {field: field for field in FIELDS})
    return f"{name} is saved.{note}"


async def _as_file(asked: Service, fields: Fields, by: str) -> str:
    name = fields.get("schedule", "")
    done = await asked.choices.drop(f"schedules.{name}", by)
    return f"{name} is as the config file says.{but(done.note)}"


async def _delete(asked: Service, fields: Fields, by: str) -> str:
    name = fields.get("schedule", "")
    having = [group for group, one in asked.config.groups.items() if name in one.schedules]
    if having:
        raise ApiError(409, "conflict", f"group {whom(having)} has {name}: take it from there first")
    return f"{name} is deleted.{await choose(asked, f'schedules.{name}', None, by, {})}"


ROUTES = (
    Route("POST", f"{PAGE}/change", change, "write", content="text/html", page=True),
    Route("POST", f"{PAGE}/save", save, "write", content="text/html", page=True),
    Route("POST", f"{PAGE}/delete", delete, "write", page=True),
    Route("POST", f"{PAGE}/as-file", as_file, "write", page=True),
)
