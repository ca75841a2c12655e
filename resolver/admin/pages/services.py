"""The page /services: what a group blocks in one word, and whose search is made safe for it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp import web

from resolver.admin.handling import query, service
from resolver.admin.pages.choosing import but, told
from resolver.admin.pages.inside import NOTHING, Typed, do, inside, show
from resolver.admin.pages.tonight import whom
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.admin.servicebodies import EngineInfo, ServiceInfo, Services
from resolver.config import called
from resolver.errors import ApiError
from resolver.policy.clients import DEFAULT

PAGE = "/services"
MOST = 60
"""Services that are shown at once."""

_PREFIX, _ENGINE = "on-", "safe-"
_KINDS = {
    "social": "Social networks",
    "chat": "Messages and calls",
    "video": "Videos and live streams",
    "streaming": "Films and television",
    "music": "Music and radio",
    "games": "Games",
    "ai": "Assistants and generators",
    "shopping": "Shopping",
    "dating": "Dating",
    "gambling": "Gambling",
    "adult": "Pornography",
    "news": "News and magazines",
    "files": "Storage and file sharing",
}


class Looked(msgspec.Struct, frozen=True):
    """The group, and which services to show: those of a kind, or those in which `q` is."""

    group: str = DEFAULT
    kind: str = ""
    q: str = ""


class Kind(msgspec.Struct, frozen=True):
    """A kind of services: how many there are, those that the group blocks, and the schedules of the group that block
    any of them while they are in force."""

    id: str
    title: str
    count: int
    blocked: list[str]
    schedules: list[str]


class Ticked(msgspec.Struct, frozen=True):
    """A service that can be ticked, whether it is, and what else is to be known of it."""

    service: ServiceInfo
    on: bool
    also: str


class Shown(msgspec.Struct, frozen=True):
    """All that the page shows. `title` is what `ticks` are; without any, nothing is chosen to be shown. `chosen` and
    `safe` say by whom services and engines were chosen."""

    group: str
    groups: tuple[tuple[str, str], ...]
    kinds: list[Kind]
    kind: str
    q: str
    title: str
    ticks: list[Ticked]
    more: int
    engines: list[EngineInfo]
    chosen: str
    safe: str
    may: bool


async def page(request: web.Request) -> web.Response:
    """The services that a group blocks, by kind, and the engines whose search is made safe for it."""
    return await shown(request, query(request, Looked))


async def again(request: web.Request, typed: Typed) -> web.Response:
    return await shown(request, _looked(typed.fields), typed)


async def save(request: web.Request) -> web.Response:
    """Have a group block the services that are ticked, of those that were shown."""
    return await do(request, _save, PAGE, form_name="save", again=again)


async def safe(request: web.Request) -> web.Response:
    """Have the search of the engines that are ticked be safe for a group, and of no others."""
    return await do(request, _safe, PAGE, form_name="safe", again=again)


async def shown(request: web.Request, looked: Looked, typed: Typed = NOTHING) -> web.Response:
    asked, every = service(request), service(request).serving.every()
    group = looked.group or DEFAULT
    if group not in asked.config.groups:
        raise ApiError(404, "not-found", f"there is no group {group}", "group")
    these = _these(every, looked)
    schedules = set(asked.config.groups[group].schedules)
    title = (f"“{looked.q.strip()}”" if looked.q.strip() else _KINDS.get(looked.kind, looked.kind)) if these else ""
    page = Shown(
        group=group,
        groups=tuple((name, name) for name in asked.config.groups),
        kinds=[_kind(every, kind, group, schedules) for kind in every.kinds],
        kind=looked.kind,
        q=looked.q,
        title=title,
        ticks=[_ticked(one, group, schedules) for one in these[:MOST]],
        more=max(0, len(these) - MOST),
        engines=every.engines,
        chosen=told(asked, f"groups.{group}.services"),
        safe=told(asked, f"groups.{group}.safe-search"),
        may=principal(request).may("write"),
    )
    return show(request, "services.html", page, inside(request, typed=typed))


def _these(every: Services, looked: Looked) -> list[ServiceInfo]:
    """The services that are looked at: those that were sought, or of a kind."""
    text = called.key(looked.q.strip())
    if text:
        return [one for one in every.services if text in one.id or text in called.key(one.title)]
    return [one for one in every.services if one.kind == looked.kind]


def _kind(every: Services, kind: str, group: str, schedules: set[str]) -> Kind:
    its = [one for one in every.services if one.kind == kind]
    blocked = [one.title for one in its if group in one.groups]
    timed = sorted({name for one in its for name in one.schedules if name in schedules})
    return Kind(kind, _KINDS.get(kind, kind), len(its), blocked, timed)


def _ticked(one: ServiceInfo, group: str, schedules: set[str]) -> Ticked:
    timed = [name for name in one.schedules if name in schedules]
    others = [name for name in one.groups if name != group]
    said = [f"while {whom(timed)} is in force"] if timed else []
    said += [f"also for {whom(others)}"] if others else []
    return Ticked(one, group in one.groups, ", ".join(said))


async def _save(asked: Service, fields: dict[str, str], by: str) -> str:
    looked = _looked(fields)
    these = [one.id for one in _these(asked.serving.every(), looked)][:MOST]
    on = [id for id in these if fields.get("all") or fields.get(_PREFIX + id)]
    done = await asked.serving.block(looked.group, these, on, by)
    if not done.changed:
        return f"Group {looked.group} blocks what it did before."
    count = len(asked.config.groups[looked.group].services)
    many = "one service" if count == 1 else f"{count} services"
    return f"Group {looked.group} blocks {many} now.{but(done.note)}"


async def _safe(asked: Service, fields: dict[str, str], by: str) -> str:
    group = _looked(fields).group
    on = [key.removeprefix(_ENGINE) for key in fields if key.startswith(_ENGINE)]
    done = await asked.serving.make_safe(group, on, by)
    if not done.changed:
        return f"The search of group {group} is as it was."
    titles = [one.title for one in asked.serving.every().engines if one.id in on]
    return f"The search of group {group} is safe on {whom(titles) or 'no engine'} now.{but(done.note)}"


def _looked(fields: Mapping[str, str]) -> Looked:
    return Looked(fields.get("group", ""), fields.get("kind", ""), fields.get("q", ""))


ROUTES = (
    Route("GET", PAGE, page, "read", query=Looked, content="text/html", page=True),
    Route("POST", f"{PAGE}/save", save, "write", content="text/html", page=True),
    Route("POST", f"{PAGE}/safe", safe, "write", content="text/html", page=True),
)
