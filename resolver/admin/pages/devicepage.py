"""The page of one device, /devices/ID-or-address: its last 24 hours, what holds for it, and what was blocked on it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from urllib.parse import quote

import msgspec
from aiohttp import web

from resolver.admin.bodies import LogEntry, LogPage, PauseInfo
from resolver.admin.devicebodies import DeviceHour, DeviceInfo
from resolver.admin.handling import service
from resolver.admin.pages import drawn
from resolver.admin.pages.devices import PAGE, PRIVACIES, group_options, key_of
from resolver.admin.pages.drawn import Chart
from resolver.admin.pages.folded import MORE, folded
from resolver.admin.pages.inside import NOTHING, Typed, inside, or_reason, show
from resolver.admin.pages.tonight import Standing, standing_of
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.rulebodies import RuleInfo
from resolver.admin.service import Service
from resolver.admin.whybodies import Window
from resolver.errors import ApiError
from resolver.store.filters import LogFilter

BLOCKED = 15
RULES = 30
PAUSES = ("10m", "1h", "3h")
LENGTHS = (("", "for good"), ("10m", "for 10 minutes"), ("1h", "for an hour"), ("24h", "for a day"))


class Shown(msgspec.Struct, frozen=True):
    """All that the page shows. `key` names the device in addresses and forms. `scope` is what rules call it; "" for one
    that needs a name first, as `unnamed` says. `rules` are the first of `of` rules for it or its group. `unread` is why
    `hours` and `blocked` are missing, when they are; `allowing` are the rules by which people allow by now what was
    blocked, by the ids of the entries."""

    device: DeviceInfo
    key: str
    scope: str
    unnamed: str
    hours: list[DeviceHour]
    chart: Chart | None
    blocked: list[LogEntry]
    allowing: dict[int, str]
    rules: list[RuleInfo]
    of: int
    pauses: list[PauseInfo]
    schedules: list[Standing]
    windows: list[Window]
    groups: tuple[tuple[str, str], ...]
    unread: str
    may: bool
    admin: bool
    lengths: tuple[tuple[str, str], ...] = LENGTHS
    pausing: tuple[str, ...] = PAUSES
    privacies: tuple[tuple[str, str], ...] = PRIVACIES

    @property
    def called(self) -> str:
        return self.device.name or next(iter(self.device.addresses), "") or self.device.mac


async def page(request: web.Request) -> web.Response:
    """A device: its last 24 hours, what holds for it, and what was blocked on it."""
    return await shown(request, request.match_info["client"])


async def again(request: web.Request, typed: Typed) -> web.Response:
    """The page of a form's device, with what was typed."""
    return await shown(request, typed.fields.get("device", ""), typed)


async def shown(request: web.Request, text: str, typed: Typed = NOTHING) -> web.Response:
    asked = service(request)
    device = await asked.devices.at(text)
    scope, unnamed = _scope(asked, device)
    hours, blocked, rules = await asyncio.gather(
        or_reason(asked.devices.hours(device)),
        or_reason(asked.log(LogFilter(clients=asked.devices.addresses(device), verdict="block"), None, MORE * BLOCKED)),
        or_reason(asked.ruling.of(scope, device.group)),
    )
    entries = folded(blocked.entries, BLOCKED) if isinstance(blocked, LogPage) else []
    known = [] if isinstance(hours, ApiError) else hours
    holding = [] if isinstance(rules, ApiError) else rules
    may = principal(request)
    page = Shown(
        device=device,
        key=key_of(device),
        scope=scope,
        unnamed=unnamed,
        hours=known,
        chart=chart_of(known) if known else None,
        blocked=entries,
        allowing=await asyncio.to_thread(asked.ruling.allowing, entries),
        rules=holding[:RULES],
        of=len(holding),
        pauses=[one for one in asked.pausing.in_force() if _concerns(one, device, scope)],
        schedules=await standing_of(asked, scope, device.group),
        windows=asked.whys.windows(asked.devices.addresses(device)),
        groups=group_options(asked.config.groups),
        unread=next((str(one) for one in (hours, blocked, rules) if isinstance(one, ApiError)), ""),
        may=may.may("write"),
        admin=may.may("admin"),
    )
    top = inside(request, typed=typed)
    return show(request, "device.html", page, msgspec.structs.replace(top, here=f"{PAGE}/{quote(page.key, safe=':')}"))


def chart_of(hours: list[DeviceHour]) -> Chart:
    """A column for each hour: what passed, and what was blocked."""
    rows = [
        (
            f"{datetime.fromtimestamp(one.at).astimezone():%H:%M}",
            {"passed": one.queries - one.blocked, "blocked": one.blocked},
        )
        for one in hours
    ]
    queries, blocked = sum(one.queries for one in hours), sum(one.blocked for one in hours)
    if not queries:
        words = "It asked nothing in the last 24 hours."
    else:
        most = max(hours, key=lambda one: one.queries)
        at = f"{datetime.fromtimestamp(most.at).astimezone():%H:%M}"
        words = f"{queries:,} queries in the last 24 hours, {blocked:,} of them blocked; most in the hour of {at}."
        if queries == 1:
            words = f"One query in the last 24 hours, in the hour of {at}; it {'was blocked' if blocked else 'passed'}."
    return drawn.columns("Queries by the hour", words, rows, ("passed", "blocked"))


def _scope(asked: Service, device: DeviceInfo) -> tuple[str, str]:
    """What rules call a device; or why nothing that it could be called stays the same."""
    try:
        return asked.devices.scope(device), ""
    except ApiError as error:
        return "", str(error)


def _concerns(pause: PauseInfo, device: DeviceInfo, scope: str) -> bool:
    if pause.client:
        return pause.client.lower() == scope
    return pause.group in {"", device.group}


ROUTES = (Route("GET", f"{PAGE}/{{client}}", page, "log", content="text/html", page=True),)
