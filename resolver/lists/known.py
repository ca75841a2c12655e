"""What is known of one list in use: which version of it counts, which do not, and going from one to another."""

from __future__ import annotations

import asyncio
import logging
import pathlib

import msgspec

from resolver.errors import ListError
from resolver.lists.compiler import Input
from resolver.lists.sources import Held, Meta, Turned
from resolver.lists.versions import Kept
from resolver.lists.wanted import Wanted
from resolver.model import Clock

log = logging.getLogger(__name__)

BY_HAND = "it was asked to go back to the version before"


class Known:
    """A list's versions, in memory and on disk. `chosen` is the SHA-256 of the version that somebody, and no check,
    brought into force since the start."""

    def __init__(self, wanted: Wanted, root: pathlib.Path, clock: Clock) -> None:
        """`root` holds the directories of all lists. Blocking."""
        self.wanted = wanted
        self.chosen = ""
        self._kept = Kept(root, wanted.id)
        self._clock = clock
        self._changing = asyncio.Lock()
        self._saving = asyncio.Lock()
        self.meta = self._kept.load()

    @property
    def version(self) -> Held | None:
        """The version in force, if it may be used. One that came from elsewhere while the list was of the other kind
        may not: what was meant to block must never allow."""
        return self.meta.version if self._usable(self.meta.version) else None

    @property
    def has_version(self) -> bool:
        return self.version is not None

    @property
    def refused(self) -> Turned | None:
        """The version that was refused, unless it came from elsewhere."""
        turned = self.meta.turned
        return turned if turned is not None and turned.held.url in self.wanted.origins else None

    @property
    def path(self) -> pathlib.Path:
        """The file with the version in force. Raises ListError without one."""
        if self.version is None:
            raise ListError(f"list {self.wanted.id}: it has no version")
        return self._kept.path(self.version)

    def file(self, sha256: str) -> pathlib.Path | None:
        """The file of a version that is kept."""
        paths = (self._kept.path(held) for held in self.meta.versions if held.sha256 == sha256)
        return next((path for path in paths if path.is_file()), None)

    def input(self) -> Input | None:
        """What goes into a compile; None without a version. When its file was removed the list is looked for anew, and
        the version before it steps in."""
        while (held := self.version) is not None:
            if self._kept.path(held).is_file():
                wanted = self.wanted
                return Input(wanted.id, wanted.kind, wanted.syntax, wanted.subdomains, held.sha256)
            older = self.meta.older
            self.meta = msgspec.structs.replace(
                self.meta.asked_anew(), versions=older, current=older[0].sha256 if older else ""
            )
        return None

    def is_settled(self, sha256: str, url: str, terms: str) -> bool:
        """Whether nothing is to be done when the source gives this version: it is in force, or was left for an older
        one, or was refused by the same terms."""
        if not sha256 or url not in self.wanted.origins:
            return False
        if self.version is not None and sha256 in {held.sha256 for held in (self.version, *self.meta.left)}:
            return True
        return self.refused is not None and (self.refused.held.sha256, self.refused.terms) == (sha256, terms)

    async def note_rules(self, sha256: str, rules: int) -> None:
        """Remember how many rules a version has."""
        meta = self.meta.counted(sha256, rules)
        if meta != self.meta:
            await self._note(meta)

    async def accept(self) -> None:
        """Take the version that was refused; without one, the newest of those that were left for an older one. Raises
        ListError when there is neither."""
        async with self._changing:
            now, turned = self._clock.time(), self.refused
            if turned is not None:
                held = self._kept.adopt(self._kept.turned(turned.held), turned.held)
                meta = self.meta.taken(held, now)
            elif self.meta.left and self._usable(self.meta.left[0]):
                held = self._kept.go_to(self.meta.left[0])
                meta = self.meta.moved(held, now)
            else:
                raise ListError(f"list {self.wanted.id}: no version of it was refused")
            self.chosen = held.sha256
            await self._note(msgspec.structs.replace(meta, error="", failures=0), dropped=True)
        log.info("list %s: the version that was refused or left is in force, as was asked", self.wanted.id)

    async def rollback(self, note: str = BY_HAND, *, unchosen: str | None = None) -> None:
        """Go back to the version before, for this reason. Raises ListError when there is none; with `unchosen`, the
        SHA-256 of a version, also when another one is in force, or when somebody wants it there."""
        async with self._changing:
            if unchosen is not None and (unchosen != self.meta.current or unchosen == self.chosen):
                raise ListError(f"list {self.wanted.id}: somebody has chosen the version in force")
            older = next((held for held in self.meta.older if self.has_version and self._usable(held)), None)
            if older is None:
                raise ListError(f"list {self.wanted.id}: there is no version before the one in force")
            held = self._kept.go_to(older)
            self.chosen = held.sha256
            await self._note(self.meta.moved(held, self._clock.time(), note), dropped=True)
        log.warning("list %s: back to the version before: %s", self.wanted.id, note)

    def _usable(self, held: Held | None) -> bool:
        return held is not None and (held.url in self.wanted.origins or held.kind == self.wanted.kind)

    async def _note(self, meta: Meta, *, dropped: bool = False) -> None:
        """Files are looked at too often for each look to be written down. Files that `meta` has `dropped` are removed
        once that is on disk."""
        before, self.meta = self.meta, meta
        if self.wanted.file is not None and _lasting(before) == _lasting(meta):
            return
        async with self._saving:
            if await asyncio.to_thread(self._kept.save, self.meta) and dropped:
                await asyncio.to_thread(self._kept.prune, self.meta)


def _lasting(meta: Meta) -> Meta:
    return msgspec.structs.replace(meta, checked=0.0, next_try=0.0, failures=0)
