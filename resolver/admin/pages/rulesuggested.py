"""The page /rules/suggestions: rules that could go. Looking for them takes some seconds, so that is a job."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.handling import service
from resolver.admin.jobbodies import Job
from resolver.admin.jobs import Report
from resolver.admin.pages.inside import inside, show
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.rulebodies import Suggestion
from resolver.admin.usefulness import DAYS
from resolver.errors import ApiError

PAGE = "/rules/suggestions"
SIZE = 50


class Suggested(msgspec.Struct, frozen=True):
    """All that the page shows: the `job` that looks, and `found`, the first of the rules that it found and that are
    still there, with `more` behind them. `gone`: there is no such job any more."""

    job: Job[msgspec.Raw] | None
    found: list[Suggestion]
    more: int
    gone: bool
    days: int = DAYS


async def page(request: web.Request) -> web.Response:
    """Rules that could go"""
    asked, id, job = service(request), request.query.get("job", ""), None
    found: list[Suggestion] = []
    if id:
        try:
            job = await asked.jobs.one(id, principal(request).may)
            there = {rule.id for rule in await asked.ruling.every()}
            told = msgspec.json.decode(job.result, type=list[Suggestion]) if job.result is not None else []
            found = [one for one in told if one.rule.id in there]
        except (ApiError, msgspec.ValidationError):  # the job of another page
            job = None
    shown = Suggested(job, found[:SIZE], max(0, len(found) - SIZE), bool(id) and job is None)
    return show(request, "rules_suggested.html", shown, inside(request))


async def begin(request: web.Request) -> web.Response:
    """Begin to look for rules that could go."""
    asked = service(request)

    async def work(_: Report) -> list[Suggestion]:
        return await asked.ruling.suggestions()

    job = asked.jobs.begin("suggestions", "rules that could go", work, needs="read", alone=True)
    raise web.HTTPSeeOther(f"{PAGE}?job={job.id}")


ROUTES = (
    Route("GET", PAGE, page, "read", content="text/html", page=True),
    Route("POST", PAGE, begin, "write", page=True),
)
