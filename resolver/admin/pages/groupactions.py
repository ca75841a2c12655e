"""What the forms of /groups and of a group's own page do."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from resolver.admin.handling import form
from resolver.admin.pages import groups
from resolver.admin.pages.choosing import but, choose
from resolver.admin.pages.groupform import PARTS, VALUES
from resolver.admin.pages.groups import PAGE
from resolver.admin.pages.inside import do
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.config import called
from resolver.config.leaves import shown
from resolver.errors import ApiError
from resolver.policy.clients import DEFAULT

Fields = dict[str, str]

_SAID = {
    "clients": "Who is in group {} is saved.",
    "lists": "The lists of group {} are saved.",
    "schedules": "The schedules of group {} are saved.",
    "default": "What happens to other names in group {} is saved.",
    "privacy": "What the log keeps of group {} is saved.",
    "blocking": "How blocked names are answered in group {} is saved.",
}


async def new(request: web.Request) -> web.Response:
    """Make a group."""
    fields = await form(request)
    made = called.name(fields.get("name", "").strip())
    return await do(request, _new, f"{PAGE}/{quote(made)}" if made else PAGE, form_name="new", again=groups.again)


async def change(request: web.Request) -> web.Response:
    """Change a part of what holds for a group."""
    part = (await form(request)).get("part", "")
    return await do(request, _change, PAGE, form_name=part, again=groups.again)


async def delete(request: web.Request) -> web.Response:
    """Have a group be no more: who is in it is in the group default then, or in that of a wider network."""
    return await do(request, _delete, PAGE)


async def as_file(request: web.Request) -> web.Response:
    """Have a part of a group be as the config file says."""
    return await do(request, _as_file, PAGE)


async def _new(asked: Service, fields: Fields, by: str) -> str:
    text = fields.get("name", "").strip()
    name = called.name(text)
    if not name:
        raise ApiError(
            400, "invalid", f"{shown(text)} is no name for a group: letters, digits, blanks, - and _", "name"
        )
    if name in asked.config.groups:
        raise ApiError(409, "conflict", f"there is a group {name} already", "name")
    note = await choose(asked, f"groups.{name}", {}, by, {})
    return f"Group {name} is made. It has all lists and nobody in it yet.{note}"


async def _change(asked: Service, fields: Fields, by: str) -> str:
    name, part = _known(asked, fields), fields.get("part", "")
    if part not in VALUES:
        raise ApiError(400, "invalid", f"a group has no {shown(part)} to change here", "part")
    keys = {key: key for key in ("mode", "ttl", "addresses")} | {part: part}
    note = await choose(asked, f"groups.{name}.{part}", VALUES[part](fields), by, keys)
    return _SAID[part].format(name) + note


async def _delete(asked: Service, fields: Fields, by: str) -> str:
    name = _known(asked, fields)
    if name == DEFAULT:
        raise ApiError(409, "conflict", "the group default is everybody whom no other group names: it stays", "group")
    note = await choose(asked, f"groups.{name}", None, by, {})
    return f"Group {name} is deleted.{note}"


async def _as_file(asked: Service, fields: Fields, by: str) -> str:
    name, part = _known(asked, fields), fields.get("part", "")
    path = f"groups.{name}.{part}" if part in PARTS else f"groups.{name}"
    done = await asked.choices.drop(path, by)
    return f"That is as the config file says for group {name}.{but(done.note)}"


def _known(asked: Service, fields: Fields) -> str:
    name = fields.get("group", "")
    if name not in asked.config.groups:
        raise ApiError(404, "not-found", f"there is no group {shown(name)}", "group")
    return name


ROUTES = (
    Route("POST", f"{PAGE}/new", new, "write", content="text/html", page=True),
    Route("POST", f"{PAGE}/change", change, "write", content="text/html", page=True),
    Route("POST", f"{PAGE}/delete", delete, "write", page=True),
    Route("POST", f"{PAGE}/as-file", as_file, "write", page=True),
)
