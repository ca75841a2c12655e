"""The page /repair: a site that blocking broke, on a device, and where its repair stands."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Annotated, TypeVar
from urllib.parse import urlencode

import msgspec
from aiohttp import web
from msgspec import Meta
from msgspec.structs import replace

from resolver.admin import sitenames
from resolver.admin.handling import query, service
from resolver.admin.pages import cookies
from resolver.admin.pages.inside import NOTHING, Typed, inside, show
from resolver.admin.pages.render import PAGES
from resolver.admin.repairing import DAYS
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.admin.sitebodies import DeviceChoice, SiteDetail, SuspectInfo, Suspects, TrialInfo
from resolver.errors import ApiError

PAGE = "/repair"
FORM = "find"
"""How the page knows the form that asks for a site."""

WINDOWS = ("5m", "10m", "30m", "1h", "4h", "24h", "always")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")

T = TypeVar("T")


class Asked(msgspec.Struct, frozen=True):
    """Which site, as somebody typed it, on which device; the name alone (`exact`) rather than all of the site that it
    is of; and how many days of the log are looked at."""

    site: str = ""
    client: str = ""
    days: Annotated[int, Meta(ge=1, le=90)] = DAYS
    exact: bool = False

    @property
    def address(self) -> str:
        """Of the page that shows this."""
        said = {"site": self.site, "client": self.client}
        more = {} if self.days == DAYS else {"days": str(self.days)}
        more |= {"exact": "true"} if self.exact else {}
        given = {key: value for key, value in (said | more).items() if value}
        return f"{PAGE}?{urlencode(given)}" if given else PAGE


class From(msgspec.Struct, frozen=True):
    """The site that is looked at while a link from the bookmarks is clicked."""

    site: str = ""


class Repair(msgspec.Struct, frozen=True):
    """All that the page shows. `asked` is in normal form where it could be read; `unread` is why `detail` and `found`
    are missing; `looking` while suspects are still being looked for. `scopes` are for whom a repair can be kept, and
    `scope` the one that suggests itself. `origin` is where browsers find this page ("": not to be told)."""

    asked: Asked
    choice: DeviceChoice
    origin: str
    detail: SiteDetail | None = None
    found: Suspects | None = None
    unread: str = ""
    looking: bool = False
    scopes: tuple[tuple[str, str], ...] = ()
    scope: str = "client"
    windows: tuple[str, ...] = WINDOWS

    @property
    def trial(self) -> TrialInfo | None:
        return None if self.found is None else self.found.trial

    @property
    def nameless(self) -> bool:
        """Whether the device has more addresses than the one that is meant, as it has no name."""
        return self.found is not None and self.detail is not None and self.found.hint != self.detail.hint

    @property
    def worth(self) -> list[SuspectInfo]:
        return [] if self.found is None else [one for one in self.found.suspects if one.worth]

    @property
    def others(self) -> list[SuspectInfo]:
        return [] if self.found is None else [one for one in self.found.suspects if not one.worth]

    @property
    def waits(self) -> bool:
        """Whether something may still be found that is not there yet."""
        found = self.found
        return found is not None and found.trial is None and not found.unknown and not found.suspects


async def repair(request: web.Request) -> web.Response:
    """A site, the device it is broken on, what may be missing there, and how far its repair is."""
    asked = query(request, Asked)
    return await page(request, asked)


async def page(request: web.Request, asked: Asked, typed: Typed = NOTHING) -> web.Response:
    """The page about this; with what was typed into a form of it that could not be done."""
    shown, wrong = await _shown(service(request), asked, request.remote or "", _origin(request), wait=bool(typed.form))
    if wrong is not None:
        fields = {"site": asked.site, "client": asked.client}
        typed = typed if typed.form else Typed(FORM, fields, str(wrong), wrong.path or "")
    top = replace(inside(request, typed=typed), here=shown.asked.address)
    return show(request, "repair.html", shown, top, 200 if wrong is None else wrong.status)


async def come(request: web.Request) -> web.Response:
    """Lead on to the repair of a site.

    A browser sends no session with what a page of another site has it ask for; this page of ours has it ask again.
    """
    site = query(request, From).site
    there = Asked(sitenames.pasted(site)[:253]).address
    return request.app[PAGES].response("repair_come.html", there=there, site=site)


async def _shown(
    asked: Service, given: Asked, remote: str, origin: str, *, wait: bool
) -> tuple[Repair, ApiError | None]:
    """What there is to show, and what is wrong about what was asked for; `wait` for a page that cannot be had again."""
    if not given.site.strip():
        return Repair(given, await asked.sites.devices(remote), origin), None
    try:
        site = sitenames.name(given.site)
        detail = await _or_reason(asked.sites.one(site, exact=given.exact))
    except ApiError as error:
        return Repair(given, await asked.sites.devices(remote), origin), error
    lately = detail.lately if isinstance(detail, SiteDetail) else []
    choice = await asked.sites.devices(remote, lately)
    client = given.client.strip() or choice.own or next(iter(lately), "")
    here = Repair(Asked(site, client, given.days, given.exact), choice, origin)
    if isinstance(detail, ApiError):
        return replace(here, unread=str(detail)), None
    here = replace(here, detail=detail)
    if not client:
        return here, None
    try:
        repairs = asked.sites.repairs
        stands = await _or_reason(repairs.standing(site, client, given.days, exact=given.exact, wait=wait))
    except ApiError as error:
        if given.client.strip():
            return here, error
        return replace(here, asked=replace(here.asked, client="")), None  # whoever that was is no device any more
    if isinstance(stands, ApiError):
        return replace(here, unread=str(stands)), None
    found, looking = stands
    scopes, scope = _scopes(found, detail)
    here = replace(here, asked=replace(here.asked, client=found.client), scopes=scopes, scope=scope)
    return replace(here, found=found, looking=looking), None


def _scopes(found: Suspects, detail: SiteDetail) -> tuple[tuple[tuple[str, str], ...], str]:
    """For whom a repair can be kept, and for whom it probably is: for whom the site has a rule already that the device
    is meant by; or the device alone, but for one that the rule would soon not know any more."""
    group = f"group:{found.group}"
    scopes = (
        ("client", f"{found.client} alone"),
        (group, f"every device of group {found.group}"),
        ("everyone", "everyone"),
    )
    have = {(rule.client.lower(), rule.group) for rule in detail.rules if rule.id is not None}
    stands = ((found.client.lower(), "", "client"), ("", found.group, group), ("", "", "everyone"))
    lasting = "client" if found.hint == detail.hint else group
    return scopes, next((scope for client, name, scope in stands if (client, name) in have), lasting)


async def _or_reason(work: Awaitable[T]) -> T | ApiError:
    """What comes of it, or why the database cannot say."""
    try:
        return await work
    except ApiError as error:
        if error.status != 503:
            raise
        return error


def _origin(request: web.Request) -> str:
    """Where a browser finds us, as it asked."""
    secure = request.secure or f"__Host-{cookies.SESSION}" in request.cookies
    return f"{'https' if secure else 'http'}://{request.host}" if _HOST.fullmatch(request.host) else ""


ROUTES = (
    Route("GET", PAGE, repair, "log", query=Asked, content="text/html", page=True),
    Route("GET", f"{PAGE}/from", come, "open", query=From, content="text/html", page=True),
)
