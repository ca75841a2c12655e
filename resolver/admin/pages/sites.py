"""The pages /sites and /sites/NAME: what is allowed while a device is on a site."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import msgspec
from aiohttp import web
from msgspec import Meta
from msgspec.structs import replace

from resolver.admin.handling import query, service
from resolver.admin.pages.inside import NOTHING, Typed, inside, show
from resolver.admin.pages.repair import WINDOWS
from resolver.admin.routing import Nothing, Route
from resolver.admin.service import Service
from resolver.admin.sitebodies import DeviceChoice, SiteDetail, SiteInfo
from resolver.config.leaves import show_window
from resolver.errors import ApiError

PAGE = "/sites"
PER_PAGE = 30

_LASTS = (
    ("", "good"),
    ("1h", "an hour"),
    ("8h", "8 hours"),
    ("1d", "a day"),
    ("7d", "a week"),
    ("30d", "30 days"),
)
AS_BEFORE = "as before"
"""The end that a rule has already."""


class Paged(msgspec.Struct, frozen=True):
    """The number of the first rule to show."""

    start: Annotated[int, Meta(ge=0, le=1_000_000)] = msgspec.field(name="from", default=0)


class Edited(msgspec.Struct, frozen=True):
    """A rule as the form for it shows it; `form` is how the page knows that form. Of a rule that is there, `lasts` may
    be AS_BEFORE."""

    form: str
    site: str = ""
    allow: str = ""
    everything: bool = False
    window: str = "10m"
    scope: str = "everyone"
    lasts: str = ""
    comment: str = ""


class Offered(msgspec.Struct, frozen=True):
    """What a form for a rule has to choose from: for whom, how long the window is, and how long the rule lasts."""

    scopes: list[tuple[str, str]]
    devices: DeviceChoice
    windows: tuple[str, ...] = WINDOWS
    lasts: tuple[tuple[str, str], ...] = _LASTS


class Sites(msgspec.Struct, frozen=True):
    """All that the page /sites shows: the rules from `start` of so many, or why they cannot be shown."""

    rules: list[SiteInfo]
    start: int
    count: int
    new: Edited
    offered: Offered
    unread: str = ""

    @property
    def forms(self) -> list[str]:
        """The forms for rules that the page has."""
        return [self.new.form]

    @property
    def after(self) -> int:
        """The number of the first rule of the next page; 0 on the last one."""
        end = self.start + len(self.rules)
        return end if end < self.count else 0


class OneSite(msgspec.Struct, frozen=True):
    """All that the page of a site shows: each of its rules with the form for it, and a form for another one."""

    detail: SiteDetail
    rules: list[tuple[SiteInfo, Edited]]
    more: int
    new: Edited
    offered: Offered

    @property
    def forms(self) -> list[str]:
        """The forms for rules that the page has."""
        return [self.new.form, *(edited.form for _, edited in self.rules)]


async def sites(request: web.Request) -> web.Response:
    """Every site rule, and a form for another one."""
    return await page(request, query(request, Paged).start)


async def page(request: web.Request, start: int = 0, typed: Typed = NOTHING) -> web.Response:
    """The page /sites; with what was typed into a form of it that could not be done."""
    asked = service(request)
    offered = await _offered(asked, request)
    try:
        rules = sorted(await asked.sites.every(), key=lambda rule: (rule.site, rule.client, rule.group))
        unread = ""
    except ApiError as error:
        rules, unread = [], str(error)
    start = min(start, max(0, len(rules) - 1) // PER_PAGE * PER_PAGE)
    shown = Sites(rules[start : start + PER_PAGE], start, len(rules), Edited("new"), offered, unread)
    top = inside(request, typed=typed)
    return show(request, "sites.html", shown, replace(top, here=f"{PAGE}?from={start}" if start else PAGE))


async def one(request: web.Request) -> web.Response:
    """A site: its rules, the repairs of it that are going on, and who was on it lately."""
    query(request, Nothing)
    return await about(request, request.match_info["site"])


async def about(request: web.Request, site: str, typed: Typed = NOTHING) -> web.Response:
    """The page of a site; with what was typed into a form of it that could not be done."""
    asked = service(request)
    detail = await asked.sites.one(site, exact=True)
    own = [rule for rule in detail.rules if rule.id is not None]
    rules = [(rule, _edited(rule)) for rule in detail.rules[:PER_PAGE]]
    scope = "everyone" if all(rule.client or rule.group for rule in own) else "client"
    new = Edited("new", detail.site, scope=scope)
    shown = OneSite(detail, rules, len(detail.rules) - len(rules), new, await _offered(asked, request, detail.lately))
    here = f"{PAGE}/{quote(detail.site, safe='')}"
    return show(request, "site.html", shown, replace(inside(request, typed=typed), here=here))


async def _offered(asked: Service, request: web.Request, lately: list[str] | None = None) -> Offered:
    groups = [(f"group:{name}", f"group {name}") for name in asked.config.groups]
    scopes = [("everyone", "everyone"), *groups, ("client", "one device")]
    return Offered(scopes, await asked.sites.devices(request.remote or "", lately or []))


def _edited(rule: SiteInfo) -> Edited:
    scope = "client" if rule.client else f"group:{rule.group}" if rule.group else "everyone"
    names, lasts = "\n".join(rule.allow), "" if rule.until is None else AS_BEFORE
    window = show_window(rule.window)
    return Edited(f"rule-{rule.id}", rule.site, names, rule.everything, window, scope, lasts, rule.comment)


ROUTES = (
    Route("GET", PAGE, sites, "read", query=Paged, content="text/html", page=True),
    Route("GET", PAGE + "/{site}", one, "log", content="text/html", page=True),
)
