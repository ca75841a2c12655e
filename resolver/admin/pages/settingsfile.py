"""The page /settings/file: every key of the config with the value in force, and who says so. It only tells."""

from __future__ import annotations

import asyncio
from itertools import groupby

import msgspec
from aiohttp import web

from resolver.admin.handling import query, service
from resolver.admin.pages.inside import inside, show
from resolver.admin.pages.settings import PAGE
from resolver.admin.pages.withheld import lines
from resolver.admin.routing import Route
from resolver.config.settings import Setting
from resolver.errors import ApiError

FILE = f"{PAGE}/file"
SIZE = 50
"""Keys of a section."""

_GENERAL = "general"
_WHERE = {
    "lists": ("/lists", "Lists"),
    "upstreams": ("/upstreams", "Upstreams"),
    "groups": ("/groups", "Groups"),
    "devices": ("/devices", "Devices"),
    "schedules": ("/schedules", "Schedules"),
    "rules": ("/rules", "Rules"),
    "sites": ("/sites", "Sites"),
    "log": (PAGE, "Settings"),
    "blocking": (PAGE, "Settings"),
}


class Section(msgspec.Struct, frozen=True):
    """Which section is looked at ("": all are told, with what is said in each), from which of its keys on."""

    section: str = ""
    start: int = 0


class Key(msgspec.Struct, frozen=True):
    """A key, with its value in force in lines."""

    setting: Setting
    lines: list[str]
    usual: str


class Told(msgspec.Struct, frozen=True):
    """A section: how many keys it has, and how many of them are said or chosen; `page` and `called` are where it is
    changed ("": in the file alone)."""

    name: str
    keys: int
    said: int
    page: str = ""
    called: str = ""


class File(msgspec.Struct, frozen=True):
    """All that the page shows: the sections, and of the one that is looked at (`section`) the keys from `start` on;
    `next` is where those begin that follow (0: there are none)."""

    file: str
    sections: list[Told]
    section: Told | None
    keys: list[Key]
    start: int
    next: int


async def page(request: web.Request) -> web.Response:
    """Every key of the config with the value in force, and where that is said"""
    asked = query(request, Section)
    choices = service(request).choices
    settings = await asyncio.to_thread(choices.settings)  # a file of a thousand devices has thousands of keys
    every = {name: list(keys) for name, keys in groupby(_sorted(settings), key=_section)}
    sections = [_told(name, keys) for name, keys in every.items()]
    section = next((one for one in sections if one.name == asked.section), None)
    if asked.section and section is None:
        raise ApiError(404, "not-found", "the config has no such section", "section")
    keys = every.get(asked.section, [])
    start = max(0, asked.start)
    next_ = start + SIZE if len(keys) > start + SIZE else 0
    shown = [_key(one) for one in keys[start : start + SIZE]]
    file = choices.of("lists").file
    return show(request, "settings_file.html", File(file, sections, section, shown, start, next_), inside(request))


def _section(one: Setting) -> str:
    head, dot, _ = one.path.partition(".")
    return head if dot or head in _WHERE else _GENERAL


def _sorted(settings: list[Setting]) -> list[Setting]:
    """Those that are in no section first."""
    names = list(dict.fromkeys([_GENERAL, *map(_section, settings)]))
    return sorted(settings, key=lambda one: names.index(_section(one)))


def _told(name: str, keys: list[Setting]) -> Told:
    said = sum(one.origin != "default" for one in keys)
    return Told(name, len(keys), said, *_WHERE.get(name, ("", "")))


def _key(one: Setting) -> Key:
    usual = ", ".join(lines(one.path, one.default)) if one.default is not None else ""
    return Key(one, lines(one.path, one.value), "" if one.origin == "default" else usual)


ROUTES = (Route("GET", FILE, page, "admin", query=Section, content="text/html", page=True),)
