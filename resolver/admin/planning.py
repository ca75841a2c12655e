"""Schedules as people handle them: when they are in force for whom, and what is changed of them for once."""

from __future__ import annotations

import asyncio
import calendar
import functools
import math
from collections.abc import Callable, Iterator, Sequence

from resolver.admin import checks, weeks
from resolver.admin.changing import Changing
from resolver.admin.parts import Parts
from resolver.admin.planbodies import (
    NewScheduleChange,
    Normal,
    ScheduleChange,
    ScheduleChanged,
    ScheduleInfo,
    ScheduleWeek,
    Standing,
    Stretch,
)
from resolver.admin.plans import PLANS, idle, lasts
from resolver.config.called import composed
from resolver.config.leaves import plain, shown
from resolver.config.read import likely
from resolver.config.schema import Config
from resolver.errors import ApiError
from resolver.model import Client
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.policy.document import Change, ScheduleEntry
from resolver.policy.hours import Hours
from resolver.policy.overriding import Overridden
from resolver.store import overrides
from resolver.store.overrides import NewOverride, Override
from resolver.store.trail import Trail

_DAYS = [day.lower() for day in calendar.day_abbr]


class Planning:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], change: Changing) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._change = change

    async def every(self) -> list[ScheduleInfo]:
        """Every schedule, in the order of the config."""
        bundle = self._bundle()
        changes = await self._change.store(self._parts.people.overrides)
        return [self._info(bundle, entry, changes) for entry in bundle.document.schedules]

    async def weeks(self) -> list[ScheduleWeek]:
        """Today and the six days after it, of every schedule for each group that has it and each device with a change
        of its own; for nobody, when no group has it. From memory."""
        return await asyncio.to_thread(self._weeks)

    def _weeks(self) -> list[ScheduleWeek]:
        bundle, now = self._bundle(), self._parts.clock.time()
        found = []
        for entry in bundle.document.schedules:
            clients = self._concerned(bundle, entry, bundle.document.changes)
            if not clients:
                usual = weeks.stretches(Overridden(Hours(entry)).at, *weeks.bounds(entry.zone, now))
                found.append(ScheduleWeek(entry.name, "", "", usual))
            for client in clients:
                whom = self._called(client.key), "" if client.key else client.group
                found.append(ScheduleWeek(entry.name, *whom, _week(bundle, entry, client, now)))
        return found

    async def change(self, name: str, new: NewScheduleChange, who: str) -> ScheduleChanged:
        """Change one for once and bring that into force, in place of what was changed of it for the same people."""
        bundle = self._bundle()
        entry = _entry(bundle, name)
        name = entry.name
        client, group = self._change.scope(new.client, new.group)
        of = self._client(bundle, client).group if client else group
        _check_has(bundle, name, of, new.client)
        length = None if new.duration is None else checks.seconds(new.duration)
        stored = await self._change.store(self._parts.people.overrides)
        there = [one for one in stored if one.schedule == name and _concerns(one, client, of)]
        plan = PLANS[new.do](entry, self._parts.clock.time(), length, there[-1] if there else None)
        wanted = NewOverride(name, plan.on, plan.begins, plan.until, client, group, plan.why, who)
        made = await self._change.store(lambda: self._parts.people.put_override(wanted))
        note = await self._change.publish()
        stays = [one for one in there if (one.client, one.group) != (client, group)]
        until, hint = lasts(entry, plan, stays), idle(entry, plan, there)
        return ScheduleChanged(self._shown(made), until, effective=not note, note=note, hint=hint)

    async def normal(self, name: str, client: str, group: str, who: str) -> Normal:
        """End what was changed of one for a device or a group; for neither, all that was changed of it."""
        name = _entry(self._bundle(), name).name
        people = self._parts.people
        client, group = self._change.scope(client, group)
        if client or group:
            ended = await self._change.store(lambda: people.end_overrides(name, client, group, who))
        else:
            ended = await self._change.store(lambda: self._end_all(name, who))
        note = await self._change.publish() if ended else ""
        return Normal(len(ended), effective=not note, note=note)

    def _end_all(self, name: str, who: str) -> list[Override]:
        """End every change of a schedule, as one change of the trail."""
        found = [one for one in self._parts.people.overrides() if one.schedule == name]

        def work(_: object, trail: Trail) -> list[Override]:
            return [ended for one in found for ended in overrides.end(trail, name, one.client, one.group)]

        return self._parts.people.change(who, f"schedule {name} as usual", work) if found else []

    def _bundle(self) -> Bundle:
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        return bundle

    def _client(self, bundle: Bundle, scope: str) -> Client:
        """The device or address that a change is for, as it would be answered now."""
        address = next(iter(self._parts.devices.addresses(scope)), "")
        if address:
            return bundle.identify(address)
        device = next((one for one in bundle.document.devices if one.name.lower() == scope), None)
        return Client("", (device and device.group) or DEFAULT, device=scope)

    def _info(self, bundle: Bundle, entry: ScheduleEntry, stored: Sequence[Override]) -> ScheduleInfo:
        groups = _having(bundle, entry.name)
        changes = [one for one in stored if one.schedule == entry.name]
        clients = self._concerned(bundle, entry, changes)
        return ScheduleInfo(
            name=entry.name,
            days=[_DAYS[day] for day in entry.days],
            begins=_clock(entry.begins),
            ends=_clock(entry.ends),
            zone=entry.zone,
            groups=groups,
            standing=[one for client in clients for one in self._standing(bundle, entry.name, client)],
            changes=[self._shown(one) for one in changes],
        )

    def _concerned(self, bundle: Bundle, entry: ScheduleEntry, changes: Sequence[Override | Change]) -> list[Client]:
        """The groups that have a schedule, as clients without an address, and the devices in them for which something
        is changed of it."""
        groups = _having(bundle, entry.name)
        scopes = dict.fromkeys(one.client for one in changes if one.client and one.schedule == entry.name)
        devices = (self._client(bundle, scope) for scope in scopes)
        return [*(Client("", group) for group in groups), *(one for one in devices if one.group in groups)]

    def of_device(self, scope: str) -> list[tuple[str, bool, float | None]]:
        """How the schedules of a device (as rules name it) are for it now: their names, whether they are in force, and
        until when that stays so (Unix time; None: for more than a week)."""
        bundle = self._bundle()
        client = self._client(bundle, scope)
        timetable = bundle.timetables.of(client, client.group)
        edges = timetable.edges(self._parts.clock.time()) if timetable else ()
        return [(name, state.on, None if state.flips == math.inf else state.flips) for name, state in edges]

    def group(self, scope: str) -> str:
        """The group of a device (as rules name it) now."""
        return self._client(self._bundle(), scope).group

    def _standing(self, bundle: Bundle, name: str, client: Client) -> Iterator[Standing]:
        """How a schedule is for a device, or for the whole group of a client without an address."""
        now = self._parts.clock.time()
        timetable = bundle.timetables.of(client, client.group)
        state = timetable.edge(name, now) if timetable else None
        if state is not None:
            until = None if state.flips == math.inf else state.flips
            yield Standing(self._called(client.key), "" if client.key else client.group, state.on, until)

    def _shown(self, one: Override) -> ScheduleChange:
        client = self._called(one.client)
        return ScheduleChange(
            one.id, one.schedule, one.on, one.begins, one.until, client, one.group, one.why, one.who, one.created
        )

    def _called(self, scope: str) -> str:
        """A device as people wrote its name."""
        return self._parts.devices.named().get(scope, scope) if scope else ""


def _entry(bundle: Bundle, name: str) -> ScheduleEntry:
    known = {entry.name: entry for entry in bundle.document.schedules}
    entry = known.get(composed(name))
    if entry is None:
        there = f"; the config has {', '.join(known)}" if known else "; the config has none"
        raise ApiError(404, "not-found", f"there is no schedule {shown(name)}{likely(name, known) or there}")
    return entry


def _having(bundle: Bundle, name: str) -> list[str]:
    """The groups that have a schedule."""
    return [group.name for group in bundle.document.groups if name in group.schedules]


def _week(bundle: Bundle, entry: ScheduleEntry, client: Client, now: float) -> list[Stretch]:
    timetable = bundle.timetables.of(client, client.group)
    assert timetable is not None  # its group has a schedule
    return weeks.stretches(functools.partial(timetable.edge, entry.name), *weeks.bounds(entry.zone, now))


def _check_has(bundle: Bundle, name: str, group: str, client: str) -> None:
    """That a group, or some group (""), has a schedule."""
    having = _having(bundle, name)
    if not having:
        raise ApiError(409, "conflict", f"no group has the schedule {name}: add it to one's schedules in the config")
    if group and group not in having:
        of = f"{plain(client)} is in group {group}, which" if client else f"group {group}"
        message = f"{of} does not have the schedule {name}; groups that do: {', '.join(having)}"
        raise ApiError(409, "conflict", message, "client" if client else "group")


def _concerns(one: Override, client: str, group: str) -> bool:
    return (not one.client or one.client == client) and (not one.group or one.group == group)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
