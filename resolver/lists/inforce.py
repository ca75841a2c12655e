"""The compiled set in force: made anew when the lists hold something else, and handed on."""

from __future__ import annotations

import asyncio
import logging
import pathlib
from collections.abc import Awaitable, Callable, Collection, Sequence

from resolver.errors import ListError, LullError
from resolver.lists import disk
from resolver.lists.compiler import Compiled, Compiler, Input

log = logging.getLogger(__name__)

Inputs = Sequence[tuple[Input, pathlib.Path]]
"""What the lists hold: how each is compiled, and its file."""


class InForce:
    """One compile at a time. `error` is why the last, or what was done with it, failed (empty: it did not); `progress`
    the share of a compile that is done; `failures` how many failed in a row."""

    def __init__(
        self,
        compiler: Compiler,
        inputs: Callable[[], Inputs],
        on_compiled: Callable[[Compiled], Awaitable[None]],
        after: Callable[[Compiled, frozenset[str]], Awaitable[None]],
    ) -> None:
        """`inputs` says what the lists hold now. `on_compiled` is awaited with each new set; it may raise LullError or
        OSError and is called again later then. `after` follows, also of the set that is there at the start, with the
        ids of the lists that are in force in another version than before."""
        self.error = ""
        self.progress: float | None = None
        self.failures = 0
        self._compiler = compiler
        self._inputs = inputs
        self._on_compiled = on_compiled
        self._after = after
        self._compiling = asyncio.Lock()
        self._published: Compiled | None = None
        self.latest: Compiled | None = None

    async def start(self) -> None:
        """Bring a set into force: the one on disk if that is of what the lists hold now, without `on_compiled` then;
        else a new one; else, when that fails, whatever set is there. Raises ListError when there is none at all."""
        try:
            sets = await asyncio.to_thread(self._compiler.sets)
            inputs = tuple(one for one, _ in self._inputs())
        except OSError as error:
            raise ListError(f"the lists cannot be read: {disk.why(error)}") from error
        self.latest = next((one for one in sets if one.inputs == inputs), None)
        self._published = self.latest or next(iter(sets), None)  # the newest is what was in force before
        if self.latest is not None:
            await self._after(self.latest, frozenset())
        elif not await self.bring() and self.latest is None:
            if self._published is None:
                raise ListError(self.error)
            self.latest = self._published

    async def bring(self, *, force: bool = False) -> bool:
        """Compile what the lists hold now and hand it on, unless that is in force; False when it failed."""
        async with self._compiling:
            try:
                await self._compile(force)
            except (LullError, OSError) as error:
                self.failures += 1
                self.error = str(error)
                log.warning("the lists stay as they were: %s", error)
                return False
            finally:
                self.progress = None
            self.failures = 0
            self.error = ""
            return True

    async def _compile(self, force: bool) -> None:
        inputs = self._inputs()
        if force or self.latest is None or self.latest.inputs != tuple(one for one, _ in inputs):
            self.progress = 0.0
            self.latest = await self._compiler.compile(self._compiler.stage(inputs), self._say)
            spared = {one.directory for one in (self.latest, self._published) if one}
            await asyncio.to_thread(self._compiler.prune, spared)
        if self._published is not self.latest:
            await self._on_compiled(self.latest)
            swapped = _swapped(self._published.inputs if self._published else (), self.latest.inputs)
            self._published = self.latest
            await self._after(self.latest, swapped)

    def _say(self, share: float) -> None:
        self.progress = share


def _swapped(before: Collection[Input], now: Collection[Input]) -> frozenset[str]:
    """The lists that are read as they were, but in another version."""
    versions = {(one.id, one.kind, one.syntax, one.subdomains): one.sha256 for one in before}
    found = ((one.id, versions.get((one.id, one.kind, one.syntax, one.subdomains)), one.sha256) for one in now)
    return frozenset(id for id, former, sha256 in found if former not in {None, sha256})
