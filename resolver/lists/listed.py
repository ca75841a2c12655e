"""One list in use: a check of it, from asking for a new version to keeping that one."""

from __future__ import annotations

import asyncio
import logging
import pathlib
from collections.abc import Callable

import aiohttp
import msgspec

from resolver.errors import ListError
from resolver.lists import disk, guard, local
from resolver.lists.compiler import Input
from resolver.lists.fetch import Fetched, Limits, NotModified, fetch_first, shown
from resolver.lists.schedule import Timing, longest, retry, spread
from resolver.lists.sources import Kept, Meta, Stamp
from resolver.lists.wanted import Wanted
from resolver.model import Clock

log = logging.getLogger(__name__)


class Means(msgspec.Struct, frozen=True):
    """What checks work with. `chance` gives numbers from 0.0 to 1.0."""

    clock: Clock
    session_factory: Callable[[], aiohttp.ClientSession]
    limits: Limits
    timing: Timing
    chance: Callable[[], float]


class Listed:
    """A list in use, and what is known of it."""

    def __init__(self, wanted: Wanted, root: pathlib.Path, means: Means) -> None:
        """`root` holds the directories of all lists. Blocking."""
        self.wanted = wanted
        self._kept = Kept(root, wanted.id)
        self._means = means
        self._checking = asyncio.Lock()
        self._checks = 0
        self._refused: tuple[Stamp, str] | None = None
        self.meta = self._kept.load()
        if not self.has_version or self.meta.url not in wanted.origins:
            self.meta = msgspec.structs.replace(self.meta, next_try=0.0)

    @property
    def path(self) -> pathlib.Path:
        """The file with the last good version."""
        return self._kept.path

    @property
    def has_version(self) -> bool:
        """Whether there is a version that may be used. One that came from elsewhere while the list was of the other
        kind is not: what was meant to block must never allow."""
        moved = self.meta.url not in self.wanted.origins and self.meta.kind != self.wanted.kind
        return bool(self.meta.sha256) and not moved

    def input(self) -> Input | None:
        """What goes into a compile; None without a version. One whose file was removed is looked for anew."""
        if not self.has_version:
            return None
        if not self.path.is_file():
            self.meta = msgspec.structs.replace(
                self.meta, sha256="", etag="", last_modified="", seen=None, next_try=0.0
            )
            return None
        wanted = self.wanted
        return Input(wanted.id, wanted.kind, wanted.syntax, wanted.subdomains, self.meta.sha256)

    def use(self, wanted: Wanted) -> None:
        """Take what a new config says. A list that comes from elsewhere now is due at once."""
        if wanted.origins != self.wanted.origins:
            self.meta = msgspec.structs.replace(self.meta, next_try=0.0, failures=0, error="")
        self.wanted = wanted

    def due(self, now: float) -> float:
        """When it is to be checked next (Unix time). A time too far off, by a clock that was wrong, is not believed."""
        timing = self._means.timing
        if self.wanted.file is not None:
            due, latest = self.meta.checked + timing.files, now + timing.files
        else:
            due, latest = self.meta.next_try, now + longest(self.wanted.refresh, timing)
        return now if due > latest else due

    async def note_rules(self, rules: int) -> None:
        """Remember how many rules the version that is kept has."""
        if rules != self.meta.rules:
            await self._note(msgspec.structs.replace(self.meta, rules=rules))

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
            if wanted.file is not None and self._same(wanted.file):
                await self._well(self._means.clock.time())
                return False
            new = self._kept.scratch()
            if wanted.file is not None:
                return await self._take(await self._copy(wanted.file, new), wanted)
            return await self._take(await self._download(wanted, new), wanted)
        except ListError as error:
            await self._failed(str(error))
            return False
        finally:
            if new is not None:
                new.unlink(missing_ok=True)

    def _same(self, file: pathlib.Path) -> bool:
        """Whether a file is as it was when it was taken. Raises ListError when it is as it was when it was refused."""
        stamp = local.look(file)
        if self._refused is not None and stamp == self._refused[0]:
            raise ListError(self._refused[1])
        return self.has_version and stamp == self.meta.seen and str(file) == self.meta.url

    async def _copy(self, file: pathlib.Path, new: pathlib.Path) -> Fetched:
        return await asyncio.to_thread(local.copy, file, new, self._means.limits.size)

    async def _download(self, wanted: Wanted, new: pathlib.Path) -> Fetched | NotModified:
        meta = self.meta if self.has_version else Meta()
        async with self._means.session_factory() as session:
            return await fetch_first(session, wanted.urls, meta, self._means.limits, new)

    async def _take(self, found: Fetched | NotModified, wanted: Wanted) -> bool:
        """Keep a version that is new and good. Raises ListError when it is refused."""
        if isinstance(found, NotModified):
            await self._confirm(wanted)
            return False
        changed = found.sha256 != self.meta.sha256 or not self.has_version
        if changed:
            await self._examine(found, wanted)
        if wanted.origins != self.wanted.origins:  # while it was on its way
            return False
        now = self._means.clock.time()
        if changed:  # without a pause between the file and what is known of it: a compile may begin at any
            stamp = self._kept.adopt(found.path)
            self.meta = msgspec.structs.replace(
                self.meta, sha256=found.sha256, bytes=found.bytes, stored=stamp, changed=now
            )
        await self._well(
            now,
            url=found.url,
            kind=wanted.kind,
            etag=found.etag,
            last_modified=found.last_modified,
            fetched=now,
            seen=found.seen,
        )
        return changed

    async def _confirm(self, wanted: Wanted) -> None:
        """The version that is kept is the newest. Raises ListError when it was removed meanwhile."""
        if not self.has_version:
            raise ListError(f"{self.path}: the version that was kept is gone; it is looked for anew")
        if wanted.origins == self.wanted.origins:
            await self._well(self._means.clock.time(), kind=wanted.kind)

    async def _examine(self, found: Fetched, wanted: Wanted) -> None:
        rules = self.meta.rules if self.has_version else 0
        own = wanted.file is not None
        name = str(wanted.file) if own else shown(found.url)
        try:
            reason = await asyncio.to_thread(
                guard.refuse, found.path, rules, wanted.syntax, subdomains=wanted.subdomains, own=own
            )
        except OSError as error:
            raise ListError(f"{found.path}: it cannot be read: {disk.why(error)}") from error
        if reason is not None:
            reason = f"{name}: {reason}"
            self._refused = (found.seen, reason) if found.seen else None
            raise ListError(reason)

    async def _well(self, now: float, **changes: object) -> None:
        pause = spread(self.wanted.refresh, self._means.timing, self._means.chance)
        self._refused = None
        await self._note(
            msgspec.structs.replace(self.meta, checked=now, next_try=now + pause, failures=0, error="", **changes)
        )

    async def _failed(self, error: str) -> None:
        now = self._means.clock.time()
        failures = self.meta.failures + 1
        pause = spread(retry(failures, self._means.timing), self._means.timing, self._means.chance)
        if error != self.meta.error:
            log.warning("list %s: %s", self.wanted.id, error)
        await self._note(
            msgspec.structs.replace(self.meta, checked=now, next_try=now + pause, failures=failures, error=error)
        )

    async def _note(self, meta: Meta) -> None:
        """Files are looked at too often for each look to be written down."""
        before, self.meta = self.meta, meta
        if self.wanted.file is None or _lasting(before) != _lasting(meta):
            await asyncio.to_thread(self._kept.save, meta)


def _lasting(meta: Meta) -> Meta:
    return msgspec.structs.replace(meta, checked=0.0, next_try=0.0, failures=0)
