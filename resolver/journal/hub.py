"""Control's end of the socket to the workers."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import pathlib
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, assert_never

import msgspec

from resolver.errors import LullError
from resolver.journal import frames
from resolver.paths import unix_address

log = logging.getLogger(__name__)

_AGAIN = 10.0  # seconds between tries to listen
_PARTING = 0.5  # seconds that connections get to end when control stops


class Worker:
    """A connected worker, as control knows it."""

    def __init__(self, hello: frames.Hello, writer: asyncio.StreamWriter) -> None:
        self.number = hello.worker
        self.pid = hello.pid
        self.generation = hello.generation
        self.health: frames.Health | None = None
        self.error = ""
        self.loading: dict[str, asyncio.Future[str]] = {}
        self.asked: dict[int, asyncio.Future[frames.Told]] = {}
        self._writer = writer

    def send(self, frame: frames.FromControl) -> None:
        self._writer.write(frames.pack(frame))


class Windows(Protocol):
    """Where the windows that workers tell of are kept, for workers that start later."""

    def take(self, windows: Iterable[frames.Window]) -> list[frames.Window]:
        """Keep them; those that are news."""
        ...

    def all(self) -> list[frames.Window]: ...


class Hub:
    """Listens for workers. `on_batch` gets every batch, `greet` the generation a new worker should have ("": none)."""

    def __init__(
        self,
        path: pathlib.Path,
        on_batch: Callable[[frames.Batch], None],
        greet: Callable[[], str],
        windows: Windows,
    ) -> None:
        self._path = path
        self._on_batch = on_batch
        self._greet = greet
        self._windows = windows
        self._numbers = itertools.count(1)
        self._server: asyncio.Server | None = None
        self.workers: set[Worker] = set()
        self.trouble = ""  # why nobody can connect
        self._popular: list[tuple[str, int]] = []
        self.salts: Mapping[int, bytes] = {}  # in force, by the day
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def keep(self) -> None:
        """Listen for workers; where that cannot be, `trouble` says so and it is tried again."""
        while True:
            try:
                await self.start()
            except OSError as error:
                self.trouble = f"workers cannot connect: {error}"
                log.error("%s", self.trouble)
                await asyncio.sleep(_AGAIN)
                continue
            self.trouble = ""
            return

    async def start(self) -> None:
        """Listen, replacing a socket that an earlier control left behind."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        address, directory = unix_address(self._path)
        mask = os.umask(0o177)  # from the first moment on; for what other threads make meanwhile it is only stricter
        try:
            self._server = await asyncio.start_unix_server(self._serve, address)
        finally:
            os.umask(mask)
            if directory is not None:
                os.close(directory)

    async def stop(self) -> None:
        """Listen no more, and end every connection."""
        if self._server is not None:
            self._server.close()
        serving = dict(self._serving)
        for writer in serving.values():
            writer.close()
        if serving:
            await asyncio.wait(serving, timeout=_PARTING)

    def acknowledge(self, feed: str, seq: int) -> None:
        """Tell the workers that a batch is safe; each knows its own feed."""
        for worker in self.workers:
            worker.send(frames.Ack(feed, seq))

    def flush(self) -> None:
        for worker in self.workers:
            worker.send(frames.Flush())

    def warm(self, questions: list[tuple[str, int]]) -> None:
        """What people often ask (`frames.Warm`): told to every worker, and to those that come."""
        self._popular = questions
        for worker in self.workers:
            worker.send(frames.Warm(questions))

    def windows(self) -> list[frames.Window]:
        """Every window that is open, as far as workers told."""
        return self._windows.all()

    def salt(self, salts: Mapping[int, bytes]) -> None:
        """What clients' names of these days are made with: told to every worker, and to those that come."""
        self.salts = salts
        for worker in self.workers:
            self._tell_salts(worker)

    async def load(self, generation: str, seconds: float) -> dict[int, str]:
        """Have every worker take a bundle; returns what went wrong by worker number, empty when it is in force."""
        waiting = {}
        for worker in self.workers:
            if worker.generation == generation and not worker.error:
                continue
            waiting[worker] = worker.loading[generation] = asyncio.get_running_loop().create_future()
            worker.send(frames.Load(generation))
        if waiting:
            await asyncio.wait(waiting.values(), timeout=seconds)
        troubles = {}
        for worker, future in waiting.items():
            worker.loading.pop(generation, None)
            error = future.result() if future.done() else f"no reply in {seconds:g} s"
            if error:
                troubles[worker.number] = error
        return troubles

    async def ask(self, name: str, type: int, client: str, seconds: float) -> list[frames.Told]:
        """What the workers know of a question (`client` is an address, or empty); without those that are silent for so
        many seconds."""
        number = next(self._numbers)
        waiting = {}
        for worker in self.workers:
            waiting[worker] = worker.asked[number] = asyncio.get_running_loop().create_future()
            worker.send(frames.Ask(number, name, type, client))
        if waiting:
            await asyncio.wait(waiting.values(), timeout=seconds)
        for worker in waiting:
            worker.asked.pop(number, None)
        return [future.result() for future in waiting.values() if future.done() and not future.cancelled()]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        worker: Worker | None = None
        task = asyncio.current_task()
        assert task is not None
        self._serving[task] = writer
        try:
            while True:
                frame = await frames.read_from_worker(reader)
                if worker is not None:
                    self._take(worker, frame)
                elif isinstance(frame, frames.Hello):
                    worker = self._welcome(frame, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except (msgspec.MsgspecError, LullError) as error:
            log.warning("a worker sent a frame that cannot be read: %s", error)
        finally:
            del self._serving[task]
            if worker is not None:
                self.workers.discard(worker)
                for future in worker.loading.values():
                    if not future.done():
                        future.set_result("the worker went away")
                for asked in worker.asked.values():
                    asked.cancel()
            writer.close()

    def _welcome(self, hello: frames.Hello, writer: asyncio.StreamWriter) -> Worker:
        worker = Worker(hello, writer)
        self.workers.add(worker)
        self._tell_salts(worker)
        wanted = self._greet()
        if wanted and wanted != hello.generation:
            worker.send(frames.Load(wanted))
        if windows := self._windows.all():
            worker.send(frames.Visits(windows))
        if self._popular:
            worker.send(frames.Warm(self._popular))
        return worker

    def _take(self, worker: Worker, frame: frames.FromWorker) -> None:
        match frame:
            case frames.Batch():
                self._on_batch(frame)
            case frames.Health():
                worker.health = frame
                worker.generation = frame.generation
            case frames.Loaded(generation, error):
                worker.error = error
                worker.generation = worker.generation if error else generation
                future = worker.loading.get(generation)
                if future is not None and not future.done():
                    future.set_result(error)
            case frames.Visits(windows):
                self._relay(worker, windows)
            case frames.Told(number):
                asked = worker.asked.get(number)
                if asked is not None and not asked.done():
                    asked.set_result(frame)
            case frames.Hello():
                pass
            case unknown:
                assert_never(unknown)

    def _tell_salts(self, worker: Worker) -> None:
        for day, salt in self.salts.items():
            worker.send(frames.Salt(day, salt))

    def _relay(self, source: Worker, windows: list[frames.Window]) -> None:
        """What one worker learned is told to the others."""
        news = self._windows.take(windows)
        if news:
            for worker in self.workers - {source}:
                worker.send(frames.Visits(news))
