"""One list in use: a check of it, from asking for a new version to keeping that one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pathlib
from collections.abc import Callable, Collection

import aiohttp
import msgspec

from resolver.config.values import Network
from resolver.errors import ListError
from resolver.lists import local
from resolver.lists.examine import Before, Examiner, Judged
from resolver.lists.fetch import LIMITS, Fetched, Limits, NotModified, fetch_first, open_session, shown
from resolver.lists.known import Known
from resolver.lists.schedule import TIMING, Timing, again, at_start, longest, spread
from resolver.lists.sources import Held, Meta, Turned
from resolver.lists.wanted import Wanted
from resolver.model import Clock

log = logging.getLogger(__name__)


class Habits(msgspec.Struct, frozen=True):
    """How lists are downloaded, and when. A session may reach the networks that it is opened with whatever they are."""

    session_factory: Callable[[Collection[Network]], aiohttp.ClientSession] = open_session
    limits: Limits = LIMITS
    timing: Timing = TIMING


HABITS = Habits()


class Means(msgspec.Struct, frozen=True):
    """What checks work with. `chance` gives numbers from 0.0 to 1.0."""

    clock: Clock
    habits: Habits
    chance: Callable[[], float]
    examiner: Examiner


class Listed(Known):
    """A list in use, and when it is looked for anew."""

    def __init__(self, wanted: Wanted, root: pathlib.Path, means: Means) -> None:
        """`root` holds the directories of all lists. Blocking."""
        super().__init__(wanted, root, means.clock)
        self._means = means
        self._checking = asyncio.Lock()
        self._checks = 0
        due = 0.0
        if self.meta.url in wanted.origins and (self.has_version or self.refused):
            due = at_start(self.meta.next_try, means.clock.time(), wanted.refresh, means.habits.timing, means.chance)
        self.meta = msgspec.structs.replace(self.meta, next_try=due)

    def use(self, wanted: Wanted) -> None:
        """Take what a new config says. A list that comes from elsewhere now, or whose refused version is to be judged
        by other terms, is due at once."""
        if wanted.origins != self.wanted.origins:
            self.meta = msgspec.structs.replace(self.meta, next_try=0.0, failures=0, error="")
        elif self.meta.turned is not None and self.meta.turned.terms != self._means.examiner.terms(wanted):
            self.meta = msgspec.structs.replace(self.meta, next_try=0.0)
        self.wanted = wanted

    def due(self, now: float) -> float:
        """When it is to be checked next (Unix time). A time too far off, by a clock that was wrong, is not believed."""
        timing = self._means.habits.timing
        if self.wanted.file is not None:
            due, latest = self.meta.checked + timing.files, now + timing.files
        else:
            due, latest = self.meta.next_try, now + longest(self.wanted.refresh, timing)
        return now if due > latest else due

    async def check(self) -> bool:
        """Look for a new version now; whether there is one. Never raises: the reason of a failure is in `meta.error`.

        Whoever asks while a check runs shares that check, and is told False.
        """
        before = self._checks
        async with self._checking:
            if self._checks != before:
                return False
            changed = await self._check(self.wanted)
            self._checks += 1
            return changed

    async def _check(self, wanted: Wanted) -> bool:
        new: pathlib.Path | None = None
        try:
            if wanted.file is not None and await self._same(wanted.file):
                return False
            new = self._kept.scratch()
            found = await (self._copy(wanted.file, new) if wanted.file is not None else self._download(wanted, new))
            return await (self._take(found) if isinstance(found, Fetched) else self._confirm())
        except ListError as error:
            await self._failed(str(error))
            return False
        finally:
            if new is not None:
                with contextlib.suppress(OSError):
                    new.unlink()

    async def _same(self, file: pathlib.Path) -> bool:
        """Whether a file is as it was when it was taken, or refused. Raises ListError."""
        if local.look(file, self._within()) != self.meta.seen or not self._is_settled():
            return False
        await self._settle(self.meta)
        return True

    async def _copy(self, file: pathlib.Path, new: pathlib.Path) -> Fetched | NotModified:
        return await asyncio.to_thread(local.copy, file, new, self._means.habits.limits.size, self._within())

    def _within(self) -> tuple[pathlib.Path, ...]:
        """The directories that its file must be in; none: it may be anywhere."""
        return () if self.wanted.ships else self._means.examiner.updates.files

    async def _download(self, wanted: Wanted, new: pathlib.Path) -> Fetched | NotModified:
        meta = self.meta if self._is_settled() else Meta()
        async with self._means.habits.session_factory(self._means.examiner.updates.reach) as session:
            return await fetch_first(session, wanted.urls, meta, self._means.habits.limits, new, loopback=True)

    def _is_settled(self) -> bool:
        """Whether nothing is to be done when the source gives what it gave last."""
        return self.is_settled(self.meta.sha256, self.meta.url, self._means.examiner.terms(self.wanted))

    async def _confirm(self) -> bool:
        """What the source gave last is the newest: False. Raises ListError when it was removed meanwhile."""
        if not self.meta.sha256:
            raise ListError(f"{self._kept.directory}: the version that was kept is gone; it is looked for anew")
        await self._settle(self.meta)
        return False

    async def _take(self, found: Fetched) -> bool:
        """Keep a version that is new; whether it is good. Raises ListError when nothing can be said of it."""
        wanted, version = self.wanted, self.version
        terms = self._means.examiner.terms(wanted)
        if found.url not in wanted.origins:  # the config has changed while it was on its way
            return False
        if self.is_settled(found.sha256, found.url, terms):
            await self._settle(self._received(found))
            return False
        before = None  # a list from elsewhere is another list
        if version is not None and version.url in ("", *wanted.origins):
            before = Before(version, self._kept.path(version))
        judged = await self._means.examiner.examine(found.path, wanted, before)
        async with self._changing:
            if wanted == self.wanted and _digest(version) == _digest(self.version):
                return await self._decide(found, wanted, judged, terms)
        return await self._take(found)  # it was judged as another list, or by a version that is no longer in force

    def _received(self, found: Fetched) -> Meta:
        """What is known once the source has given this. It has withdrawn a version that was refused before."""
        meta = self.meta
        return msgspec.structs.replace(
            meta,
            url=found.url,
            etag=found.etag,
            last_modified=found.last_modified,
            sha256=found.sha256,
            fetched=self._clock.time(),
            seen=found.seen,
            versions=tuple(
                msgspec.structs.replace(held, url=found.url) if held.sha256 == found.sha256 else held
                for held in meta.versions
            ),
            turned=meta.turned if meta.turned and meta.turned.held.sha256 == found.sha256 else None,
        )

    async def _decide(self, found: Fetched, wanted: Wanted, judged: Judged, terms: str) -> bool:
        meta = self._received(found)
        held = Held(found.sha256, wanted.kind, found.url, meta.fetched, judged.rules, found.bytes)
        if not judged.reason:
            held = self._kept.adopt(found.path, held)
            await self._settle(msgspec.structs.replace(meta.taken(held, meta.fetched), turned=None))
            return True
        held = self._kept.refuse(found.path, held)
        turned = Turned(held, judged.reason, meta.fetched, terms, judged.passing)
        await self._settle(msgspec.structs.replace(meta, turned=turned))
        return False

    async def _settle(self, meta: Meta) -> None:
        """The check is done: note when the next is due, and why the version that the source gives is not taken."""
        failures, error, turned = 0, "", meta.turned
        if turned is not None and turned.held.sha256 == meta.sha256 != meta.current:
            origin = meta.url if self.wanted.file is not None else shown(meta.url)
            error = f"{origin}: {turned.reason}"
            if turned.passing:  # its validators are another page's: they would keep the list itself from coming
                failures = meta.failures + 1
                meta = msgspec.structs.replace(meta, etag="", last_modified="")
        await self._checked(meta, failures, error)

    async def _failed(self, error: str) -> None:
        await self._checked(self.meta, self.meta.failures + 1, error)

    async def _checked(self, meta: Meta, failures: int, error: str) -> None:
        if error and error != self.meta.error:
            log.warning("list %s: %s", self.wanted.id, error)
        now, refresh, timing = self._clock.time(), self.wanted.refresh, self._means.habits.timing
        chance = self._means.chance
        pause = again(failures, refresh, timing, chance) if failures else spread(refresh, timing, chance)
        meta = msgspec.structs.replace(meta, checked=now, failures=failures, error=error, next_try=now + pause)
        await self._note(meta, dropped=meta.files() != self.meta.files())


def _digest(held: Held | None) -> str:
    return held.sha256 if held else ""
