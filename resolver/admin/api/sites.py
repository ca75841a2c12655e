"""Site rules, and repairing sites."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from resolver.admin.bodies import Done
from resolver.admin.handling import answer, body, query, service, who
from resolver.admin.routing import API, Route
from resolver.admin.sitebodies import (
    Answered,
    Keeping,
    NewSiteRule,
    NewTrial,
    SiteDetail,
    SiteInfo,
    SiteNames,
    SiteResult,
    Suspects,
    TrialInfo,
    Undoing,
)


class Which(Struct, frozen=True):
    """Which site is meant."""

    exact: bool = False


class Whose(Struct, frozen=True):
    """Whose rule; neither: everyone's."""

    client: str = ""
    group: str = ""
    exact: bool = False


class Looking(Struct, frozen=True):
    """For which device, and how many days back the log is looked at."""

    client: str = ""
    days: Annotated[int, Meta(ge=1, le=90)] = 7
    exact: bool = False


async def listed(request: web.Request) -> web.Response:
    """Every site rule."""
    return answer(await service(request).sites.every())


async def one(request: web.Request) -> web.Response:
    """A site: its rules, the repairs of it that are going on, and who was on it lately."""
    which = query(request, Which)
    return answer(await service(request).sites.one(_site(request), exact=which.exact))


async def put(request: web.Request) -> web.Response:
    """Make the rule of a site and scope what is said."""
    new = await body(request, NewSiteRule)
    return answer(await service(request).sites.put(_site(request), new, who(request)))


async def delete(request: web.Request) -> web.Response:
    """Delete the rule of a site and scope."""
    whose = query(request, Whose)
    sites = service(request).sites
    done = await sites.delete(_site(request), whose.client, whose.group, who(request), exact=whose.exact)
    return answer(done)


async def allow(request: web.Request) -> web.Response:
    """Add names to the rule of a site and scope, or make it of them."""
    return answer(await service(request).sites.allow(_site(request), await body(request, SiteNames), who(request)))


async def remove(request: web.Request) -> web.Response:
    """Take names out of the rule of a site and scope."""
    return answer(await service(request).sites.remove(_site(request), await body(request, SiteNames), who(request)))


async def suspects(request: web.Request) -> web.Response:
    """Who may be missing on the site, for a device."""
    asked = query(request, Looking)
    repairs = service(request).sites.repairs
    return answer(await repairs.suspects(_site(request), asked.client, asked.days, exact=asked.exact))


async def attempt(request: web.Request) -> web.Response:
    """Allow the suspects on the device for ten minutes."""
    new = await body(request, NewTrial)
    return answer(await service(request).sites.repairs.attempt(_site(request), new, who(request)))


async def said(request: web.Request) -> web.Response:
    """Whether that helped: halves what is on trial."""
    given = await body(request, Answered)
    return answer(await service(request).sites.repairs.answer(_site(request), given, who(request)))


async def keep(request: web.Request) -> web.Response:
    """Make a site rule of what is allowed now."""
    given = await body(request, Keeping)
    return answer(await service(request).sites.repairs.keep(_site(request), given, who(request)))


async def undo(request: web.Request) -> web.Response:
    """Take back what was tried, or kept."""
    given = await body(request, Undoing)
    return answer(await service(request).sites.repairs.undo(_site(request), given, who(request)))


def _site(request: web.Request) -> str:
    return request.match_info["site"]


_ONE = API + "/sites/{site}"

ROUTES = (
    Route("GET", f"{API}/sites", listed, "read", returns=list[SiteInfo]),
    Route("GET", _ONE, one, "log", query=Which, returns=SiteDetail),
    Route("PUT", _ONE, put, "write", body=NewSiteRule, returns=SiteResult, errors=(409,)),
    Route("DELETE", _ONE, delete, "write", query=Whose, returns=Done, errors=(409,)),
    Route("POST", _ONE + "/allow", allow, "write", body=SiteNames, returns=SiteResult, errors=(409,)),
    Route("POST", _ONE + "/remove", remove, "write", body=SiteNames, returns=SiteResult, errors=(409,)),
    Route("GET", _ONE + "/suspects", suspects, "log", query=Looking, returns=Suspects),
    Route("POST", _ONE + "/try", attempt, "write", body=NewTrial, returns=TrialInfo, errors=(409,)),
    Route("POST", _ONE + "/answer", said, "write", body=Answered, returns=TrialInfo, errors=(409,)),
    Route("POST", _ONE + "/keep", keep, "write", body=Keeping, returns=TrialInfo, errors=(409,)),
    Route("POST", _ONE + "/undo", undo, "write", body=Undoing, returns=TrialInfo, errors=(409,)),
)
