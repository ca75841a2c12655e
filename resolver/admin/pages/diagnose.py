"""The page /diagnose: is it the DNS or the site? A form that begins a diagnosis, what is said while that goes on, and
what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from resolver.admin.diagnosebodies import MOST_ALSO, Diagnosing, Diagnosis
from resolver.admin.diagnosing import KIND
from resolver.admin.handling import form, service
from resolver.admin.jobbodies import Job
from resolver.admin.pages.inside import NOTHING, Inside, Typed, inside, show
from resolver.admin.pages.logfilter import made
from resolver.admin.pages.logoffered import DEVICES
from resolver.admin.pages.why import plain
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.errors import ApiError

PAGE = "/diagnose"
FORM = "diagnose"
"""What the page calls its form."""

FIELDS = ("name", "client", "also", "agreed")

ANSWERS = {
    "speechless": "It is the DNS, here.",
    "not-admitted": "It is the DNS, here.",
    "blocked": "It is a rule of this house.",
    "local": "It is a rule of this house.",
    "rebinding": "It is the DNS, here.",
    "offline": "It is the network.",
    "captive": "It is the network.",
    "wrong-clock": "It is the clock.",
    "stale": "It is the DNS, upstream.",
    "upstreams-down": "It is the DNS, upstream.",
    "upstream-lies": "It is the DNS, upstream.",
    "upstreams-block": "It is the DNS, upstream.",
    "upstream-fails": "It is the DNS, upstream.",
    "disagreement": "That cannot be told for certain.",
    "outdated": "It is the DNS, which is behind.",
    "no-name": "It is the name.",
    "no-address": "It is the name.",
    "zone-broken": "It is the site.",
    "certificate": "It is the site.",
    "site-down": "It is the site.",
    "half-down": "It is the site.",
    "only-v6": "It is the network.",
    "fine": "It is neither.",
}
"""Is it the DNS or the site? By the finding."""

ROLES = {
    "own": "this DNS itself",
    "upstream": "upstream",
    "transport": "the upstream, asked in another way",
    "also": "not configured here",
}
AGREES = {"same": "agrees", "near": "agrees: other machines of the same site", "different": "differs"}

_GONE = "There is no such diagnosis any more: begin it again."


class Diagnosed(msgspec.Struct, frozen=True):
    """All that the page shows: what was typed, the `job` that is looked at or why there is none (`gone`), and what was
    `found`; `answer` answers the question, and `why` is the address of the page about rules."""

    form: Typed
    devices: list[str]
    gone: str = ""
    job: Job[msgspec.Raw] | None = None
    found: Diagnosis | None = None
    answer: str = ""
    why: str = ""
    roles: Mapping[str, str] = msgspec.field(default_factory=lambda: ROLES)
    agrees: Mapping[str, str] = msgspec.field(default_factory=lambda: AGREES)


async def page(request: web.Request) -> web.Response:
    """Is it the DNS or the site? The form, and a diagnosis that goes on or was made."""
    typed = Typed(FORM, {key: plain(request.query.get(key, "").strip()) for key in FIELDS})
    return await _shown(request, inside(request), typed, request.query.get("job", ""))


async def begin(request: web.Request) -> web.Response:
    """Begin a diagnosis, and go to where it can be looked at."""
    fields = await form(request)
    typed = {key: fields.get(key, "").strip() for key in FIELDS}
    typed["name"] = plain(typed["name"])
    try:
        job = await service(request).diagnoses.begin(_asked(typed))
    except ApiError as error:
        wrong = Typed(FORM, typed, str(error), error.path or "")
        response = await _shown(request, inside(request, typed=wrong), wrong)
        response.set_status(error.status)
        return response
    kept = {key: typed[key] for key in ("name", "client", "also") if typed[key]}
    return web.Response(status=303, headers={"Location": f"{PAGE}?{urlencode({**kept, 'job': job.id})}"})


def _asked(typed: Mapping[str, str]) -> Diagnosing:
    if not typed["name"]:
        raise ApiError(400, "invalid", "which name is it about?", "name")
    also = [one for one in re.split(r"[\s,]+", typed["also"]) if one]
    if len(also) > MOST_ALSO:
        raise ApiError(400, "invalid", f"{MOST_ALSO} at most, not {len(also)}", "also")
    return made(Diagnosing, {**typed, "also": also, "agreed": bool(typed["agreed"])})


async def _shown(request: web.Request, top: Inside, typed: Typed = NOTHING, id: str = "") -> web.Response:
    asked = service(request)
    page = Diagnosed(typed, (await asked.devices.names())[:DEVICES])
    if id:
        try:
            job = await asked.jobs.one(id, principal(request).may)
            page = _with(page, job) if job.kind == KIND else msgspec.structs.replace(page, gone=_GONE)
        except ApiError:
            page = msgspec.structs.replace(page, gone=_GONE)
    return show(request, "diagnose.html", page, top)


def _with(page: Diagnosed, job: Job[msgspec.Raw]) -> Diagnosed:
    if job.result is None:
        return msgspec.structs.replace(page, job=job)
    found = msgspec.json.decode(job.result, type=Diagnosis)
    question = {"name": found.name, **({"client": found.client} if found.client else {})}
    answer = ANSWERS.get(found.result.finding, "")
    return msgspec.structs.replace(page, job=job, found=found, answer=answer, why=f"/why?{urlencode(question)}")


ROUTES = (
    Route("GET", PAGE, page, "log", content="text/html", page=True),
    Route("POST", f"{PAGE}/begin", begin, "log", content="text/html", page=True),
)
