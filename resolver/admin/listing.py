"""The lists in use as people handle them: how they are, what they are good for, and new versions of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

import msgspec
from msgspec import Raw

from resolver.admin.jobbodies import Job
from resolver.admin.jobs import Jobs, Report
from resolver.admin.listbodies import ListInfo, Quality
from resolver.admin.parts import Parts
from resolver.admin.quality import DAYS, look, measure, nameless
from resolver.config.schema import Config
from resolver.errors import ApiError, ListError, StoreError
from resolver.lists.bodies import ListState
from resolver.policy.bundle import Bundle
from resolver.store.insight import DAY, Insight

FRESH = (30.0, 600.0)
"""For how many seconds the quality of lists is not looked into again, at least and at most: a hundred times as long as
that took."""


class _Measured(msgspec.Struct, frozen=True):
    """Qualities by id: of which lists and log, and until when (monotonic) they are not looked into again."""

    of: object
    until: float
    found: dict[str, Quality]


class Listing:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], jobs: Jobs) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._jobs = jobs
        self._insight = Insight(parts.database)
        self._measured: _Measured | None = None
        self._measuring = asyncio.Lock()

    def states(self) -> list[ListState]:
        """Every list in use, in the order of the config: at once."""
        return self._parts.lists.states()

    def known(self) -> list[ListInfo]:
        """The same with what they are good for as far as that was looked into: at once."""
        found = self._measured.found if self._measured else {}
        return [_info(state, found.get(state.id)) for state in self.states()]

    async def every(self) -> list[ListInfo]:
        """The same with what they are good for. Takes some seconds when that was not looked into lately."""
        await self._measure()
        return self.known()

    async def one(self, id: str) -> ListInfo:
        """A list in use, as `every` has it."""
        self._check(id)
        return next(info for info in await self.every() if info.id == id)

    # Versions

    async def refresh(self, ids: Collection[str] | None) -> None:
        """Look for new versions of lists (None: of all) now. Returns when what is new was compiled."""
        for id in ids or ():
            self._check(id)
        try:
            await self._parts.lists.refresh(ids)
        except ListError as error:
            raise ApiError(404, "not-found", str(error)) from error

    def refreshing(self, id: str = "") -> Job[Raw]:
        """The same of one list, or of all, as a job; its result are these lists."""
        if id:
            self._check(id)

        async def work(report: Report) -> list[ListInfo]:
            before = {state.id: state for state in self.states()}
            report.say("asking for new versions …")
            await self.refresh([id] if id else None)
            for state in self.states():
                if not id or state.id == id:
                    report.say(f"{state.id}: {_outcome(before.get(state.id), state)}")
            return [info for info in await self.every() if not id or info.id == id]

        what = f"look for a new version of {id}" if id else "look for new versions of all lists"
        return self._jobs.begin("refresh", what, work, needs="write", meter=self._compiling, alone=True)

    def _compiling(self) -> float | None:
        """How much of a compile is done, in per cent."""
        share = self._parts.lists.progress
        return None if share is None else round(100 * share, 1)

    async def accept(self, id: str) -> str:
        """Take the version of a list that the guard refused; why it is not in force yet, "" when it is."""
        return await self._change(id, self._parts.lists.accept)

    async def rollback(self, id: str) -> str:
        """Go back to the version of a list before the one in force; why it is not in force yet, "" when it is."""
        return await self._change(id, self._parts.lists.rollback)

    async def _change(self, id: str, work: Callable[[str], Awaitable[None]]) -> str:
        self._check(id)
        try:
            await work(id)
        except ListError as error:
            raise ApiError(409, "conflict", str(error)) from error
        return self._parts.lists.error or self._parts.publisher.trouble

    def _check(self, id: str) -> None:
        ids = [state.id for state in self.states()]
        preset = self._parts.catalogue.presets.get(id)
        if preset is not None:
            raise ApiError(404, "not-found", f"{id} is a preset; its lists are {', '.join(preset.lists)}")
        if id not in ids:
            raise ApiError(404, "not-found", f"no such list in use: {id[:64]!a}; there are {', '.join(ids)}")

    # What they are good for

    def looking(self) -> bool:
        """Whether it is being looked into: that begins now, unless it was done lately and of the same lists."""
        bundle = self._parts.publisher.bundle
        if bundle is None or self._is_fresh(self._of(bundle)):
            return False

        async def work(_: Report) -> None:
            await self._measure()

        try:
            self._jobs.begin("quality", "look into what the lists are good for", work, alone=True)
        except ApiError:  # there is too much to do: another time
            return False
        return True

    async def _measure(self) -> None:
        """Look into it, unless that was done lately and of the same lists."""
        bundle = self._parts.publisher.bundle
        if bundle is None:
            return
        of = self._of(bundle)
        async with self._measuring:
            if not self._is_fresh(of):
                now = self._parts.clock.monotonic()
                found = await asyncio.to_thread(self._qualities, bundle, nameless(self._config().log.privacy))
                took = self._parts.clock.monotonic() - now
                self._measured = _Measured(of, now + min(max(100 * took, FRESH[0]), FRESH[1]), found)

    def _of(self, bundle: Bundle) -> object:
        return bundle.document.lists, bundle.document.groups, self._version(), self._config().log.privacy

    def _is_fresh(self, of: object) -> bool:
        known = self._measured
        return known is not None and known.of == of and known.until > self._parts.clock.monotonic()

    def _version(self) -> object:
        try:
            return self._parts.lists.compiled.inputs
        except ListError:  # a bundle of before the start is all there is
            return None

    def _qualities(self, bundle: Bundle, unknown: str) -> dict[str, Quality]:
        since = self._parts.clock.time() - DAYS * DAY
        seen = None
        try:
            if not unknown:
                seen = look(self._insight, self._parts.people.rules(), since, self._parts.devices.addresses)
        except StoreError as error:
            unknown = f"the log cannot be read now: {error}"
        return measure(bundle, seen, since, unknown)


def _outcome(before: ListState | None, now: ListState) -> str:
    """What came of a look for a new version."""
    if now.refused is not None and (before is None or before.refused != now.refused):
        return f"a new version was refused: {now.refused.reason}"
    if now.error:
        return now.error
    if before is None or _in_force(now) != _in_force(before):
        return f"a new version, with {now.rules:,} rules"
    return "nothing new"


def _in_force(state: ListState) -> str:
    return next((version.sha256 for version in state.versions if version.current), "")


def _info(state: ListState, found: Quality | None) -> ListInfo:
    return ListInfo(**{name: getattr(state, name) for name in ListState.__struct_fields__}, quality=found)
