"""Pages that begin a job and wait for it: the form leads to ?job=ID, where it is looked at until it is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from msgspec import Raw

from resolver.admin.handling import form, service
from resolver.admin.jobbodies import Job
from resolver.admin.pages import cookies
from resolver.admin.pages.inside import BACK, Again, Typed, ours, refusal
from resolver.admin.principal import principal
from resolver.admin.service import Service
from resolver.errors import ApiError

Begin = Callable[[Service, dict[str, str]], Awaitable[Job[Raw]]]
"""Begins what a form asks for. Raises ApiError, of which `path` is the field that is wrong."""


async def begin(
    request: web.Request, work: Begin, page: str, *, form_name: str = "", again: Again | None = None
) -> web.Response:
    """Begin what a form asks for, and go to `page` to wait for it. What cannot be begun is said there, or, with
    `again`, beside the fields of the page that it shows, as `inside.do` has it."""
    fields = await form(request)
    try:
        job = await work(service(request), fields)
    except ApiError as error:
        if again is not None:
            response = await again(request, Typed(form_name, fields, str(error), error.path or ""))
            response.set_status(error.status)
            return response
        response = web.Response(status=303, headers={"Location": ours(fields.get(BACK, "")) or page})
        cookies.leave_notice(request, response, refusal(error))
        return response
    return web.Response(status=303, headers={"Location": f"{page}{'&' if '?' in page else '?'}job={job.id}"})


async def looked_at(request: web.Request) -> Job[Raw] | None:
    """The job that a page is to show; None for none, or one that nobody remembers or that is not theirs to see."""
    id = request.query.get("job", "")
    try:
        return await service(request).jobs.one(id, principal(request).may) if id else None
    except ApiError:
        return None
