"""The forms of /sites: making a rule what is said, and deleting it."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.handling import form, made
from resolver.admin.pages.choosing import but
from resolver.admin.pages.inside import BACK, Typed, Work, do
from resolver.admin.pages.sites import AS_BEFORE, PAGE, about, page
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.admin.sitebodies import NewSiteRule, SiteInfo
from resolver.errors import ApiError

Fields = dict[str, str]


async def put(request: web.Request) -> web.Response:
    """Make the rule of a site and scope what is said."""
    return await _do(request, _put)


async def delete(request: web.Request) -> web.Response:
    """Delete the rule of a site and scope."""
    return await do(request, _delete, PAGE)


async def _put(asked: Service, fields: Fields, by: str) -> str:
    site, (client, group) = fields.get("site", ""), _scope(fields)
    said = {
        "allow": "all" if fields.get("everything") else fields.get("allow", "").replace(",", " ").split(),
        "window": fields.get("window", "10m"),
        "client": client,
        "group": group,
        "for": await _lasts(asked, fields),
        "comment": fields.get("comment", "").strip(),
        "exact": bool(fields.get("exact")),
    }
    done = await asked.sites.put(site, made(said, NewSiteRule), by)
    rule = done.rule or done.before
    if rule is None or not done.changed:
        return f"The rule for {site} was like that already."
    until = "" if rule.until is None else f" until {clock_time(rule.until)}"
    return f"On {rule.site} {_what(rule)} allowed for {_whom(rule.client, rule.group)}{until}.{but(done.note)}"


async def _delete(asked: Service, fields: Fields, by: str) -> str:
    site, client, group = fields.get("site", ""), fields.get("client", ""), fields.get("group", "")
    done = await asked.sites.delete(site, client, group, by, exact=True)
    return f"The rule of {site} for {_whom(client, group)} is gone.{but(done.note)}"


async def _lasts(asked: Service, fields: Fields) -> str | int | None:
    """For how long the rule is to last."""
    lasts = fields.get("for", "")
    if lasts != AS_BEFORE:
        return lasts or None
    client, group = _scope(fields)
    rules = (await asked.sites.one(fields.get("site", ""), exact=True)).rules
    ends = [rule.until for rule in rules if rule.id is not None and (rule.client, rule.group) == (client, group)]
    left = next((until for until in ends if until is not None), 0.0) - asked.clock.time()
    if left < 1:
        raise ApiError(409, "conflict", "its time is over: say for how long it is to last from now on", "for")
    return int(left)


def _scope(fields: Fields) -> tuple[str, str]:
    """The client and the group that a rule is for."""
    scope = fields.get("scope", "everyone")
    if scope == "client":
        if not fields.get("client", "").strip():
            raise ApiError(400, "invalid", "give the device that it is for", "client")
        return fields["client"].strip(), ""
    return "", scope.removeprefix("group:") if scope.startswith("group:") else ""


def _what(rule: SiteInfo) -> str:
    if rule.everything:
        return "everything is"
    return f"{rule.allow[0]} is" if len(rule.allow) == 1 else f"{len(rule.allow)} names are"


def _whom(client: str, group: str) -> str:
    return client or (f"group {group}" if group else "everyone")


async def _do(request: web.Request, work: Work) -> web.Response:
    fields = await form(request)

    async def again(request: web.Request, typed: Typed) -> web.Response:
        there = fields.get(BACK, "").startswith(f"{PAGE}/") and principal(request).may("log")
        return await (about(request, fields.get("site", ""), typed) if there else page(request, typed=typed))

    return await do(request, work, PAGE, form_name=fields.get("called", "new"), again=again)


ROUTES = (
    Route("POST", f"{PAGE}/put", put, "write", page=True),
    Route("POST", f"{PAGE}/delete", delete, "write", page=True),
)
