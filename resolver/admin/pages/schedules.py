"""The page /schedules: the week of every schedule, what comes next, and changes for once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from aiohttp import web

from resolver.admin.handling import query, service
from resolver.admin.pages.choosing import told
from resolver.admin.pages.inside import NOTHING, Typed, inside, show
from resolver.admin.pages.numbers import first
from resolver.admin.pages.scheduleform import Form, blank, form_of
from resolver.admin.pages.tonight import Standing, clock, next_edge, standing, whom
from resolver.admin.pages.week import Week, week
from resolver.admin.planbodies import ScheduleChange, ScheduleInfo, ScheduleWeek
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.config.schedule import Schedule
from resolver.errors import ApiError

PAGE = "/schedules"
ACTS = (("more", "More time"), ("on", "Start now"), ("off", "Not today"), ("normal", "Back to normal"))
SIZE = 4
"""Schedules of one page, each with its drawing and its buttons."""

_DEVICES = 100  # suggested by name


class Looked(msgspec.Struct, frozen=True):
    """The schedule whose form to show; or (`new`) that of another. Those shown are the ones from this number on."""

    edit: str = ""
    new: str = ""
    start: str = msgspec.field(name="from", default="")


class Drawn(msgspec.Struct, frozen=True):
    """A week, and for whom it is so."""

    whom: str
    week: Week


class Changed(msgspec.Struct, frozen=True):
    """A change for once, and what it says."""

    change: ScheduleChange
    sentence: str


class Shown(msgspec.Struct, frozen=True):
    """A schedule: what it does in sentences, how it stands for whom, its weeks (one for all for whom it is the same)
    and what was changed of it. `chosen` says by whom, when it does not stand in the config file as it is."""

    info: ScheduleInfo
    does: list[str]
    standing: list[Standing]
    weeks: list[Drawn]
    changes: list[Changed]
    chosen: str


class Page(msgspec.Struct, frozen=True):
    """All that the page shows: some of the schedules, of which all have `names`, and the addresses of the pages around
    ("": none). `soon` says what changes next; `unread` why nothing is known."""

    schedules: list[Shown]
    names: list[tuple[str, str]]
    before: str
    after: str
    soon: str
    devices: list[str]
    form: Form | None
    may: bool
    unread: str
    acts: tuple[tuple[str, str], ...] = ACTS


async def page(request: web.Request) -> web.Response:
    """The week of every schedule, what comes next, and changes for once."""
    looked = query(request, Looked)
    return await shown(request, looked.edit, new=bool(looked.new), start=looked.start)


async def again(request: web.Request, typed: Typed) -> web.Response:
    """The page with what was typed into a form of it."""
    saving = typed.form == "save"
    edit = typed.fields.get("schedule", "") if saving else ""
    return await shown(request, edit, typed, new=saving and not edit)


async def shown(
    request: web.Request, edit: str, typed: Typed = NOTHING, *, new: bool = False, start: str = ""
) -> web.Response:
    asked, now, may = service(request), service(request).clock.time(), principal(request)
    unread, infos, weeks = "", list[ScheduleInfo](), list[ScheduleWeek]()
    try:
        infos, weeks = await asyncio.gather(asked.planning.every(), asked.planning.weeks())
    except ApiError as error:
        unread = str(error)
    soon = next_edge(one for info in infos for one in standing(info, now))
    begin = first(start, len(infos), SIZE)
    page = Page(
        schedules=[_shown(asked, info, weeks, now) for info in infos[begin : begin + SIZE]],
        names=[(info.name, info.name) for info in infos],
        before=f"{PAGE}?from={begin - SIZE}" if begin else "",
        after=f"{PAGE}?from={begin + SIZE}" if begin + SIZE < len(infos) else "",
        soon=soon.sentence if soon is not None else "",
        devices=asked.entrance.devices()[:_DEVICES] if may.may("log") else [],
        form=_form(asked, edit, new=new) if may.may("write") else None,
        may=may.may("write"),
        unread=unread,
    )
    top = inside(request, typed=typed)
    here = f"{PAGE}?from={begin}" if begin else PAGE
    return show(request, "schedules.html", page, msgspec.structs.replace(top, here=here))


def _form(asked: Service, edit: str, *, new: bool) -> Form | None:
    if edit in asked.config.schedules:
        return form_of(asked, edit)
    return blank(asked) if new else None


def _shown(asked: Service, info: ScheduleInfo, weeks: Sequence[ScheduleWeek], now: float) -> Shown:
    same: dict[tuple[object, ...], list[ScheduleWeek]] = {}
    for one in weeks:
        if one.schedule == info.name:
            same.setdefault(tuple(one.stretches), []).append(one)
    drawn = [
        Drawn(whom([one.client or one.group for one in alike]), week(info.zone, alike[0].stretches, now))
        for alike in same.values()
    ]
    schedule = asked.config.schedules.get(info.name)
    does = [] if schedule is None else does_of(schedule)
    changes = [Changed(one, _said(one, info, now)) for one in info.changes]
    return Shown(info, does, standing(info, now), drawn, changes, told(asked, f"schedules.{info.name}"))


def does_of(schedule: Schedule) -> list[str]:
    """What a schedule does while it is in force."""
    found = []
    if schedule.only is not None:
        some = f" but {_some(schedule.only)}, and" if schedule.only else " but"
        found.append(f"Nothing answers{some} what devices need to work.")
    services = [one.word for one in schedule.block if one.kind == "service"]
    lists = [one.word for one in schedule.block if one.kind == "list"]
    names = [one.word for one in schedule.block if one.kind == "name"]
    if services:
        found.append(f"Services are blocked: {_some(services)}.")
    if lists:
        found.append(f"Names on lists are blocked: {_some(lists)}.")
    if names:
        found.append(f"Names are blocked: {_some(names)}.")
    if schedule.allow:
        found.append(f"Names are allowed: {_some(schedule.allow)}.")
    return found


def _said(one: ScheduleChange, info: ScheduleInfo, now: float) -> str:
    begins, until = clock(one.begins, info.zone, now), clock(one.until, info.zone, now)
    for_whom = one.client or one.group or "everyone who has it"
    how = "in force" if one.on else "off"
    from_ = "from now" if one.begins <= now else f"from {begins}"
    return f"For {for_whom} it is {how} {from_} until {until}: {one.why}, by {one.who}."


def _some(names: Sequence[str], most: int = 12) -> str:
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


ROUTES = (Route("GET", PAGE, page, "read", query=Looked, content="text/html", page=True),)
