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

from resolver import allocator
from resolver.admin.app import AdminServer
from resolver.admin.auth import load_or_make_token
from resolver.admin.inforce import InForce
from resolver.admin.parts import Parts
from resolver.admin.popular import Popular
from resolver.admin.publish import Publisher
from resolver.admin.service import Service
from resolver.admin.timekeeping import Timekeeper
from resolver.admin.whereabouts import Whereabouts
from resolver.config.load import Overrides
from resolver.config.schema import Config
from resolver.config.settled import Settled
from resolver.configured import Configured, Renewing
from resolver.errors import LullError
from resolver.journal import frames
from resolver.journal.hub import Hub
from resolver.journal.salts import Salts
from resolver.lists.catalogue import Catalogue
from resolver.lists.compiler import Compiled
from resolver.lists.update import Lists
from resolver.network.keeper import Devices
from resolver.paths import control_socket, salt_file, token_file
from resolver.pipeline.visits import Visits
from resolver.policy.bundles import Bundles
from resolver.process import Snapshot, SystemClock, beat, boot_id, configure_logging, on_stop
from resolver.safeguards import Safeguards
from resolver.store.accounts import AccountStore
from resolver.store.choices import row_of
from resolver.store.face import Kept
from resolver.store.insight import Insight
from resolver.store.opened import open_store
from resolver.store.people import PeopleStore
from resolver.store.putback import rows_of
from resolver.store.queries import Queries
from resolver.store.retention import Kept as KeptLog
from resolver.store.retention import keep_short
from resolver.store.writer import Writer

log = logging.getLogger(__name__)

_LAST_ROWS = 1.0  # seconds the writer gets when stopping


class Control:
    """The control process from start to end."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._state: pathlib.Path = arguments.state
        self._file: pathlib.Path = arguments.config
        self._overrides = msgspec.json.decode(arguments.overrides, type=Overrides)
        self._life: int | None = arguments.life
        self._beat: int | None = arguments.beat
        self._clock = SystemClock()
        self._catalogue = Catalogue.load()
        snapshot = Snapshot(arguments.snapshot)
        self._configured = Configured(self._file, snapshot, self._overrides, self._catalogue, self._state)
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        on_stop(loop, self._life, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # one may have come already: see serve
        settled = await asyncio.to_thread(self._configured.begin, self._clock)
        await self._compose(settled)
        config = self._service.config
        async with asyncio.TaskGroup() as tasks:
            admin = AdminServer(self._service, load_or_make_token(token_file(self._state)), config.admin.listen)
            work = (
                self._hub.keep(),
                self._in_force.keep_lists(),
                self._keep_config(),
                self._in_force.keep_published(self._renewing.choose),
                self._configured.keep(lambda: self._database.state.state == "ok", self._stop.set),
                self._safeguards.keep(self._lists),
                self._timekeeper.keep(),
                self._service.wellness.keep(),
                self._devices.keep(self._service.publish),
                Salts(salt_file(self._state), self._clock, self._hub.salt).keep(),
                self._service.jobs.keep(),
                self._service.entrance.keep(),
                Popular(self._clock, Insight(self._database), lambda: self._service.config).keep(self._hub.warm),
                keep_short(self._database, self._writer.interner.forget, self._clock, self._kept),
                admin.keep_running(),
                self._keep_beating(),
            )
            running = [tasks.create_task(one) for one in work]
            gc.collect()
            gc.freeze()
            await self._stop.wait()
            for task in running:
                task.cancel()
        await self._hub.stop()
        await asyncio.to_thread(self._parts.dnstap.close)
        await self._service.entrance.accounts.stop()
        await asyncio.to_thread(self._writer.close, _LAST_ROWS)
        self._database.close()
        log.info("stopped")

    async def _compose(self, settled: Settled) -> None:
        """Make the parts and join them."""
        config = settled.config
        loop = asyncio.get_running_loop()
        windows = Visits(self._clock)
        self._hub = Hub(control_socket(self._state), self._on_batch, lambda: self._publisher.generation, windows)
        self._publisher = Publisher(Bundles(self._state), self._hub, self._clock)
        await self._publisher.start()  # before the database: it knows people's rules should that have lost them
        boot = boot_id()
        self._publisher.keep_time(boot, self._clock.time() - self._clock.monotonic())
        before = functools.partial(self._people_before, config)
        self._database = await asyncio.to_thread(open_store, config.store.url, self._state, self._clock, before)

        def acknowledge(feed: str, seq: int) -> None:
            loop.call_soon_threadsafe(self._hub.acknowledge, feed, seq)

        self._writer = Writer(self._database, acknowledge, interval=config.log.write_every)
        self._writer.start()
        self._safeguards = Safeguards(self._clock, Insight(self._database), lambda: self._service.config)
        canaries, swapped = self._safeguards.canaries, self._safeguards.swapped
        self._lists = Lists(self._state, self._clock, self._on_compiled, canaries=canaries, on_swapped=swapped)
        people = PeopleStore(self._database, self._clock)
        self._renewing = Renewing(self._configured, people.choices, self._take, self._tell)
        settled = await asyncio.to_thread(self._renewing.begin, settled)
        config = settled.config
        self._devices = Devices(self._database, self._clock, lambda: self._service.config)
        accounts = AccountStore(self._database, self._clock)
        people.beside = lambda: {**self._devices.store.beside(), **accounts.beside()}
        parts = self._parts = Parts(
            clock=self._clock,
            hub=self._hub,
            publisher=self._publisher,
            lists=self._lists,
            database=self._database,
            people=people,
            devices=self._devices,
            queries=Queries(self._database),
            writer=self._writer,
            accounts=accounts,
            catalogue=self._catalogue,
            state=self._state,
            home=self._file.absolute().parent,
            boot=boot,
            there=Whereabouts(
                *(self._file, self._configured.data, self._stop.set, self._overrides),
                *(self._configured.read, self._renewing.choose),
            ),
        )
        parts.dnstap.move(config.log.dnstap)
        self._service = Service(config, parts, settled)
        self._service.config_trouble = self._configured.trouble
        self._in_force = InForce(parts, self._service)
        await self._devices.begin()
        self._timekeeper = Timekeeper(parts, self._service.publish)
        await self._timekeeper.look()  # before the first policy: the clock may have been set while nobody looked

    def _kept(self) -> KeptLog:
        return KeptLog(self._service.config.log.keep, self._service.config.log.size)

    def _people_before(self, config: Config) -> Kept:
        """What people made, as the policy in force has it; what they chose, as it was last known."""
        bundle, chosen = self._publisher.bundle, [row_of(one) for one in self._configured.choices]
        if bundle is None:
            return {"choices": chosen}
        macs = [mac for group in config.groups.values() for mac in group.macs]
        return {**rows_of(bundle.document, self._clock.time(), [*config.devices, *macs]), "choices": chosen}

    def _on_batch(self, batch: frames.Batch) -> None:
        self._parts.tallied.take(batch)
        self._writer.submit(batch)
        self._safeguards.take(batch)
        self._devices.take(batch)
        self._parts.recent.take(batch)
        self._parts.dnstap.take(batch)

    async def _on_compiled(self, _: Compiled) -> None:
        await self._service.publish()

    async def _keep_beating(self) -> None:
        """A sign of life for the supervisor, for as long as the loop goes round."""
        while True:
            beat(self._beat)
            await asyncio.sleep(1)

    async def _keep_config(self) -> None:
        """Read the config again on SIGHUP."""
        while True:
            await self._reload.wait()
            self._reload.clear()
            await self._renewing.read_again()

    async def _take(self, settled: Settled) -> str:
        return await self._in_force.take(settled)

    def _tell(self, trouble: str) -> None:
        self._service.config_trouble = trouble


def main() -> None:
    allocator.settle()
    parser = argparse.ArgumentParser(prog="resolver.control")
    for option, kind in (("--state", pathlib.Path), ("--config", pathlib.Path), ("--snapshot", int)):
        parser.add_argument(option, type=kind, required=True)
    parser.add_argument("--life", type=int)
    parser.add_argument("--beat", type=int)
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
