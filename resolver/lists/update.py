"""All lists in use: they are checked when due, and compiled together when one of them has changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pathlib
from collections.abc import Awaitable, Callable, Collection, Iterable

import aiohttp

from resolver.config.schema import ListSource
from resolver.errors import ListError, LullError
from resolver.lists.catalogue import Catalogue
from resolver.lists.compiler import Compiled, Compiler, Input
from resolver.lists.fetch import LIMITS, Limits, open_session
from resolver.lists.listed import Listed, Means
from resolver.lists.schedule import CHANCE, TIMING, Timing, retry
from resolver.lists.states import ListState, state_of
from resolver.lists.wanted import resolve
from resolver.model import Clock

__all__ = ["ListState", "Lists"]

log = logging.getLogger(__name__)


class Lists:
    """The lists of a state directory: `lists/` and `compiled/` below it.

    `configure`, then `start`, then `run` for as long as it is to go on; `configure` again after a reload. Nothing that
    a source, the network or the disk does makes `run` end. `error` is why the last compile, or what `on_compiled` did
    with it, failed (empty: it did not).
    """

    def __init__(
        self,
        state: pathlib.Path,
        clock: Clock,
        on_compiled: Callable[[Compiled], Awaitable[None]],
        session_factory: Callable[[], aiohttp.ClientSession] = open_session,
        *,
        limits: Limits = LIMITS,
        timing: Timing = TIMING,
        chance: Callable[[], float] = CHANCE,
    ) -> None:
        """`on_compiled` is awaited after each new compile; it may raise LullError or OSError and is called again later
        then. It must not call `refresh`, which waits for it."""
        self.error = ""
        self.progress: float | None = None
        self._clock = clock
        self._on_compiled = on_compiled
        self._timing = timing
        self._means = Means(clock, session_factory, limits, timing, chance)
        self._root = state / "lists"
        self._compiler = Compiler(state / "compiled", timing.compile)
        self._known: dict[str, Listed] = {}
        self._active: tuple[Listed, ...] = ()
        self._busy: set[str] = set()
        self._slots = asyncio.Semaphore(timing.at_once)
        self._wake = asyncio.Event()
        self._changed = asyncio.Event()
        self._configuring = asyncio.Lock()
        self._compiling = asyncio.Lock()
        self._compiled: Compiled | None = None
        self._published: Compiled | None = None
        self._failures = 0

    @property
    def compiled(self) -> Compiled:
        """The compiled set in force. Raises ListError before `start`."""
        if self._compiled is None:
            raise ListError("no lists are compiled yet")
        return self._compiled

    def states(self) -> list[ListState]:
        """What is to be shown of each list in use, in the order of the config."""
        reports = {report.id: report for report in self._compiled.reports} if self._compiled else {}
        now = self._clock.time()
        return [state_of(listed, reports.get(listed.wanted.id), now) for listed in self._active]

    def missing(self) -> frozenset[str]:
        """The ids of lists in use that the compiled set does not hold: they have no version yet."""
        held = self._compiled.ids if self._compiled else ()
        return frozenset(listed.wanted.id for listed in self._active) - frozenset(held)

    async def configure(self, sources: tuple[ListSource, ...], base: Catalogue) -> None:
        """Use these lists, and the starter list; read the files among them. What changes is compiled by `run`, or by
        `start`. Raises ListError for what cannot be used, and then changes nothing. Versions of lists that are no
        longer in use stay on disk."""
        wanted = resolve(sources, base)
        async with self._configuring:
            for one in wanted:
                if one.id not in self._known:
                    self._known[one.id] = await asyncio.to_thread(Listed, one, self._root, self._means)
            for one in wanted:
                self._known[one.id].use(one)
            self._active = tuple(self._known[one.id] for one in wanted)
        await self._check_all(listed for listed in self._active if listed.wanted.file is not None)
        self._changed.set()

    async def start(self) -> None:
        """Bring a compiled set into force, without the network: the one on disk if that is of what the lists hold now,
        without `on_compiled` then; else a new one; else, when that fails, whatever set is there. Raises ListError when
        there is none at all."""
        sets = await asyncio.to_thread(self._compiler.sets)
        inputs = tuple(one for one, _ in self._inputs())
        self._compiled = self._published = next((one for one in sets if one.inputs == inputs), None)
        if self._compiled is not None or await self._bring():
            return
        if self._compiled is None:
            if not sets:
                raise ListError(self.error)
            self._compiled = self._published = sets[0]

    async def run(self) -> None:
        """Check what is due and compile what has changed, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_checked())
            group.create_task(self._keep_compiled())

    async def refresh(self, ids: Collection[str] | None = None, *, force: bool = False) -> None:
        """Check these lists, or all, now, and compile if anything has changed, or else when `force` asks for it.

        What fails is in `states` and `error`. Raises ListError for an id that is not in use.
        """
        active = {listed.wanted.id: listed for listed in self._active}
        unknown = sorted(set(ids or ()) - set(active))
        if unknown:
            raise ListError(f"no such list in use: {', '.join(unknown)}; there are {', '.join(active)}")
        await self._check_all(active[id] for id in (active if ids is None else dict.fromkeys(ids)))
        done = False
        try:
            done = await self._bring(force=force)
        finally:
            if not done:  # it failed, or whoever asked has gone: `run` goes on with it
                self._changed.set()

    async def _check_all(self, some: Iterable[Listed]) -> None:
        async with asyncio.TaskGroup() as group:
            for listed in some:
                group.create_task(self._check(listed))

    async def _check(self, listed: Listed) -> None:
        id = listed.wanted.id
        self._busy.add(id)
        try:
            async with contextlib.nullcontext() if listed.wanted.file else self._slots:
                if await listed.check():
                    self._changed.set()
        finally:
            self._busy.discard(id)
            self._wake.set()

    async def _keep_checked(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                now = self._clock.time()
                soonest = now + self._timing.nap
                for listed in self._active:
                    due = listed.due(now)
                    if listed.wanted.id in self._busy:
                        continue
                    if due <= now:
                        self._busy.add(listed.wanted.id)  # the task may begin only after the next round of this loop
                        group.create_task(self._check(listed))
                    else:
                        soonest = min(soonest, due)
                await _wait(self._wake, soonest - now)

    async def _keep_compiled(self) -> None:
        while True:
            await _wait(self._changed, retry(self._failures, self._timing) if self._failures else None)
            for _ in range(self._timing.patience):
                await asyncio.sleep(self._timing.settle)
                if not self._busy:
                    break
            self._changed.clear()
            await self._bring()

    def _inputs(self) -> list[tuple[Input, pathlib.Path]]:
        pairs = [(listed.input(), listed.path) for listed in self._active]
        return [(one, path) for one, path in pairs if one is not None]

    async def _bring(self, *, force: bool = False) -> bool:
        """Compile what the lists hold now and hand it on, unless that is in force; False when it failed."""
        async with self._compiling:
            try:
                await self._compile(force)
            except (LullError, OSError) as error:
                self._failures += 1
                self.error = str(error)
                log.warning("the lists stay as they were: %s", error)
                return False
            finally:
                self.progress = None
            self._failures = 0
            self.error = ""
            return True

    async def _compile(self, force: bool) -> None:
        inputs = self._inputs()
        if force or self._compiled is None or self._compiled.inputs != tuple(one for one, _ in inputs):
            self.progress = 0.0
            self._compiled = await self._compiler.compile(self._compiler.stage(inputs), self._say)
            spared = {one.directory for one in (self._compiled, self._published) if one}
            await asyncio.to_thread(self._compiler.prune, spared)
        if self._published is not self._compiled:
            await self._on_compiled(self._compiled)
            self._published = self._compiled
            await self._note_rules(self._compiled)

    async def _note_rules(self, compiled: Compiled) -> None:
        for one, report in zip(compiled.inputs, compiled.reports, strict=True):
            listed = self._known[one.id]
            if listed.meta.sha256 == one.sha256:
                await listed.note_rules(report.rules)

    def _say(self, share: float) -> None:
        self.progress = share


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for an event, at most for so long, and clear it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()
