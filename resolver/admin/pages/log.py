"""The page /log: who asked for what, what became of it and why; and what can be done about that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
from aiohttp import web
from yarl import URL

from resolver.admin.bodies import LogPage
from resolver.admin.handling import service
from resolver.admin.jobbodies import Job
from resolver.admin.logbodies import Forgotten
from resolver.admin.logquery import filter_of
from resolver.admin.pages.inside import Inside, Typed, inside, show
from resolver.admin.pages.logfilter import FORM, PAGE, Asked, Condition, Links, asked_of, tidy, uncommon
from resolver.admin.pages.logoffered import Offered, offered
from resolver.admin.pages.logrows import EXTENSION, Row, brief, rows_of
from resolver.admin.pages.ruled import LASTS, WHOM
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError

ROWS = 25
"""Of a page."""

ACT, FORGETTING = "act", "forget"
"""What the page calls the forms of the rows, and that which forgets, whose job is of that kind too."""

Pair = tuple[str, str]


class Log(msgspec.Struct, frozen=True):
    """All that the page shows. `unread` is why there are no rows, when they cannot be read. `older` and `newer` are the
    addresses of the pages beside this one ("": there is none); the log was looked back to `reached` (0: to its end).
    `live`: what comes is shown as it comes. `form` is what was typed as conditions, `more` whether one of those is used
    that are not always in view. `writes` and `forgets`: whether whoever looks may do that."""

    rows: list[Row]
    conditions: list[Condition]
    unread: str
    older: str
    newer: str
    newest: str
    reached: int
    live: bool
    exports: tuple[Pair, ...]
    form: Typed
    more: bool
    offered: Offered
    asked: Asked
    writes: bool
    forgets: bool
    job: Job[msgspec.Raw] | None
    forgotten: Forgotten | None
    lasts: tuple[Pair, ...] = LASTS
    whom: tuple[Pair, ...] = WHOM
    extension: str = EXTENSION
    forgetting: str = FORGETTING

    def brief(self, text: str) -> str:
        return brief(text)


class _Found(msgspec.Struct, frozen=True):
    """A page of the log, or why there is none: `wrong` with what was typed, or `unread`."""

    asked: Asked
    page: LogPage = LogPage([], None)
    wrong: ApiError | None = None
    unread: str = ""


async def log(request: web.Request) -> web.Response:
    """What was asked and how it was answered, newest first, with the conditions that are given."""
    tidy(request)
    return await _shown(request, inside(request), request.query)


async def again(request: web.Request, typed: Typed) -> web.Response:
    """The page where it was left, with what was typed into one of its forms."""
    top = inside(request, typed=typed)
    return await _shown(request, top, URL(top.here).query)


async def _shown(request: web.Request, top: Inside, given: Mapping[str, str]) -> web.Response:
    asked, may = service(request), principal(request)
    found, offers = await asyncio.gather(_find(asked, given), offered(asked, given))
    rows = found.page.entries
    blocked = [one for one in rows if one.verdict == "block"]
    allowing = await asyncio.to_thread(asked.ruling.allowing, blocked) if blocked else {}
    links, first = Links(found.asked), found.asked.cursor is None
    job, forgotten = await _job(request, found.asked.job)
    page = Log(
        rows=rows_of(rows, links, offers.titles, allowing, asked.clock.time()),
        conditions=links.conditions(),
        unread=found.unread,
        older=links.older(found.page.next) if found.page.next else "",
        newer="" if first else links.newer(),
        newest=links.newest(),
        reached=found.page.reached if len(rows) < ROWS else 0,
        live=first and request.method == "GET" and not (found.asked.until or found.wrong or found.unread),
        exports=(("CSV", links.export("csv")), ("JSON Lines", links.export("jsonl"))),
        form=_typed(given, found.wrong),
        more=uncommon(given),
        offered=offers,
        asked=found.asked,
        writes=bool(may.session) and may.may("write"),
        forgets=bool(may.session) and may.may("admin"),
        job=job,
        forgotten=forgotten,
    )
    return show(request, "log.html", page, top, found.wrong.status if found.wrong else 200)


async def _find(asked: Service, given: Mapping[str, str]) -> _Found:
    """The rows that are asked for."""
    what = Asked()
    try:
        what = asked_of(given, asked.clock.time())
        wanted = await filter_of(asked, what)
    except ApiError as error:
        return _Found(what, wrong=error)
    try:
        return _Found(what, await asked.log(wanted, what.cursor, ROWS))
    except ApiError as error:
        return _Found(what, unread=str(error))


def _typed(given: Mapping[str, str], wrong: ApiError | None) -> Typed:
    return Typed(FORM, dict(given), str(wrong) if wrong else "", (wrong.path or "") if wrong else "")


async def _job(request: web.Request, id: str) -> tuple[Job[msgspec.Raw] | None, Forgotten | None]:
    """The job that forgets, if one is looked at, and what came of it."""
    try:
        job = await service(request).jobs.one(id, principal(request).may)
    except ApiError:
        return None, None
    if job.kind != FORGETTING or job.result is None:
        return (job if job.kind == FORGETTING else None), None
    return job, msgspec.json.decode(job.result, type=Forgotten)


ROUTES = (Route("GET", PAGE, log, "log", content="text/html", page=True),)
