"""The worker's end of the socket to control: sends batches until they are acknowledged, takes orders, reconnects."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pathlib
from typing import Protocol, assert_never

import msgspec

from resolver.errors import LullError
from resolver.journal import frames
from resolver.journal.journal import Journal
from resolver.paths import unix_address

log = logging.getLogger(__name__)

_MAX_UNSENT = 16 << 20  # bytes that control is behind
_RETRY = 0.2  # seconds between tries to connect


class Obeying(Protocol):
    """What a worker does when control says so."""

    def hello(self) -> frames.Hello:
        """Who it is."""
        ...

    async def load(self, generation: str) -> str:
        """Take a bundle; why it cannot, or "" when it is in force."""
        ...

    def flush(self) -> None:
        """Forget cached truth and finished answers."""
        ...

    def windows(self) -> list[frames.Window]:
        """Every open window it knows of."""
        ...

    def take(self, windows: list[frames.Window]) -> object:
        """Learn of windows that were opened elsewhere."""
        ...

    def tell(self, ask: frames.Ask) -> frames.Told:
        """What it knows of a question."""
        ...

    def warm(self, questions: list[tuple[str, int]]) -> None:
        """Be told what people often ask."""
        ...


class Link:
    """Runs for a worker's whole life; when control is away, the worker does not notice."""

    def __init__(self, path: pathlib.Path, journal: Journal, worker: Obeying) -> None:
        self._path = path
        self._journal = journal
        self._worker = worker
        self._writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Connect, serve the connection until it ends, connect again."""
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ConnectionError):
                await self._serve()
            self._writer = None
            await asyncio.sleep(_RETRY)

    def send(self, frame: frames.FromWorker) -> None:
        """Send a frame if control is there. Batches need no other care: they wait in the journal.

        When control is there but does not read, the connection is given up, and with it what was not yet sent.
        """
        if self._writer is None:
            return
        self._writer.write(frames.pack(frame))
        if self._writer.transport.get_write_buffer_size() > _MAX_UNSENT:
            log.warning("control does not read; connecting again")
            self._writer.transport.abort()
            self._writer = None

    async def drain(self, seconds: float) -> None:
        """Wait, at most so long, until control has acknowledged every batch."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._journal.all_safe.wait()

    async def _serve(self) -> None:
        address, directory = unix_address(self._path)
        try:
            reader, writer = await asyncio.open_unix_connection(address)
        finally:
            if directory is not None:
                os.close(directory)
        try:
            writer.write(frames.pack(self._worker.hello()))
            await self._catch_up(writer)
            self._writer = writer
            if windows := self._worker.windows():  # not before: of those that open meanwhile nothing is sent
                self.send(frames.Visits(windows))
            while True:
                await self._obey(await frames.read_from_control(reader))
        except (msgspec.MsgspecError, LullError) as error:
            log.warning("control sent a frame that cannot be read: %s", error)
        finally:
            writer.close()

    async def _catch_up(self, writer: asyncio.StreamWriter) -> None:
        """Send every batch that waits, those that come to wait meanwhile included: a gap would never be filled."""
        sent = 0
        while batches := [batch for batch in self._journal.waiting if batch.seq > sent]:
            for batch in batches:
                writer.write(frames.pack(batch))
                await writer.drain()
                sent = batch.seq

    async def _obey(self, frame: frames.FromControl) -> None:
        match frame:
            case frames.Ack(feed, seq):
                if feed == self._journal.feed:
                    self._journal.acknowledge(seq)
            case frames.Load(generation):
                self.send(frames.Loaded(generation, await self._worker.load(generation)))
            case frames.Flush():
                self._worker.flush()
            case frames.Visits(windows):
                self._worker.take(windows)
            case frames.Ask():
                self.send(self._worker.tell(frame))
            case frames.Warm(questions):
                self._worker.warm(questions)
            case frames.Salt(day, salt):
                self._journal.redaction.take(day, salt)
            case unknown:
                assert_never(unknown)
