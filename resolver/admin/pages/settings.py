"""The page /settings: what the log keeps and how a blocked name is answered, as forms; what was chosen in place of what
the config file says; and where the rest is."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from resolver.admin.choicebodies import ChoiceInfo
from resolver.admin.handling import service
from resolver.admin.pages.inside import NOTHING, Typed, do, inside, show
from resolver.admin.pages.withheld import lines
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError

PAGE = "/settings"
SHOWN = 25
"""Choices on the page."""

_LOG = ("log.privacy", "log.keep", "log.size")
_BLOCKING = "blocking"
_WHERE = (("lists", "/lists"), ("upstreams", "/upstreams"), ("strategy", "/upstreams"))
_SECTIONS = {"groups": "/groups", "schedules": "/schedules", "log": PAGE, "blocking": PAGE}

Fields = dict[str, str]


class Chosen(msgspec.Struct, frozen=True):
    """A choice, what it says in lines, what it is instead of, and the page where it is changed ("": none)."""

    info: ChoiceInfo
    lines: list[str]
    page: str


class Settings(msgspec.Struct, frozen=True):
    """All that the page shows. `log` and `blocking` are in force; `chosen` are some choices, of `count`."""

    log: dict[str, ChoiceInfo]
    blocking: ChoiceInfo
    mode: str
    ttl: str
    addresses: str
    chosen: list[Chosen]
    count: int
    file: str
    trouble: str


async def page(request: web.Request) -> web.Response:
    """What can be chosen in place of what the config file says, and what was"""
    return await _page(request)


async def log(request: web.Request) -> web.Response:
    """Choose what the log keeps."""
    return await do(request, _log, PAGE, form_name="log", again=_page)


async def blocking(request: web.Request) -> web.Response:
    """Choose how a blocked name is answered."""
    return await do(request, _blocking, PAGE, form_name="blocking", again=_page)


async def back(request: web.Request) -> web.Response:
    """Take back what was chosen: it is as the config file says."""
    return await do(request, _back, PAGE)


async def _page(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    asked = service(request)
    every, blocking = asked.choices.every(), asked.choices.of(_BLOCKING)
    said: dict[str, Any] = blocking.value if isinstance(blocking.value, dict) else {}
    chosen = [Chosen(one, lines(one.path, one.value), _where(one.path)) for one in every[:SHOWN]]
    mode, ttl, addresses = (said.get(key, "") for key in ("mode", "ttl", "addresses"))
    shown = Settings(
        {path.removeprefix("log."): asked.choices.of(path) for path in _LOG},
        blocking,
        str(mode),
        str(ttl),
        " ".join(map(str, addresses)) if isinstance(addresses, list) else str(addresses),
        chosen,
        len(every),
        blocking.file,
        asked.config_trouble,
    )
    return show(request, "settings.html", shown, inside(request, typed=typed))


async def _log(asked: Service, fields: Fields, by: str) -> str:
    given = {path: fields.get(path.removeprefix("log."), "").strip() for path in _LOG}
    values = {path: value for path, value in given.items() if value != str(asked.choices.value(path))}
    if not values:
        return "The log keeps what it kept: nothing was changed."
    try:
        note = await asked.choices.put_all(values, (), by)
    except ApiError as error:
        raise _beside(error, [path.removeprefix("log.") for path in values]) from error
    return _said("The log keeps that from now on.", note)


async def _blocking(asked: Service, fields: Fields, by: str) -> str:
    mode, addresses = fields.get("mode", ""), fields.get("addresses", "").replace(",", " ").split()
    value: dict[str, Any] = {"mode": mode, "ttl": fields.get("ttl", "").strip()}
    if addresses:
        value["addresses"] = addresses
    try:
        done = await asked.choices.put(_BLOCKING, value, by)
    except ApiError as error:
        raise _beside(error, ["mode", "ttl", "addresses"]) from error
    return _said("Blocked names are answered so from now on.", done.note) if done.changed else "It was so already."


async def _back(asked: Service, fields: Fields, by: str) -> str:
    done = await asked.choices.drop(fields.get("path", ""), by)
    if not done.changed:
        return f"{done.choice.path} was as the config file says already."
    return _said(f"{done.choice.path} is as the config file says.", done.note)


def _beside(error: ApiError, fields: list[str]) -> ApiError:
    """The same, said beside the field that it is about."""
    words = str(error)
    field = next((one for one in fields if words.startswith((f"log.{one}", f"{_BLOCKING}.{one}"))), None)
    said = words.partition(": ")[2] if field else words  # without the path: the field says where
    return ApiError(error.status, error.code, said, field)


def _said(words: str, note: str) -> str:
    return f"{words} But it is not in force everywhere yet: {note}" if note else words


def _where(path: str) -> str:
    """The page where people change something."""
    return dict(_WHERE).get(path) or _SECTIONS.get(path.partition(".")[0], "")


ROUTES = (
    Route("GET", PAGE, page, "admin", content="text/html", page=True),
    Route("POST", f"{PAGE}/log", log, "admin", page=True),
    Route("POST", f"{PAGE}/blocking", blocking, "admin", page=True),
    Route("POST", f"{PAGE}/back", back, "admin", page=True),
)
