"""The forms of /repair: trying, answering, keeping, taking back. Each comes back to the page, which says where the
repair stands."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.handling import form, made
from resolver.admin.pages.choosing import but
from resolver.admin.pages.inside import Typed, Work, do
from resolver.admin.pages.repair import PAGE, Asked, page
from resolver.admin.parameters import values
from resolver.admin.routing import Route
from resolver.admin.rulebodies import NewRule
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.admin.sitebodies import Answered, Keeping, NewTrial, TrialInfo, Undoing
from resolver.errors import ApiError

Fields = dict[str, str]

TICKED = "suspect-"
"""How the fields of ticked suspects begin; they hold the domains."""


async def attempt(request: web.Request) -> web.Response:
    """Allow what is ticked on the device for ten minutes."""
    return await _do(request, _attempt, "try")


async def again(request: web.Request) -> web.Response:
    """Go on with a trial whose ten minutes are over."""
    return await _do(request, _again, "again")


async def names(request: web.Request) -> web.Response:
    """Allow the names that were typed on the device for ten minutes."""
    return await _do(request, _names, "names")


async def answer(request: web.Request) -> web.Response:
    """Go on after it was seen whether the site works."""
    return await _do(request, _answer, "answer")


async def keep(request: web.Request) -> web.Response:
    """Make a site rule of what is allowed now."""
    return await _do(request, _keep, "keep")


async def undo(request: web.Request) -> web.Response:
    """Take back what was tried, or kept."""
    return await _do(request, _undo, "undo")


async def allow(request: web.Request) -> web.Response:
    """Allow a site that is blocked itself: on the device for a while, or for everyone."""
    return await _do(request, _allow, "allow")


async def _attempt(asked: Service, fields: Fields, by: str) -> str:
    domains = [value for key, value in fields.items() if key.startswith(TICKED)]
    if not domains:
        raise ApiError(400, "invalid", "tick what is to be tried", "domains")
    return await _tried(asked, fields, by, domains=domains)


async def _again(asked: Service, fields: Fields, by: str) -> str:
    return await _tried(asked, fields, by)


async def _names(asked: Service, fields: Fields, by: str) -> str:
    typed = fields.get("names", "").replace(",", " ").split()
    if not typed:
        raise ApiError(400, "invalid", "give the names to try", "names")
    return await _tried(asked, fields, by, names=typed)


async def _tried(asked: Service, fields: Fields, by: str, **more: list[str]) -> str:
    of = _asked(fields)
    new = made({"client": of.client, "days": of.days, "exact": of.exact, **more}, NewTrial)
    trial = await asked.sites.repairs.attempt(of.site, new, by)
    return f"{_allowed(trial)} on {trial.client} until {clock_time(trial.until or 0)}.{but(trial.note)}"


async def _answer(asked: Service, fields: Fields, by: str) -> str:
    of = _asked(fields)
    said = Answered(of.client, fields.get("works") == "yes", of.exact)
    trial = await asked.sites.repairs.answer(of.site, said, by)
    if trial.stage == "trying":
        until = clock_time(trial.until or 0)
        return f"{_allowed(trial)} on {trial.client} until {until}, and nothing else of what is tried.{but(trial.note)}"
    if trial.stage == "found":
        return f"It was found what {trial.site} needs.{but(trial.note)}"
    return f"Nothing is on trial any more.{but(trial.note)}"


async def _keep(asked: Service, fields: Fields, by: str) -> str:
    of = _asked(fields)
    scope = fields.get("scope", "client")
    new = made(
        {
            "client": of.client,
            "group": scope.removeprefix("group:") if scope.startswith("group:") else "",
            "for_everyone": scope == "everyone",
            "window": fields.get("window", "10m"),
            "comment": fields.get("comment", "").strip(),
            "exact": of.exact,
        },
        Keeping,
    )
    trial = await asked.sites.repairs.keep(of.site, new, by)
    return f"Kept: there is a rule for {trial.site} now.{but(trial.note)}"


async def _undo(asked: Service, fields: Fields, by: str) -> str:
    of = _asked(fields)
    trial = await asked.sites.repairs.undo(of.site, Undoing(of.client, of.exact), by)
    return f"Taken back: {trial.client} is on {trial.site} as it was before.{but(trial.note)}"


async def _allow(asked: Service, fields: Fields, by: str) -> str:
    of = _asked(fields)
    client = "" if fields.get("scope") == "everyone" else of.client
    new = made(
        {"action": "allow", "name": fields.get("name", ""), "client": client, "for": fields.get("for") or None}, NewRule
    )
    result = await asked.ruling.add(new, by)
    rule = result.rule
    whom = rule.client or "everyone"
    until = "" if rule.until is None else f" until {clock_time(rule.until)}"
    wins = ", ".join(f"{other.action} {other.name}" for other in result.outranked_by)
    hint = f" But a narrower rule still wins: {wins}." if wins else ""
    return f"{rule.name} and all below it is allowed for {whom}{until}.{hint}{but(result.note)}"


async def _do(request: web.Request, work: Work, name: str) -> web.Response:
    """What is wrong is said on the page, beside the form; what goes on without it comes back there."""
    there = _asked(await form(request))

    async def shown(request: web.Request, typed: Typed) -> web.Response:
        return await page(request, there, typed)

    return await do(request, work, there.address, form_name=name, again=shown)


def _asked(fields: Fields) -> Asked:
    """Which site on which device a form is about."""
    known = {key: fields[key] for key in ("site", "client", "days", "exact") if fields.get(key)}
    return made(values(known, Asked), Asked)


def _allowed(trial: TrialInfo) -> str:
    if len(trial.names) == 1:
        return f"{trial.names[0]} is allowed"
    return f"{len(trial.names)} names are allowed"


ROUTES = (
    Route("POST", f"{PAGE}/try", attempt, "write", page=True),
    Route("POST", f"{PAGE}/again", again, "write", page=True),
    Route("POST", f"{PAGE}/names", names, "write", page=True),
    Route("POST", f"{PAGE}/answer", answer, "write", page=True),
    Route("POST", f"{PAGE}/keep", keep, "write", page=True),
    Route("POST", f"{PAGE}/undo", undo, "write", page=True),
    Route("POST", f"{PAGE}/allow", allow, "write", page=True),
)
