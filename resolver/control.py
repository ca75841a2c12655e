"""Control: config, lists, bundles, the journal's way into the database, and the admin. Queries do not pass here.

python -m resolver.control --state DIR --config FILE --snapshot FD [--life FD] [--overrides JSON]
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import logging
import pathlib
import signal

import msgspec

from resolver.admin.app import AdminServer
from resolver.admin.auth import load_or_make_token
from resolver.admin.parts import Parts
from resolver.admin.popular import Popular
from resolver.admin.publish import Publisher
from resolver.admin.service import Service
from resolver.admin.timekeeping import Timekeeper
from resolver.config.load import Overrides, parse, read
from resolver.config.schema import Config
from resolver.errors import ConfigError, ListError, LullError
from resolver.journal import frames
from resolver.journal.hub import Hub
from resolver.lists.catalogue import Catalogue
from resolver.lists.compiler import Compiled
from resolver.lists.update import Lists
from resolver.network.keeper import Devices
from resolver.paths import DATABASE, control_socket, token_file
from resolver.pipeline.visits import Visits
from resolver.policy.bundles import Bundles
from resolver.process import Snapshot, SystemClock, boot_id, configure_logging, on_stop
from resolver.safeguards import Safeguards
from resolver.store.database import Database
from resolver.store.insight import Insight
from resolver.store.opening import Kept
from resolver.store.people import PeopleStore
from resolver.store.putback import rows_of
from resolver.store.queries import Queries
from resolver.store.retention import keep_short
from resolver.store.writer import Writer

log = logging.getLogger(__name__)

_AGAIN = 10.0  # seconds between tries to bring a policy into force
_LAST_ROWS = 1.0  # seconds the writer gets when stopping


class Control:
    """The control process from start to end."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._state: pathlib.Path = arguments.state
        self._file: pathlib.Path = arguments.config
        self._snapshot = Snapshot(arguments.snapshot)
        self._overrides = msgspec.json.decode(arguments.overrides, type=Overrides)
        self._life: int | None = arguments.life
        self._clock = SystemClock()
        self._catalogue = Catalogue.load()
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        on_stop(loop, self._life, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # one may have come already: see serve
        config = self._parse(self._snapshot.read())
        await self._compose(config)
        async with asyncio.TaskGroup() as tasks:
            admin = AdminServer(self._service, load_or_make_token(token_file(self._state)), config.admin.listen)
            work = (
                self._keep_hub(),
                self._keep_lists(),
                self._keep_config(),
                self._keep_published(),
                self._safeguards.keep(self._lists),
                self._timekeeper.keep(),
                self._service.wellness.keep(),
                self._devices.keep(self._service.publish),
                self._service.diagnoses.keep(),
                Popular(self._clock, Insight(self._database), lambda: self._service.config).keep(self._hub.warm),
                keep_short(self._database, self._clock, lambda: self._service.config.log.keep),
                admin.keep_running(),
            )
            running = [tasks.create_task(one) for one in work]
            gc.collect()
            gc.freeze()
            await self._stop.wait()
            for task in running:
                task.cancel()
        await self._hub.stop()
        await asyncio.to_thread(self._writer.close, _LAST_ROWS)
        self._database.close()
        log.info("stopped")

    def _parse(self, data: bytes) -> Config:
        return parse(data, self._file, self._catalogue.known(), self._overrides)

    async def _compose(self, config: Config) -> None:
        """Make the parts and join them."""
        loop = asyncio.get_running_loop()
        windows = Visits(self._clock)
        self._hub = Hub(control_socket(self._state), self._on_batch, lambda: self._publisher.generation, windows)
        self._publisher = Publisher(Bundles(self._state), self._hub, self._clock)
        await self._publisher.start()  # before the database: it knows people's rules should that have lost them
        boot = boot_id()
        self._publisher.keep_time(boot, self._clock.time() - self._clock.monotonic())
        before = functools.partial(self._people_before, config)
        self._database = Database.open(self._state / DATABASE, self._clock, before)

        def acknowledge(feed: str, seq: int) -> None:
            loop.call_soon_threadsafe(self._hub.acknowledge, feed, seq)

        self._writer = Writer(self._database, acknowledge)
        self._writer.start()
        self._safeguards = Safeguards(self._clock, Insight(self._database), lambda: self._service.config)
        canaries, swapped = self._safeguards.canaries, self._safeguards.swapped
        self._lists = Lists(self._state, self._clock, self._on_compiled, canaries=canaries, on_swapped=swapped)
        people = PeopleStore(self._database, self._clock)
        self._devices = Devices(self._database, self._clock, lambda: self._service.config)
        people.beside = self._devices.store.beside
        parts = Parts(
            clock=self._clock,
            hub=self._hub,
            publisher=self._publisher,
            lists=self._lists,
            database=self._database,
            people=people,
            devices=self._devices,
            queries=Queries(self._database),
            writer=self._writer,
            catalogue=self._catalogue,
            home=self._file.absolute().parent,
            boot=boot,
        )
        self._service = Service(config, parts)
        await self._devices.begin()
        self._timekeeper = Timekeeper(parts, self._service.publish)
        await self._timekeeper.look()  # before the first policy: the clock may have been set while nobody looked

    def _people_before(self, config: Config) -> Kept:
        """What people made, as the policy in force has it."""
        bundle = self._publisher.bundle
        if bundle is None:
            return {}
        macs = [mac for group in config.groups.values() for mac in group.macs]
        return rows_of(bundle.document, self._clock.time(), [*config.devices, *macs])

    async def _keep_hub(self) -> None:
        """Listen for workers; where that cannot be, the admin says so and it is tried again."""
        while True:
            try:
                await self._hub.start()
            except OSError as error:
                self._hub.trouble = f"workers cannot connect: {error}"
                log.error("%s", self._hub.trouble)
                await asyncio.sleep(_AGAIN)
                continue
            self._hub.trouble = ""
            return

    def _on_batch(self, batch: frames.Batch) -> None:
        self._writer.submit(batch)
        self._safeguards.take(batch)
        self._devices.take(batch)

    async def _on_compiled(self, _: Compiled) -> None:
        await self._service.publish()

    async def _keep_lists(self) -> None:
        """Bring the config into force at once, then keep its lists fresh. A full disk is waited out."""
        while True:
            try:
                await self._configure_lists()
                await self._lists.start()
                break
            except ListError as error:
                log.error("the lists cannot be used: %s", error)
                await asyncio.sleep(_AGAIN)
        await self._service.publish()
        await self._lists.run()

    async def _configure_lists(self) -> None:
        config = self._service.config
        await self._lists.configure(config.lists, self._catalogue, config.updates)

    async def _keep_published(self) -> None:
        """Try again what could not be brought into force, such as when the disk was full; write down where upstreams
        were found."""
        while True:
            await asyncio.sleep(_AGAIN)
            if self._publisher.trouble or self._service.upstreams_moved:
                await self._service.publish()

    async def _keep_config(self) -> None:
        """Read the config again on SIGHUP; one with mistakes is refused whole and the old one stays."""
        while True:
            await self._reload.wait()
            self._reload.clear()
            try:
                data = read(self._file)
                config = self._parse(data)
            except ConfigError as error:
                self._service.config_trouble = f"the config is refused, the one before stays in force:\n{error}"
                log.error("%s", self._service.config_trouble)
                continue
            self._snapshot.write(data)
            await self._take_config(config)

    async def _take_config(self, config: Config) -> None:
        before, self._service.config = self._service.config, config
        fixed = [
            name
            for name, old, new in (
                ("dns.listen", before.dns.listen, config.dns.listen),
                ("dns.workers", before.dns.workers, config.dns.workers),
                ("admin.listen", before.admin.listen, config.admin.listen),
                ("state", before.state, config.state),
            )
            if old != new
        ]
        self._service.config_trouble = f"a restart is needed for {', '.join(fixed)}" if fixed else ""
        await self._configure_lists()
        trouble = await self._service.publish()
        log.info("%s", "; ".join(filter(None, ("the config was read again", self._service.config_trouble, trouble))))


def main() -> None:
    parser = argparse.ArgumentParser(prog="resolver.control")
    for option, kind in (("--state", pathlib.Path), ("--config", pathlib.Path), ("--snapshot", int)):
        parser.add_argument(option, type=kind, required=True)
    parser.add_argument("--life", type=int)
    parser.add_argument("--overrides", default="{}")
    arguments = parser.parse_args()
    configure_logging("control")
    try:
        asyncio.run(Control(arguments).run())
    except LullError as error:
        log.error("%s", error)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
