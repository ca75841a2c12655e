"""All lists in use: they are checked when due, and compiled together when one of them has changed."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence

from resolver.config.schema import ListSource
from resolver.config.updates import Updates
from resolver.errors import ListError
from resolver.lists.bodies import ListState
from resolver.lists.canaries import Canary, popular
from resolver.lists.catalogue import Catalogue
from resolver.lists.compiler import Compiled, Compiler, Input
from resolver.lists.examine import Before, Canaries, Examiner
from resolver.lists.inforce import InForce
from resolver.lists.known import BY_HAND
from resolver.lists.listed import HABITS, Habits, Listed, Means
from resolver.lists.schedule import CHANCE, retry, wait
from resolver.lists.states import in_use, state_of
from resolver.lists.trial import Trial, on_trial, trying
from resolver.lists.wanted import resolve
from resolver.model import Clock

_UPDATES = Updates()


async def _no_canaries() -> Sequence[Canary]:
    return ()


def _unheard(_: frozenset[str]) -> None:
    """For whoever need not know of new versions."""


class Lists:
    """The lists of a state directory: `lists/` and `compiled/` below it.

    `configure`, then `start`, then `run` for as long as it is to go on; `configure` again after a reload. Nothing that
    a source, the network or the disk does makes `run` end.
    """

    def __init__(
        self,
        state: pathlib.Path,
        clock: Clock,
        on_compiled: Callable[[Compiled], Awaitable[None]],
        habits: Habits = HABITS,
        *,
        chance: Callable[[], float] = CHANCE,
        canaries: Canaries = _no_canaries,
        on_swapped: Callable[[frozenset[str]], None] = _unheard,
    ) -> None:
        """`on_compiled` is awaited after each new compile; it may raise LullError or OSError and is called again later
        then. It must not call `refresh`, `accept` or `rollback`, which wait for it. `on_swapped` then hears the ids of
        the lists of which a check brought another version into force. `canaries` are asked for when a version is
        judged: names that matter besides the popular ones."""
        self._clock = clock
        self._timing = habits.timing
        self._compiler = Compiler(state / "compiled", habits.timing.compile)
        self._examiner = Examiner(self._compiler, canaries)
        self._means = Means(clock, habits, chance, self._examiner)
        self._force = InForce(self._compiler, self._inputs, on_compiled, self._after)
        self._on_swapped = on_swapped
        self._root = state / "lists"
        self._known: dict[str, Listed] = {}
        self._active: tuple[Listed, ...] = ()
        self._configured: frozenset[str] = frozenset()
        self._busy: set[str] = set()
        self._slots = asyncio.Semaphore(habits.timing.at_once)
        self._wake = asyncio.Event()
        self._changed = asyncio.Event()
        self._configuring = asyncio.Lock()

    @property
    def error(self) -> str:
        """Why the last compile, or what `on_compiled` did with it, failed; empty: it did not."""
        return self._force.error

    @property
    def progress(self) -> float | None:
        """The share of a compile that is done; None while there is none."""
        return self._force.progress

    @property
    def compiled(self) -> Compiled:
        """The compiled set in force. Raises ListError before `start`."""
        if self._force.latest is None:
            raise ListError("no lists are compiled yet")
        return self._force.latest

    def states(self) -> list[ListState]:
        """What is to be shown of each list in use, in the order of the config."""
        compiled = self._force.latest
        reports = {report.id: report for report in compiled.reports} if compiled else {}
        now = self._clock.time()
        used = in_use(self._active, self._configured, reports)
        return [state_of(listed, reports.get(listed.wanted.id), now) for listed in used]

    def missing(self) -> frozenset[str]:
        """The ids of lists in use that the compiled set does not hold: they have no version yet."""
        held = self._force.latest.ids if self._force.latest else ()
        return frozenset(listed.wanted.id for listed in self._active) - frozenset(held)

    def version_file(self, id: str, sha256: str) -> pathlib.Path | None:
        """The text that a compiled set was made from, while it is kept."""
        listed = self._known.get(id)
        return listed.file(sha256) if listed else None

    async def configure(self, sources: tuple[ListSource, ...], base: Catalogue, updates: Updates = _UPDATES) -> None:
        """Use these lists, and the starter list; read the files among them. What changes is compiled by `run`, or by
        `start`. Raises ListError for what cannot be used, and then changes nothing. Versions of lists that are no
        longer in use stay on disk."""
        wanted = resolve(sources, base)
        async with self._configuring:
            self._examiner.popular = await asyncio.to_thread(popular, base.directory)
            self._examiner.updates = updates
            for one in wanted:
                if one.id not in self._known:
                    self._known[one.id] = await asyncio.to_thread(Listed, one, self._root, self._means)
            for one in wanted:
                self._known[one.id].use(one)
            self._active = tuple(self._known[one.id] for one in wanted)
            self._configured = frozenset(source.id for source in sources)
        await self._check_all(listed for listed in self._active if listed.wanted.file is not None)
        self._changed.set()

    async def start(self) -> None:
        """Bring a compiled set into force, without the network: the one on disk if that is of what the lists hold now,
        without `on_compiled` then; else a new one; else, when that fails, whatever set is there. Raises ListError when
        there is none at all."""
        await self._force.start()

    async def run(self) -> None:
        """Check what is due and compile what has changed, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_checked())
            group.create_task(self._keep_compiled())

    async def refresh(self, ids: Collection[str] | None = None, *, force: bool = False) -> None:
        """Check these lists, or all, now, and compile if anything has changed, or else when `force` asks for it. What
        fails is in `states` and `error`. Raises ListError for an id that is not in use."""
        await self._check_all(self._active if ids is None else self._in_use(*ids))
        await self._effect(force=force)

    async def accept(self, id: str) -> None:
        """Take the refused version of a list, or the newest that was left for an older one. Raises ListError."""
        await self._in_use(id)[0].accept()
        await self._effect()

    async def rollback(self, id: str, note: str = BY_HAND) -> None:
        """Go back to the version of a list before the one in force, for this reason; the one that is left is not taken
        again by itself. Raises ListError when there is none before it."""
        await self._in_use(id)[0].rollback(note)
        await self._effect()

    async def take_back(self, id: str, note: str) -> None:
        """As `rollback`, but of the version that was compiled last, and only if nobody has chosen that."""
        compiled = next((one.sha256 for one in self.compiled.inputs if one.id == id), "")
        await self._in_use(id)[0].rollback(note, unchosen=compiled)
        await self._effect()

    @contextlib.asynccontextmanager
    async def trial(self, source: ListSource, base: Catalogue, within: Sequence[pathlib.Path]) -> AsyncIterator[Trial]:
        """A list as it would be in use, for as long as it is looked at. Raises ListError when it cannot be had; a file
        of this machine must be in one of the directories `within`, unless it ships with Lull."""
        wanted = on_trial(source, base)
        listed = next((one for one in self._active if one.wanted.id == wanted.id and one.has_version), None)
        before = Before(listed.version, listed.path) if listed and listed.version else None
        async with trying(wanted, self._means, self._compiler, before, within) as trial:
            yield trial

    def _in_use(self, *ids: str) -> list[Listed]:
        """The lists of these ids, each once. Raises ListError for an id that is not in use."""
        active = {listed.wanted.id: listed for listed in self._active}
        unknown = sorted(set(ids) - set(active))
        if unknown:
            raise ListError(f"no such list in use: {', '.join(unknown)}; there are {', '.join(active)}")
        return [active[id] for id in dict.fromkeys(ids)]

    async def _effect(self, *, force: bool = False) -> None:
        """Bring what has changed into force. What fails is in `error`."""
        done = False
        try:
            done = await self._force.bring(force=force)
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
                await wait(self._wake, soonest - now)

    async def _keep_compiled(self) -> None:
        while True:
            failures = self._force.failures
            await wait(self._changed, retry(failures, self._timing) if failures else None)
            for _ in range(self._timing.patience):
                await asyncio.sleep(self._timing.settle)
                if not self._busy:
                    break
            self._changed.clear()
            await self._force.bring()

    def _inputs(self) -> list[tuple[Input, pathlib.Path]]:
        pairs = [(listed, listed.input()) for listed in self._active]
        return [(one, listed.path) for listed, one in pairs if one is not None]

    async def _after(self, compiled: Compiled, swapped: frozenset[str]) -> None:
        """Remember how many rules each version has, and tell of those that a check brought."""
        for one, report in zip(compiled.inputs, compiled.reports, strict=False):
            await self._known[one.id].note_rules(one.sha256, report.rules)
        chosen = {one.id for one in compiled.inputs if self._known[one.id].chosen == one.sha256}
        if swapped - chosen:
            self._on_swapped(swapped - chosen)
