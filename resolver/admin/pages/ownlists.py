"""The pages /lists/own, which adds a list of one's own by its URL, and /lists/trial, which shows what one would do."""

from __future__ import annotations

import re
import urllib.parse

import msgspec
from aiohttp import web
from msgspec import Raw

from resolver.admin.handling import form, service
from resolver.admin.jobbodies import Job
from resolver.admin.listbodies import Tried, Trying
from resolver.admin.offerbodies import OfferedList
from resolver.admin.pages.choosing import but
from resolver.admin.pages.inside import NOTHING, Typed, do, inside, show
from resolver.admin.pages.underway import begin, looked_at
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.config.leaves import shown
from resolver.errors import ApiError

OWN, TRIAL = "/lists/own", "/lists/trial"

KINDS = (("block", "It blocks"), ("allow", "It allows"))
SYNTAXES = (
    ("auto", "find out line by line"),
    ("hosts", "hosts: 0.0.0.0 ads.example"),
    ("domains", "names: ads.example"),
    ("adblock", "adblock: ||ads.example^"),
    ("dnsmasq", "dnsmasq: address=/ads.example/"),
    ("rpz", "RPZ, a zone file"),
)
MODES = (("live", "block"), ("shadow", "only note what it would have blocked (shadow)"))
DAYS = (("1", "the last day"), ("7", "the last 7 days"), ("30", "the last 30 days"), ("90", "the last 90 days"))
REFRESH = (
    ("1h", "every hour"),
    ("6h", "every 6 hours"),
    ("12h", "every 12 hours"),
    ("1d", "every day"),
    ("7d", "weekly"),
)

_FIELD = re.compile(r"lists(?:\[\d+\]\.|: \"[^\"]*\": )(url|syntax|kind|refresh)\b")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LONGEST = 2000


class Own(msgspec.Struct, frozen=True):
    """What the form for a list of one's own begins with, and what can be chosen in it."""

    url: str = ""
    kinds: tuple[tuple[str, str], ...] = KINDS
    syntaxes: tuple[tuple[str, str], ...] = SYNTAXES
    modes: tuple[tuple[str, str], ...] = MODES
    every: tuple[tuple[str, str], ...] = REFRESH


class TrialPage(msgspec.Struct, frozen=True):
    """All that the page shows: the job while it goes on and what came of it (`tried`), or a form: for the list of the
    catalogue that is `offered`, or for a `url`. `lost`: nobody remembers that job."""

    job: Job[Raw] | None
    lost: bool
    tried: Tried | None
    offered: OfferedList | None
    url: str
    kinds: tuple[tuple[str, str], ...] = KINDS
    syntaxes: tuple[tuple[str, str], ...] = SYNTAXES
    days: tuple[tuple[str, str], ...] = DAYS


async def own(request: web.Request) -> web.Response:
    """The form for a list of one's own."""
    return await _own(request, NOTHING)


async def add(request: web.Request) -> web.Response:
    """Use a list of one's own, by its URL."""
    return await do(request, _add, "/lists", form_name="own", again=_own)


async def trial(request: web.Request) -> web.Response:
    """What a list would do, or the form that has one tried out."""
    return await _trial(request, NOTHING)


async def attempt(request: web.Request) -> web.Response:
    """Begin to try a list out."""
    fields = await form(request)
    which = {key: fields[key].strip() for key in ("id", "url") if fields.get(key)}  # to be used once it was looked at
    return await begin(request, _try, f"{TRIAL}?{urllib.parse.urlencode(which)}", form_name="try", again=_trial)


async def _own(request: web.Request, typed: Typed) -> web.Response:
    page = Own(request.query.get("url", "")[:_LONGEST])
    return show(request, "list_own.html", page, inside(request, typed=typed))


async def _trial(request: web.Request, typed: Typed) -> web.Response:
    job = await looked_at(request)
    tried = msgspec.json.decode(job.result, type=Tried) if job and job.kind == "try" and job.result else None
    id = typed.fields.get("id", "") or request.query.get("id", "")
    page = TrialPage(
        job,
        bool(request.query.get("job")) and job is None,
        tried,
        service(request).offering.offered(id),
        request.query.get("url", "")[:_LONGEST],
    )
    return show(request, "list_trial.html", page, inside(request, typed=typed))


async def _add(asked: Service, fields: dict[str, str], by: str) -> str:
    id, url = fields.get("id", "").strip(), fields.get("url", "").strip()
    if not _ID.fullmatch(id):
        message = f"{shown(id)} is not an id: small letters, digits and hyphens, such as my-list"
        raise ApiError(400, "invalid", message, "id")
    if not url:
        raise ApiError(400, "invalid", "say where the list is: a URL that begins with https:// or http://", "url")
    more: dict[str, object] = {"url": url}
    for key, usual in (("kind", "block"), ("syntax", "auto"), ("refresh", "12h")):
        if fields.get(key, usual) != usual:
            more[key] = fields[key]
    if fields.get("subdomains"):
        more["subdomains"] = True
    shadow = fields.get("mode") == "shadow"
    try:
        note = await asked.offering.add(id, "shadow" if shadow else "live", more, by)
    except ApiError as error:
        found = _FIELD.search(str(error))
        words = str(error)[found.end() :].removeprefix(": ") if found else str(error)  # the field says where
        raise ApiError(error.status, error.code, words, found[1] if found else error.path) from error
    return f"{id} is in use{' as a shadow' if shadow else ''}: it is being received.{but(note)}"


async def _try(asked: Service, fields: dict[str, str]) -> Job[Raw]:
    given = {key: fields[key].strip() for key in ("id", "url") if fields.get(key, "").strip()}
    if not given:
        raise ApiError(400, "invalid", "say which list: its URL", "url")
    given |= {key: fields[key] for key in ("kind", "syntax") if fields.get(key)}
    try:
        trying = msgspec.convert({**given, "days": fields.get("days", "7")}, Trying, strict=False)
    except msgspec.ValidationError as error:
        raise ApiError(400, "invalid", f"that cannot be tried out: {error}") from error
    return await asked.trials.begin(trying)


ROUTES = (
    Route("GET", OWN, own, "read", content="text/html", page=True),
    Route("POST", "/lists/add", add, "write", page=True),
    Route("GET", TRIAL, trial, "admin", content="text/html", page=True),
    Route("POST", "/lists/try", attempt, "admin", page=True),
)
