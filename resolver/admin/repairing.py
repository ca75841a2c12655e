"""Repairing a site for a device: allow what may be missing for ten minutes, see whether that helps, halve it until the
culprit is left, and keep that as a site rule or take it back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import NoReturn

from msgspec.structs import replace
from sqlalchemy import Connection

from resolver.admin import ontrial, sitenames
from resolver.admin.cases import Cases
from resolver.admin.changing import Changing
from resolver.admin.parts import Parts
from resolver.admin.sitebodies import Answered, Keeping, NewTrial, Suspects, TrialInfo, Undoing
from resolver.admin.suspecting import Case, Looked
from resolver.admin.trialshown import shown
from resolver.config.schema import Config
from resolver.errors import ApiError
from resolver.repair.domains import Domains
from resolver.repair.trial import Kept, Trial, begun, state_of
from resolver.store import repairs, sites
from resolver.store.repairs import Repair
from resolver.store.sites import NewSite
from resolver.store.trail import Trail

MINUTES = 600.0
"""Seconds for which the names on trial are allowed."""

DAYS = 7
_REMEMBERED = 86_400.0  # seconds after which a repair that nobody goes on with is forgotten
_OPEN = {"trying", "found"}  # stages in which something is allowed for a repair
_BRIDGE = 3600.0  # seconds for which a device may still remember the site's answers of before there was a rule


class Repairing:
    """One repair at a time for a site and a device. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], change: Changing, domains: Domains) -> None:
        self._parts = parts
        self._change = change
        self._cases = Cases(parts, config, change, domains)
        self._one_by_one = asyncio.Lock()

    async def of(self, site: str) -> list[TrialInfo]:
        """The repairs of a site that are going on."""
        found = await self._change.store(lambda: ontrial.going_on(self._parts.people))
        now = self._parts.clock.time()
        return [shown(site, self._cases.called(one.client), trial, now) for one, trial in found if one.site == site]

    async def suspects(self, text: str, client: str, days: int = DAYS, *, exact: bool = False) -> Suspects:
        """Who may be missing on a site, for a device."""
        case, told, trying = await self._told_of(text, client, days, exact=exact)
        return told if told.unknown else _with(told, await self._cases.look(case, trying))

    async def standing(
        self, text: str, client: str, days: int = DAYS, *, exact: bool = False, wait: bool = False
    ) -> tuple[Suspects, bool]:
        """The same for people who look again: suspects as they were some seconds ago at most, and none while something
        is on trial; and whether they are still being looked for, which nobody waits for unless they `wait`."""
        case, told, trying = await self._told_of(text, client, days, exact=exact)
        if told.unknown or trying:
            return told, False
        looked = await (self._cases.look(case) if wait else self._cases.soon(case))
        return (told, True) if looked is None else (_with(told, looked), False)

    async def _told_of(
        self, text: str, client: str, days: int, *, exact: bool
    ) -> tuple[Case, Suspects, Collection[str]]:
        """What there is to say before the log is looked at, and the names that are on trial."""
        case, hint = self._cases.of(text, client, days, exact=exact)
        trial = await self._trial(case)
        called = self._cases.called(case.client)
        info = None if trial is None else shown(case.site, called, trial, self._parts.clock.time())
        itself = await asyncio.to_thread(self._cases.itself, text, case)
        why, group = self._cases.unknown(case), self._cases.group(case)
        told = Suspects(case.site, called, case.since, 0, 0, [], info, why, hint, group, itself)
        return case, told, trial.names if trial is not None and trial.stage in _OPEN else ()

    async def attempt(self, text: str, new: NewTrial, by: str) -> TrialInfo:
        """Allow what may be missing, or these names, for ten minutes; or go on with a trial whose ten minutes are
        over."""
        case, _ = self._cases.of(text, new.client, new.days, exact=new.exact)
        async with self._one_by_one:
            before = await self._trial(case)
            going_on = before if before is not None and before.stage in _OPEN else None
            if going_on and not (new.names or new.domains) and going_on.until <= self._parts.clock.time():
                return await self._allow(case, going_on, by)
            return await self._allow(case, begun(await self._cases.wanted(case, new, going_on)), by)

    async def answer(self, text: str, said: Answered, by: str) -> TrialInfo:
        """Go on after it was seen whether the site works with what is allowed now."""
        case, _ = self._cases.of(text, said.client, DAYS, exact=said.exact)
        async with self._one_by_one:
            trial = await self._going_on(case)
            if trial.until <= self._parts.clock.time():
                raise ApiError(409, "conflict", "the ten minutes are over, so nothing was seen: try goes on from there")
            if trial.stage == "found" and said.works:
                return await self._allow(case, trial, by)
            after = trial.answered(works=said.works)
            if after.stage == "elsewhere":
                more = await self._cases.more(case, after)
                after = after.widened(more) if more else after
            return await self._allow(case, after, by)

    async def keep(self, text: str, new: Keeping, by: str) -> TrialInfo:
        """Make a site rule of what is allowed now. On the device it stays allowed for an hour besides: until it asks
        for the site again, no window opens."""
        case, _ = self._cases.of(text, new.client, DAYS, exact=new.exact)
        if new.for_everyone and new.group:
            raise ApiError(400, "invalid", "give a group or everyone, not both", "group")
        _, group = self._change.scope("", new.group)
        client = "" if new.for_everyone or group else case.client
        window = sitenames.window(new.window)
        async with self._one_by_one:
            trial = await self._going_on(case)
            made = NewSite(
                case.site, tuple(trial.names), window=window, client=client, group=group, comment=new.comment, who=by
            )
            bridge = self._parts.clock.time() + _BRIDGE if window is not None else 0.0

            def work(connection: Connection, trail: Trail) -> Trial:
                ontrial.end(trail, case.site, case.client)
                put = sites.allow_names(trail, made)
                had = () if put.before is None else put.before.allow
                kept = Kept(tuple(name for name in made.allow if name not in had), client, group)
                after = replace(trial, stage="kept", kept=kept, rules=(), until=bridge)
                after = ontrial.allow(trail, case.site, case.client, after, by) if bridge else after
                return self._remember(connection, case, after)

            done = await self._change.store(
                lambda: self._parts.people.change(by, f"keep: {sites.told(made, self._parts.clock.time())}", work)
            )
            return await self._told(case, done)

    async def undo(self, text: str, given: Undoing, by: str) -> TrialInfo:
        """Take back what was allowed for a repair, and forget it. Returns how it stood."""
        case, _ = self._cases.of(text, given.client, DAYS, exact=given.exact)
        async with self._one_by_one:
            trial = await self._trial(case)
            if trial is None:
                self._none(case)

            def work(connection: Connection, trail: Trail) -> None:
                ontrial.end(trail, case.site, case.client)
                if trial.kept is not None:
                    kept = trial.kept
                    client = case.client if kept.client else ""  # the device may have another name by now
                    sites.remove_names(trail, case.site, kept.names, client, kept.group)
                repairs.remove(connection, case.site, case.client)

            what = f"undo the repair of {case.site} for {case.client}"
            await self._change.store(lambda: self._parts.people.change(by, what, work))
            return await self._told(case, replace(trial, now=(), until=0.0))

    # What is allowed now

    async def _allow(self, case: Case, trial: Trial, by: str) -> TrialInfo:
        """Allow what a trial says, in place of what was allowed before."""
        until = self._parts.clock.time() + MINUTES

        def work(connection: Connection, trail: Trail) -> Trial:
            ontrial.end(trail, case.site, case.client)
            after = replace(trial, rules=(), until=until if trial.now else 0.0)
            after = ontrial.allow(trail, case.site, case.client, after, by)
            return self._remember(connection, case, after)

        what = f"repair {case.site} for {case.client}: {'try' if trial.now else 'stop trying'}"
        done = await self._change.store(
            lambda: self._parts.people.change(by, f"{what} {' '.join(trial.names[:5])}".strip(), work)
        )
        return await self._told(case, done)

    def _remember(self, connection: Connection, case: Case, trial: Trial) -> Trial:
        until = self._parts.clock.time() + _REMEMBERED
        repairs.put(connection, Repair(case.site, case.client, state_of(trial), until))
        return trial

    async def _told(self, case: Case, trial: Trial) -> TrialInfo:
        note = await self._change.publish()
        info = shown(case.site, self._cases.called(case.client), trial, self._parts.clock.time())
        return replace(info, effective=not note, note=note)

    # What there is

    async def _trial(self, case: Case) -> Trial | None:
        found = await self._change.store(lambda: ontrial.going_on(self._parts.people))
        return next((trial for one, trial in found if (one.site, one.client) == (case.site, case.client)), None)

    async def _going_on(self, case: Case) -> Trial:
        trial = await self._trial(case)
        if trial is None:
            self._none(case)
        if trial.stage == "kept":
            raise ApiError(409, "conflict", "it was kept already; undo takes it back, try begins anew")
        if not trial.now:
            raise ApiError(409, "conflict", "nothing is on trial any more: try begins anew")
        return trial

    def _none(self, case: Case) -> NoReturn:
        raise ApiError(
            404,
            "not-found",
            f"no repair of {case.site} is going on for {self._cases.called(case.client)}: begin with try",
        )


def _with(told: Suspects, looked: Looked) -> Suspects:
    found = looked.evidence
    return replace(told, visits=found.of, loads=len(found.loads), suspects=looked.suspects)
