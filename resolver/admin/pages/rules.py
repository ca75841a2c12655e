"""The page /rules: people's own rules, fifty at a time, with a search, and the form that adds one."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.handling import service
from resolver.admin.pages.inside import NOTHING, Typed, inside, show
from resolver.admin.pages.numbers import first
from resolver.admin.pages.rulesought import ACTIONS, STATES, Sought, scopes, sought, whom
from resolver.admin.routing import Route
from resolver.admin.rulebodies import RuleInfo
from resolver.errors import ApiError

PAGE = "/rules"
SIZE = 50

FOR = ("10m", "1h", "1d", "7d")
"""For how long a rule may hold, as suggestions."""


class Rules(msgspec.Struct, frozen=True):
    """All that the page shows: of `all` rules so many were `found`; of those `rules` are from the place `start` on, the
    newest first and those of the config last. `before` and `after` are addresses, "" at the ends. `rule` and `does`
    are what a link has filled in of the form; `unread` is why there are no rules, if they cannot be read."""

    rules: list[RuleInfo]
    sought: Sought
    all: int
    found: int
    start: int
    before: str
    after: str
    groups: list[str]
    rule: str
    does: str
    unread: str
    actions: tuple[tuple[str, str], ...] = ACTIONS
    states: tuple[tuple[str, str], ...] = STATES
    durations: tuple[str, ...] = FOR

    @property
    def scopes(self) -> list[tuple[str, str]]:
        return scopes(self.groups)

    @property
    def whom(self) -> list[tuple[str, str]]:
        return whom(self.groups)


async def page(request: web.Request) -> web.Response:
    """People's own rules"""
    return await shown(request)


async def shown(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    """The page, with what was typed into its form."""
    asked, looked, unread = service(request), sought(request.query), ""
    try:
        every = newest(await asked.ruling.every())
    except ApiError as error:
        every, unread = [], str(error)
    found = [rule for rule in every if looked.fits(rule)]
    start = first(request.query.get("from", ""), len(found), SIZE)
    rules = Rules(
        found[start : start + SIZE],
        looked,
        len(every),
        len(found),
        start,
        looked.address(PAGE, start - SIZE) if start else "",
        looked.address(PAGE, start + SIZE) if start + SIZE < len(found) else "",
        list(asked.config.groups),
        request.query.get("rule", "")[:2000],
        "allow" if request.query.get("do") == "allow" else "deny",
        unread,
    )
    return show(request, "rules.html", rules, inside(request, typed=typed))


def newest(rules: list[RuleInfo]) -> list[RuleInfo]:
    """The rules as they are shown: the newest first, those of the config last."""
    ours = [rule for rule in rules if rule.id is not None]
    return [*reversed(ours), *(rule for rule in rules if rule.id is None)]


ROUTES = (Route("GET", PAGE, page, "read", content="text/html", page=True),)
