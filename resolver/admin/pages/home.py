"""The page at /: how everything is, totals, the last blocked queries, the lists."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import TypeVar

import msgspec
from aiohttp import web

from resolver.admin import bodies
from resolver.admin.accountbodies import Wanted
from resolver.admin.handling import service
from resolver.admin.listbodies import ListInfo
from resolver.admin.pages.inside import inside, show
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError
from resolver.policy.schedules import SOURCE as SCHEDULES
from resolver.store.filters import ANY, LogFilter
from resolver.store.statistics import Totals

T = TypeVar("T")

BLOCKED = 50
SHADOWED = 20
PAUSES = ("5m", "30m", "2h")
EXTENSION = "30m"
"""For how long what a schedule blocks can be allowed: lasting rules do not come before schedules."""

_DAY = 86_400


class Home(msgspec.Struct, frozen=True):
    """All that the page shows. `unread` is why `totals`, `blocked` and `shadowed` are missing, when they are. Without
    shadow lists `shadowed` is None, too. `schedules` stands as the list of what a schedule blocked; `allowing` are the
    rules by which people allow by now what was blocked, by the ids of the entries; `requests` wait for a decision."""

    status: bodies.Status
    lists: list[ListInfo]
    totals: Totals | None
    blocked: list[bodies.LogEntry]
    shadowed: list[bodies.LogEntry] | None
    allowing: dict[int, str]
    unread: str
    requests: list[Wanted]
    pauses: tuple[str, ...] = PAUSES
    extension: str = EXTENSION
    schedules: str = SCHEDULES


async def home(request: web.Request) -> web.Response:
    """How everything is, totals, the last blocked queries, the lists."""
    asked, now = service(request), service(request).clock.time()
    lists = asked.listing.known()
    shadows = any(one.mode == "shadow" for one in lists)
    totals, blocked, shadowed = await asyncio.gather(
        _or_reason(asked.totals(now - _DAY)),
        _or_reason(asked.log(LogFilter(verdict="block"), None, BLOCKED)),
        _or_reason(asked.log(LogFilter(shadow=ANY), None, SHADOWED)) if shadows else _none(),
    )
    unread = next((str(found) for found in (totals, blocked, shadowed) if isinstance(found, ApiError)), "")
    entries = [] if isinstance(blocked, ApiError) else blocked.entries
    shown = Home(
        status=asked.status(),
        lists=lists,
        totals=None if isinstance(totals, ApiError) else totals,
        blocked=entries,
        allowing=await asyncio.to_thread(asked.ruling.allowing, entries),
        shadowed=None if shadowed is None or isinstance(shadowed, ApiError) else shadowed.entries,
        unread=unread,
        requests=await _waiting(asked),
    )
    return show(request, "home.html", shown, inside(request))


async def _waiting(asked: Service) -> list[Wanted]:
    """What members ask for; nothing while nobody can be known."""
    with contextlib.suppress(ApiError):
        return await asked.entrance.asking.every(waiting=True)
    return []


async def _or_reason(work: Awaitable[T]) -> T | ApiError:
    try:
        return await work
    except ApiError as error:
        return error


async def _none() -> None:
    return None


ROUTES = (Route("GET", "/", home, "log", content="text/html", page=True),)
