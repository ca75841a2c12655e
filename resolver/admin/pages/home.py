"""The page at /: how everything is, totals, the last blocked queries, the lists."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import msgspec
from aiohttp import web

from resolver.admin import bodies
from resolver.admin.auth import ACCESS
from resolver.admin.gate import FORM_TOKEN
from resolver.admin.handling import service
from resolver.admin.pages import cookies
from resolver.admin.pages.render import PAGES
from resolver.errors import ApiError
from resolver.lists.states import ListState
from resolver.store.queries import LogFilter, Totals

T = TypeVar("T")

BLOCKED = 50
PAUSES = ("5m", "30m", "2h")

_DAY = 86_400


class Home(msgspec.Struct, frozen=True):
    """All that the page shows. `unread` is why `totals` and `blocked` are missing, when they are."""

    status: bodies.Status
    lists: list[ListState]
    totals: Totals | None
    blocked: list[bodies.LogEntry]
    unread: str
    notice: cookies.Notice | None
    form_name: str
    form_token: str
    pauses: tuple[str, ...] = PAUSES


async def home(request: web.Request) -> web.Response:
    asked, now = service(request), service(request).clock.time()
    totals, page = await asyncio.gather(
        _or_reason(asked.totals(now - _DAY)), _or_reason(asked.log(LogFilter(verdict="block"), None, BLOCKED))
    )
    unread = next((str(found) for found in (totals, page) if isinstance(found, ApiError)), "")
    shown = Home(
        status=asked.status(),
        lists=asked.lists(),
        totals=None if isinstance(totals, ApiError) else totals,
        blocked=[] if isinstance(page, ApiError) else page.entries,
        unread=unread,
        notice=cookies.notice_for(request),
        form_name=FORM_TOKEN,
        form_token=request.app[ACCESS].form_token(cookies.session_of(request)),
    )
    response = request.app[PAGES].response("home.html", page=shown)
    if shown.notice is not None:
        cookies.clear_notice(response)
    return response


async def _or_reason(work: Awaitable[T]) -> T | ApiError:
    try:
        return await work
    except ApiError as error:
        return error


ROUTES = (web.get("/", home),)
