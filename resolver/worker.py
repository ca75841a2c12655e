"""A worker: sockets, pipeline, caches, upstreams over one immutable bundle. No disk writes, no database, no admin.

python -m resolver.worker --state DIR --number N --udp FD … --tcp FD … [--life FD]
                              --config FILE --snapshot FD [--secret FD] [--overrides JSON]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import pathlib
import socket
import subprocess
import tempfile
import uuid

from resolver import allocator
from resolver.errors import BundleError
from resolver.journal import frames
from resolver.journal.link import Link
from resolver.listen import doors
from resolver.listen.doors import Doors
from resolver.listen.drain import Fast
from resolver.listen.draining import PYTHON
from resolver.listen.fair import fair_loop
from resolver.listen.udp import UdpListener
from resolver.paths import control_socket, python_module
from resolver.pipeline.forwarder import Forwarder
from resolver.pipeline.reporting import health
from resolver.policy.bundle import Bundle
from resolver.policy.bundles import Bundles
from resolver.process import Snapshot, SystemClock, beat, boot_id, configure_logging, on_stop
from resolver.upstream.bootstrap import Bootstrap
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed
from resolver.upstream.ids import random_ids

log = logging.getLogger(__name__)

_LAST_ANSWERS = 2.0  # seconds that queries under way and the journal get when stopping


class Worker:
    """One worker process from start to end; `fast` is its hot path."""

    def __init__(self, arguments: argparse.Namespace, fast: Fast = PYTHON) -> None:
        self._fast = fast
        self._arguments = arguments
        self._bundles = Bundles(arguments.state)
        self._clock = SystemClock()
        self._trouble = ""
        self._stop = asyncio.Event()
        self._news: list[frames.Window] = []
        self._warming: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Answer until told to stop; then finish what is under way."""
        loop = asyncio.get_running_loop()
        on_stop(loop, self._arguments.life, self._stop.set)
        bundle = self._first_bundle()
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            plain = Carriers(loop, Addressed(), tasks.create_task)
            self._bootstrap = Bootstrap(plain, loop, self._clock, random_ids(), tasks.create_task)
            self._bootstrap.take(bundle.document.bootstrap, bundle.document.hosts)
            carriers = Carriers(loop, self._bootstrap, tasks.create_task)
            self._forwarder = Forwarder(
                bundle, self._clock, carriers, uuid.uuid4().hex, boot_id(), self._secret(), self._fast.table
            )
            await self._listen(tasks)
            self._link = Link(control_socket(self._arguments.state), self._forwarder.journal, self)
            self._forwarder.visits.tell = self._opened
            link = tasks.create_task(self._link.run())
            ticker = tasks.create_task(self._tick())
            beat(self._arguments.beat)
            log.info("answering with bundle %s, pid %d", bundle.generation, os.getpid())
            # What was made until now lives as long as the process; the collector need not look at it again.
            gc.collect()
            gc.freeze()
            await self._stop.wait()
            await self._finish()
            ticker.cancel()
            link.cancel()
            if self._warming is not None:
                self._warming.cancel()
            self._doors.close()
            self._forwarder.close()
            self._bootstrap.close()
            carriers.close()
            plain.close()

    def _secret(self) -> bytes:
        return b"" if self._arguments.secret is None else Snapshot(self._arguments.secret).read()

    async def _listen(self, tasks: asyncio.TaskGroup) -> None:
        forwarder = self._forwarder
        shared = (forwarder.answering, lambda: forwarder.peers, forwarder.journal, self._clock)
        sockets = [socket.socket(fileno=fd) for fd in self._arguments.udp]
        self._udp = [UdpListener(sock, *shared, self._fast.drain) for sock in sockets]
        self._doors = Doors(forwarder.answering, self._clock, tasks.create_task, forwarder.bundle.document.doors)
        for kind in doors.KINDS:
            for fd in getattr(self._arguments, kind):
                await self._doors.open(kind, socket.socket(fileno=fd))

    def _first_bundle(self) -> Bundle:
        """The bundle on disk; without a whole one, the shipped list and the config, compiled here and now in memory."""
        troubles: list[str] = []
        bundle = self._bundles.open_best(troubles.append)
        for trouble in troubles:
            log.warning(
                "%s; using %s instead", trouble, f"bundle {bundle.generation}" if bundle else "the starter list"
            )
        self._trouble = "; ".join(troubles)
        return bundle or _starter_bundle(self._arguments)

    async def load(self, generation: str) -> str:
        """Put a bundle into force (Obeying)."""
        try:
            bundle = await asyncio.to_thread(self._bundles.open, generation)
            self._bootstrap.take(bundle.document.bootstrap, bundle.document.hosts)
            self._forwarder.take(bundle)
            self._doors.take(bundle.document.doors)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the one in force goes on answering
            self._trouble = f"bundle {generation} is not taken: {error}"
            log.warning("%s", self._trouble)
            return str(error) or type(error).__name__
        self._trouble = ""
        return ""

    def hello(self) -> frames.Hello:
        """Who this is (Obeying)."""
        return frames.Hello(self._arguments.number, os.getpid(), self._forwarder.bundle.generation)

    def _opened(self, windows: list[frames.Window]) -> None:
        """Tell control of windows: at once, but those of one drained socket together."""
        if not self._news:
            asyncio.get_running_loop().call_soon(self._send_news)
        self._news += windows

    def _send_news(self) -> None:
        news, self._news = self._news, []
        self._link.send(frames.Visits(news))

    def flush(self) -> None:
        """Forget cached truth and finished answers (Obeying)."""
        self._forwarder.flush()

    def windows(self) -> list[frames.Window]:
        """Every open window (Obeying)."""
        return self._forwarder.visits.all()

    def take(self, windows: list[frames.Window]) -> None:
        """Learn of windows opened elsewhere (Obeying)."""
        self._forwarder.visits.take(windows)

    def tell(self, ask: frames.Ask) -> frames.Told:
        """What is known of a question (Obeying)."""
        return self._forwarder.tell(ask)

    def warm(self, questions: list[tuple[str, int]]) -> None:
        """Ask what people often ask, once in a worker's life: control may come back, and nothing is news (Obeying)."""
        if self._warming is None:
            self._warming = self._tasks.create_task(self._forwarder.warm(questions))

    async def _tick(self) -> None:
        """Once a second: the journal's batch and a report of health to control, asking ahead, and a look at idle
        connections and at whether somebody has set the clock."""
        while True:
            second = int(self._clock.time())
            await asyncio.sleep(1)
            self._forwarder.keep_time()
            hits = self._forwarder.journal.hits
            await self._report(second)  # the journal has begun another second by then, and these grow no more
            await self._forwarder.tend(hits)
            self._doors.tend()
            beat(self._arguments.beat)

    async def _report(self, second: int) -> None:
        batch = await self._forwarder.journal.roll(second)
        if batch is not None:
            self._link.send(batch)
        waiting, dropped = sum(one.waiting for one in self._udp), sum(one.dropped for one in self._udp)
        trouble = self._trouble or self._doors.trouble
        self._link.send(health(self._forwarder, waiting, dropped, self._bootstrap.hosts, trouble))

    async def _finish(self) -> None:
        """Read no more; give queries under way and the last batch a moment."""
        for listener in self._udp:
            listener.stop()
        self._doors.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_ANSWERS / 2):
                for listener in self._udp:
                    await listener.idle.wait()
        await self._report(int(self._clock.time()))
        await self._link.drain(_LAST_ANSWERS / 2)
        log.info("stopped after %d answers", self._forwarder.journal.answered)


def _starter_bundle(arguments: argparse.Namespace) -> Bundle:
    """What to answer with when there is no bundle at all: the config over the list that ships with Lull.

    Another process makes it, in memory: a worker neither reads configs nor needs a disk that has room.
    """
    shared = pathlib.Path("/dev/shm")  # noqa: S108 - a private directory is made in it
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as directory:
        command = [*python_module("resolver.starter"), "--out", directory, "--overrides", arguments.overrides]
        command += ["--config", arguments.config, "--snapshot", str(arguments.snapshot)]
        subprocess.run(  # noqa: S603 - our own interpreter and module
            command, check=True, timeout=60, pass_fds=[arguments.snapshot]
        )
        bundle = Bundles(pathlib.Path(directory)).open_best(log.warning)
    if bundle is None:
        raise BundleError("the starter list could not be used: reinstall Lull")
    bundle.generation = "starter"  # not to be taken for the generation of that number on disk
    return bundle


def arguments() -> argparse.Namespace:
    """What a worker is told by whoever starts it."""
    parser = argparse.ArgumentParser(prog="resolver.worker")
    parser.add_argument("--state", type=pathlib.Path, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--secret", type=int)
    parser.add_argument("--udp", type=int, nargs="+", required=True)
    for kind in doors.KINDS:
        parser.add_argument(f"--{kind}", type=int, nargs="+", default=[])
    parser.add_argument("--life", type=int)
    parser.add_argument("--beat", type=int)
    parser.add_argument("--config", required=True)
    parser.add_argument("--snapshot", type=int, required=True)
    parser.add_argument("--overrides", default="{}")
    return parser.parse_args()


def main() -> None:
    allocator.settle()
    given = arguments()
    configure_logging(f"worker-{given.number}")
    with asyncio.Runner(loop_factory=lambda: fair_loop(given.udp)) as runner:
        runner.run(Worker(given).run())


if __name__ == "__main__":
    main()
