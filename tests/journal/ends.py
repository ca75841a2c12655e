"""Both ends of the socket between worker and control, in one loop."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
from collections.abc import AsyncIterator

from resolver.journal import frames
from resolver.journal.hub import Hub
from resolver.journal.journal import Journal
from resolver.journal.link import Link
from resolver.model import Client, Exchange
from resolver.pipeline.visits import Visits
from resolver.process import SystemClock

ME = Client("192.0.2.1", "kids")


class Control:
    """A hub, and what came of it."""

    def __init__(self, path: pathlib.Path, generation: str = "") -> None:
        self.batches: list[frames.Batch] = []
        self.generation = generation
        self.visits = Visits(SystemClock())
        self.hub = Hub(path, self.batches.append, lambda: self.generation, self.visits)

    @property
    def seqs(self) -> list[int]:
        return [batch.seq for batch in self.batches]


class Worker:
    """A journal and its link; `loaded` are the generations it was told to take, `refusal` what it says to that; `asked`
    what it was asked, `knows` what it says to that (nothing while None)."""

    def __init__(self, path: pathlib.Path, number: int = 1, feed: str = "feed") -> None:
        self.journal = Journal(feed)
        self.generation = "5"
        self.loaded: list[str] = []
        self.refusal = ""
        self.delay = 0.0
        self.flushed = 0
        self.visits = Visits(SystemClock())
        self.visits.tell = lambda windows: self.link.send(frames.Visits(windows))
        self.asked: list[frames.Ask] = []
        self.knows: frames.Known | None = None
        self.warmed: list[list[tuple[str, int]]] = []
        self.number = number
        self.link = Link(path, self.journal, self)

    def hello(self) -> frames.Hello:
        return frames.Hello(self.number, 77, self.generation)

    async def load(self, generation: str) -> str:
        self.loaded.append(generation)
        await asyncio.sleep(self.delay)
        if not self.refusal:
            self.generation = generation
        return self.refusal

    def flush(self) -> None:
        self.flushed += 1

    def windows(self) -> list[frames.Window]:
        return self.visits.all()

    def take(self, windows: list[frames.Window]) -> None:
        self.visits.take(windows)

    def tell(self, ask: frames.Ask) -> frames.Told:
        self.asked.append(ask)
        return frames.Told(ask.number, self.knows)

    def warm(self, questions: list[tuple[str, int]]) -> None:
        self.warmed.append(questions)

    async def roll(self, names: int = 1) -> None:
        """A second with so many different names; what the worker does each second."""
        for n in range(names):
            self.journal.note(ME, Exchange(f"name-{n}.example", 1, 0, "cache", "pass"), 1)
        batch = await self.journal.roll(1000)
        assert batch is not None
        self.link.send(batch)


@contextlib.asynccontextmanager
async def control(path: pathlib.Path, generation: str = "") -> AsyncIterator[Control]:
    made = Control(path, generation)
    await made.hub.start()
    try:
        yield made
    finally:
        await made.hub.stop()


@contextlib.asynccontextmanager
async def worker(path: pathlib.Path, number: int = 1, feed: str = "feed") -> AsyncIterator[Worker]:
    made = Worker(path, number, feed)
    task = asyncio.create_task(made.link.run())
    try:
        yield made
    finally:
        assert not task.done(), "a link runs for the worker's whole life"
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
