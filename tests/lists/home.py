"""A state directory with lists, for the tests of `update`."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import pathlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from resolver.config.schema import ListSource
from resolver.config.updates import Updates
from resolver.errors import BundleError
from resolver.lists.bodies import ListState
from resolver.lists.canaries import Canary
from resolver.lists.catalogue import Catalogue, Entry
from resolver.lists.compiler import Compiled, Compiler
from resolver.lists.examine import Examiner
from resolver.lists.listed import Habits, Means
from resolver.lists.update import Lists
from resolver.model import Client, Type
from resolver.rules.ruleset import RuleSet
from tests.lists.site import HABITS, ShiftedClock, small_catalogue


class Home:
    """One house's lists, over restarts; `compiled` is what was handed on, `refuses` how often that fails first, `hold`
    what it waits for; `canaries` are the names that matter here, `swapped` what was said of new versions."""

    loopback = (ipaddress.IPv4Network("127.0.0.0/8"),)

    def __init__(self, directory: pathlib.Path, *entries: Entry) -> None:
        self.directory = directory
        self.state = directory / "state"
        self.catalogue: Catalogue = small_catalogue(directory / "shipped", *entries)
        self.clock = ShiftedClock()
        self.compiled: list[Compiled] = []
        self.refuses = 0
        self.hold: asyncio.Event | None = None
        self.canaries: list[Canary] = []
        self.swapped: list[frozenset[str]] = []
        self.updates = Updates()

    async def important(self) -> list[Canary]:
        return self.canaries

    async def on_compiled(self, compiled: Compiled) -> None:
        if self.refuses:
            self.refuses -= 1
            raise BundleError("the bundle cannot be written")
        if self.hold is not None:
            await self.hold.wait()
        self.compiled.append(compiled)

    async def lists(self, *sources: ListSource, habits: Habits = HABITS) -> Lists:
        """Lull starts: the lists are configured and started."""
        lists = Lists(
            self.state, self.clock, self.on_compiled, habits, canaries=self.important, on_swapped=self.swapped.append
        )
        await lists.configure(sources, self.catalogue, self.updates)
        await lists.start()
        return lists

    def own(self, id: str, text: str) -> ListSource:
        """A list that is a file of the house."""
        file = self.directory / f"{id}.txt"
        file.write_text(text)
        return ListSource(id, file=file, kind="block", syntax="auto", subdomains=False)


def go(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test that waits."""
    asyncio.run(main())


def means(directory: pathlib.Path, clock: ShiftedClock | None = None, habits: Habits = HABITS) -> Means:
    """What a list of its own works with; versions are compiled in `directory`."""

    async def none() -> list[Canary]:
        return []

    compiler = Compiler(directory / "compiled", habits.timing.compile)
    return Means(clock or ShiftedClock(), habits, lambda: 0.5, Examiner(compiler, none))


def remote(id: str, url: str, refresh: float = 3600.0) -> ListSource:
    return ListSource(id, url=f"{url}/{id}", kind="block", syntax="auto", subdomains=False, refresh=refresh)


def who_blocks(compiled: Compiled, name: str) -> str | None:
    """The list that decides about a name."""
    names = RuleSet.open(compiled.directory, compiled.ids)
    winner = names.winner(name, (1 << len(compiled.ids)) - 1, Type.A, Client("192.0.2.10", "default"))
    names.close()
    return winner.list if winner else None


def state(lists: Lists, id: str) -> ListState:
    return next(found for found in lists.states() if found.id == id)


@contextlib.asynccontextmanager
async def running(lists: Lists) -> AsyncIterator[None]:
    """`run` goes on meanwhile; when it ends on its own account, the test fails."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(lists.run())
        try:
            yield
            assert not task.done()
        finally:
            task.cancel()


def compilers() -> list[int]:
    """The process ids of this process's compiling children."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"resolver.rules.child" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
    return found
