"""Site rules, and repairing sites."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from resolver.admin.handling import API, Nothing, answer, body, query, service, who
from resolver.admin.sitebodies import Answered, Keeping, NewSiteRule, NewTrial, SiteNames, Undoing


class Which(Struct, frozen=True):
    """`exact`: the site is the name that is given, not the registrable domain that it is in."""

    exact: bool = False


class Whose(Struct, frozen=True):
    """Whose rule; neither: everyone's. `exact` as above."""

    client: str = ""
    group: str = ""
    exact: bool = False


class Looking(Struct, frozen=True):
    """For which device, and how many days back the log is looked at; `exact` as above."""

    client: str = ""
    days: Annotated[int, Meta(ge=1, le=90)] = 7
    exact: bool = False


async def listed(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).sites.every())


async def one(request: web.Request) -> web.Response:
    which = query(request, Which)
    return answer(await service(request).sites.one(_site(request), exact=which.exact))


async def put(request: web.Request) -> web.Response:
    """Make the rule of a site and scope what is said."""
    query(request, Nothing)
    new = await body(request, NewSiteRule)
    return answer(await service(request).sites.put(_site(request), new, who(request)))


async def delete(request: web.Request) -> web.Response:
    """Delete the rule of a site and scope."""
    whose = query(request, Whose)
    await body(request, Nothing)
    sites = service(request).sites
    done = await sites.delete(_site(request), whose.client, whose.group, who(request), exact=whose.exact)
    return answer(done)


async def allow(request: web.Request) -> web.Response:
    """Add names to the rule of a site and scope, or make it of them."""
    query(request, Nothing)
    return answer(await service(request).sites.allow(_site(request), await body(request, SiteNames), who(request)))


async def remove(request: web.Request) -> web.Response:
    """Take names out of the rule of a site and scope."""
    query(request, Nothing)
    return answer(await service(request).sites.remove(_site(request), await body(request, SiteNames), who(request)))


async def suspects(request: web.Request) -> web.Response:
    """Who may be missing on the site, for a device."""
    asked = query(request, Looking)
    repairs = service(request).sites.repairs
    return answer(await repairs.suspects(_site(request), asked.client, asked.days, exact=asked.exact))


async def attempt(request: web.Request) -> web.Response:
    """Allow the suspects on the device for ten minutes."""
    query(request, Nothing)
    new = await body(request, NewTrial)
    return answer(await service(request).sites.repairs.attempt(_site(request), new, who(request)))


async def said(request: web.Request) -> web.Response:
    """Whether that helped: halves what is on trial."""
    query(request, Nothing)
    given = await body(request, Answered)
    return answer(await service(request).sites.repairs.answer(_site(request), given, who(request)))


async def keep(request: web.Request) -> web.Response:
    """Make a site rule of what is allowed now."""
    query(request, Nothing)
    given = await body(request, Keeping)
    return answer(await service(request).sites.repairs.keep(_site(request), given, who(request)))


async def undo(request: web.Request) -> web.Response:
    """Take back what was tried, or kept."""
    query(request, Nothing)
    given = await body(request, Undoing)
    return answer(await service(request).sites.repairs.undo(_site(request), given, who(request)))


def _site(request: web.Request) -> str:
    return request.match_info["site"]


_ONE = API + "/sites/{site}"

ROUTES = (
    web.get(f"{API}/sites", listed),
    web.get(_ONE, one),
    web.put(_ONE, put),
    web.delete(_ONE, delete),
    web.post(_ONE + "/allow", allow),
    web.post(_ONE + "/remove", remove),
    web.get(_ONE + "/suspects", suspects),
    web.post(_ONE + "/try", attempt),
    web.post(_ONE + "/answer", said),
    web.post(_ONE + "/keep", keep),
    web.post(_ONE + "/undo", undo),
)
