"""Repairing a site for a device: allow what may be missing for ten minutes, see whether that helps, halve it until the
culprit is left, and keep that as a site rule or take it back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NoReturn

from msgspec.structs import replace
from sqlalchemy import Connection

from resolver.admin import ontrial, sitenames
from resolver.admin.changing import Changing
from resolver.admin.parts import Parts
from resolver.admin.sitebodies import Answered, Keeping, NewTrial, Suspects, TrialInfo, Undoing
from resolver.admin.suspecting import Case, Looked, suspects, unknown, unnamed
from resolver.admin.trialshown import shown
from resolver.config.schema import Config
from resolver.errors import ApiError
from resolver.policy.bundle import Bundle
from resolver.repair.domains import Domains
from resolver.repair.trial import Kept, Trial, Unit, begun, state_of
from resolver.store import repairs, sites
from resolver.store.repairs import Repair
from resolver.store.sites import NewSite
from resolver.store.trail import Trail

MINUTES = 600.0
"""Seconds for which the names on trial are allowed."""

DAYS = 7
_DAY = 86_400.0
_REMEMBERED = _DAY  # seconds after which a repair that nobody goes on with is forgotten
_BRIDGE = 3600.0  # seconds for which a device may still remember the site's answers of before there was a rule


class Repairing:
    """One repair at a time for a site and a device. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], change: Changing, domains: Domains) -> None:
        self._parts = parts
        self._config = config
        self._change = change
        self._domains = domains
        self._one_by_one = asyncio.Lock()

    async def of(self, site: str) -> list[TrialInfo]:
        """The repairs of a site that are going on."""
        found = await self._change.store(lambda: ontrial.going_on(self._parts.people))
        now = self._parts.clock.time()
        return [shown(site, self._called(one.client), trial, now) for one, trial in found if one.site == site]

    async def suspects(self, text: str, client: str, days: int = DAYS, *, exact: bool = False) -> Suspects:
        """Who may be missing on a site, for a device."""
        case, hint = self._case(text, client, days, exact=exact)
        trial = await self._trial(case)
        called = self._called(case.client)
        info = None if trial is None else shown(case.site, called, trial, self._parts.clock.time())
        why = self._unknown(case)
        if why:
            return Suspects(case.site, called, case.since, 0, 0, [], info, why, hint)
        looked = await self._look(case, () if trial is None else trial.names)
        found = looked.evidence
        return Suspects(case.site, called, case.since, found.of, len(found.loads), looked.suspects, info, hint=hint)

    async def attempt(self, text: str, new: NewTrial, by: str) -> TrialInfo:
        """Allow what may be missing, or these names, for ten minutes; or go on with a trial whose ten minutes are
        over."""
        case, _ = self._case(text, new.client, new.days, exact=new.exact)
        async with self._one_by_one:
            before = await self._trial(case)
            going_on = before if before is not None and before.stage in {"trying", "found"} else None
            if going_on and not new.names and going_on.until <= self._parts.clock.time():
                return await self._allow(case, going_on, by)
            units = [Unit(name, (name,)) for name in sitenames.names(new.names)] or await self._worth(case, going_on)
            return await self._allow(case, begun(units), by)

    async def answer(self, text: str, said: Answered, by: str) -> TrialInfo:
        """Go on after it was seen whether the site works with what is allowed now."""
        case, _ = self._case(text, said.client, exact=said.exact)
        async with self._one_by_one:
            trial = await self._going_on(case)
            if trial.until <= self._parts.clock.time():
                raise ApiError(409, "conflict", "the ten minutes are over, so nothing was seen: try goes on from there")
            if trial.stage == "found" and said.works:
                return await self._allow(case, trial, by)
            after = trial.answered(works=said.works)
            if after.stage == "elsewhere":
                more = await self._more(case, after)
                after = after.widened(more) if more else after
            return await self._allow(case, after, by)

    async def keep(self, text: str, new: Keeping, by: str) -> TrialInfo:
        """Make a site rule of what is allowed now. On the device it stays allowed for an hour besides: until it asks
        for the site again, no window opens."""
        case, _ = self._case(text, new.client, exact=new.exact)
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
        case, _ = self._case(text, given.client, exact=given.exact)
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
        info = shown(case.site, self._called(case.client), trial, self._parts.clock.time())
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
            404, "not-found", f"no repair of {case.site} is going on for {self._called(case.client)}: begin with try"
        )

    async def _worth(self, case: Case, before: Trial | None) -> Sequence[Unit]:
        """The suspects worth trying, with those that are on trial already."""
        why = self._unknown(case)
        if why:
            raise ApiError(409, "unknown", f"{why}: give the names to try")
        looked = await self._look(case, before.names if before else ())
        if not looked.evidence.of:
            message = (
                f"the log does not have {self._called(case.client)} on {case.site}: load the page there, and try again"
            )
            raise ApiError(409, "unknown", message)
        if not looked.units:
            raise ApiError(
                409, "unknown", f"nothing that {self._called(case.client)} asks for with {case.site} is blocked"
            )
        return looked.units

    async def _more(self, case: Case, trial: Trial) -> Sequence[Unit]:
        """Suspects that were not on trial: a page that gets further asks for more."""
        if self._unknown(case):
            return ()
        known = {unit.domain for unit in trial.units}
        return [unit for unit in (await self._look(case)).units if unit.domain not in known]

    async def _look(self, case: Case, trying: Sequence[str] = ()) -> Looked:
        bundle = self._bundle()
        return await self._change.store(lambda: suspects(self._parts, bundle, case, self._domains, trying))

    def _unknown(self, case: Case) -> str:
        return unknown(self._config(), self._bundle(), case)

    def _called(self, scope: str) -> str:
        """A device as people wrote its name."""
        return self._parts.devices.named().get(scope, scope)

    def _bundle(self) -> Bundle:
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        return bundle

    def _case(self, text: str, client: str, days: int = DAYS, *, exact: bool = False) -> tuple[Case, str]:
        site, hint = sitenames.site(text, self._domains, exact=exact)
        if not client:
            raise ApiError(400, "invalid", "give the device on which the site is broken", "client")
        scope, _ = self._change.scope(client, "")
        case = Case(site, scope, self._parts.devices.addresses(scope), self._parts.clock.time() - days * _DAY)
        return case, "; ".join(filter(None, (hint, unnamed(self._parts, scope))))
