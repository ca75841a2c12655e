"""The page Now, at /: whether DNS is well, what needs attention, what was blocked, and what is most urgent to do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from aiohttp import web

from resolver.admin import bodies
from resolver.admin.accountbodies import Wanted
from resolver.admin.handling import service
from resolver.admin.pages.folded import MORE, folded
from resolver.admin.pages.inside import inside, or_reason, show
from resolver.admin.pages.today import Morning, Today, morning, since, today
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.errors import ApiError
from resolver.policy.schedules import SOURCE as SCHEDULES
from resolver.store.filters import LogFilter

BLOCKED = 14
TROUBLES = 8
REQUESTS = 5
WHOM = 10
"""Groups, and devices, that the form for pauses offers."""

PAUSES = ("5m", "30m", "2h")
EXTENSION = "30m"
"""For how long what a schedule blocks can be allowed: lasting rules do not come before schedules."""

PLACES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "dns": ("/upstreams", "Upstreams"),
        "upstreams": ("/upstreams", "Upstreams"),
        "lists": ("/lists", "Lists"),
        "rules": ("/rules", "Rules"),
        "sites": ("/sites", "Sites"),
        "devices": ("/devices", "Devices"),
        "config": ("/settings", "Settings"),
    }
)
"""The pages where troubles are dealt with, by what they are about."""


class Home(msgspec.Struct, frozen=True):
    """All that the page shows. `unread` is why `today` or `blocked` are missing, when they are. `allowing` are the
    rules by which people allow by now what was blocked, by the ids of the entries; `requests` wait for a decision.
    `first`: no policy was ever in force; `lists` and `shadows`: whether any list is in use, and any shadow list;
    `day` is the one that it is here. Where nothing blocked was found in the time there is, the log was looked through
    down to the Unix second `reached` (0: all of it)."""

    status: bodies.Status
    attention: list[bodies.Trouble]
    requests: list[Wanted]
    today: Today | None
    blocked: list[bodies.LogEntry]
    allowing: dict[int, str]
    unread: str
    whom: bodies.Pausable
    day: str
    morning: Morning
    first: bool
    lists: bool
    shadows: bool
    reached: int
    pauses: tuple[str, ...] = PAUSES
    extension: str = EXTENSION
    schedules: str = SCHEDULES
    troubles: int = TROUBLES
    waiting: int = REQUESTS
    places: Mapping[str, tuple[str, str]] = PLACES


async def home(request: web.Request) -> web.Response:
    """Whether DNS is well, what needs attention, queries of the day, and the last that were blocked."""
    asked = service(request)
    now = asked.clock.time()
    totals, blocked, requests = await asyncio.gather(
        or_reason(asked.totals(since(now))),
        or_reason(asked.log(LogFilter(verdict="block"), None, MORE * BLOCKED)),
        _waiting(asked),
    )
    status, lists = asked.status(), asked.listing.states()
    entries = [] if isinstance(blocked, ApiError) else folded(blocked.entries, BLOCKED)
    shown = Home(
        status=status,
        attention=asked.attention(status),
        requests=requests,
        today=None if isinstance(totals, ApiError) else today(totals, now),
        blocked=entries,
        allowing=await asyncio.to_thread(asked.ruling.allowing, entries),
        unread=next((str(found) for found in (totals, blocked) if isinstance(found, ApiError)), ""),
        whom=asked.pausing.whom(WHOM),
        day=clock_time(now)[:10],
        morning=morning(now),
        first=not status.bundle.generation,
        lists=bool(lists),
        shadows=any(one.mode == "shadow" for one in lists),
        reached=0 if isinstance(blocked, ApiError) else blocked.reached,
    )
    return show(request, "home.html", shown, inside(request))


async def _waiting(asked: Service) -> list[Wanted]:
    """What members ask for; nothing while nobody can be known."""
    with contextlib.suppress(ApiError):
        return await asked.entrance.asking.every(waiting=True)
    return []


ROUTES = (Route("GET", "/", home, "log", content="text/html", page=True),)
