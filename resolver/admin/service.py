"""Everything that pages, API and command can do, in one place: they differ only in how they show it. Each kind of thing
has a file of its own: rules in `ruling`, lists in `listing` and `trials`, and so on."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from resolver import __version__
from resolver.admin import bodies, shown, statshown
from resolver.admin.backing import Backing
from resolver.admin.changing import Changing
from resolver.admin.choices import Choosing
from resolver.admin.devices import Devicing
from resolver.admin.diagnosing import Diagnoses
from resolver.admin.entrance import Entrance
from resolver.admin.history import History
from resolver.admin.jobs import Jobs
from resolver.admin.listing import Listing
from resolver.admin.logged import Logged
from resolver.admin.metering import Metering
from resolver.admin.mobileconfig import Signer
from resolver.admin.offering import Offering
from resolver.admin.parts import Parts
from resolver.admin.pausing import Pausing
from resolver.admin.planning import Planning
from resolver.admin.ruling import Ruling
from resolver.admin.serving import Serving
from resolver.admin.setup import Setup
from resolver.admin.sites import Siting
from resolver.admin.trials import Trials
from resolver.admin.troubles import attention, troubles
from resolver.admin.upstreaming import Upstreaming
from resolver.admin.wellness import Wellness
from resolver.admin.whys import Whys
from resolver.config.schema import Config
from resolver.config.settled import Settled
from resolver.model import Clock
from resolver.store.filters import LogFilter
from resolver.store.statistics import By, Totals


class Service:
    """The household's resolver, as people handle it. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, config: Config, parts: Parts, settled: Settled | None = None) -> None:
        """`settled` is the config with what was chosen; None: nothing was."""
        self.config = config
        self.settled = settled or Settled(config)
        self.config_trouble = ""
        self._parts = parts
        self._changing = Changing(parts, self._config)
        self.jobs = Jobs(parts.clock)
        self.listing = Listing(parts, self._config, self.jobs)
        self.trials = Trials(parts, self._config, self.jobs)
        self.ruling = Ruling(parts, self._config, self._changing)
        self.pausing = Pausing(parts, self._config, self._changing)
        self.choices = Choosing(parts, lambda: self.settled, self._changing)
        self.history = History(parts, self._changing, self.choices)
        self.serving = Serving(parts, self._config, self.choices)
        self.whys = Whys(parts)
        self.diagnoses = Diagnoses(parts, self._config, self.whys, self.jobs)
        self.devices = Devicing(parts, self._config, self._changing)
        self.sites = Siting(parts, self._config, self._changing)
        self.planning = Planning(parts, self._config, self._changing)
        self.logged = Logged(parts, self._changing, self.jobs)
        self.backing = Backing(parts, self._config, self.jobs)
        self.metering = Metering(parts, self._config, self.listing, self.jobs)
        self.entrance = Entrance(parts, self._config, self._changing, self.ruling, self.planning)
        self.offering = Offering(parts, self._config, self.choices)
        self.upstreaming = Upstreaming(parts, self._config, self._changing, self.jobs, lambda: self.status().upstreams)
        self.setup = Setup(parts, self._config)
        self.signer = Signer()
        self.wellness = Wellness(parts.clock, lambda: shown.wellness(parts))
        self._started = parts.clock.time()

    @property
    def clock(self) -> Clock:
        return self._parts.clock

    def _config(self) -> Config:
        return self.config

    def take(self, settled: Settled) -> None:
        """Have another config, which is in force once it is published."""
        self.settled, self.config = settled, settled.config

    async def publish(self) -> str:
        """Bring config, lists and what people made into force; returns what went wrong, empty if nothing did."""
        return await self._changing.publish()

    @property
    def upstreams_moved(self) -> bool:
        """Whether workers found upstreams elsewhere than the policy in force says."""
        return self._changing.upstreams_moved

    # What people ask

    def status(self) -> bodies.Status:
        """The whole state of the daemon. From memory: it can be had whatever the disk and the database do."""
        pauses = self.pausing.in_force()
        found = shown.status(self._parts, self._started, __version__, self.config_trouble, pauses)
        return replace(found, since=self.wellness.since(), requests=self.entrance.asking.waiting())

    def attention(self, status: bodies.Status) -> list[bodies.Trouble]:
        """What needs attention by this status, and what each is about."""
        sentence = "" if status.well else status.sentence
        return attention(status, troubles(self._parts, sentence, self.config_trouble, status.store))

    def health(self) -> bodies.Health:
        """Whether control can do its work, which a dead upstream or database does not keep it from, and how DNS is."""
        status = self.status()
        if self._parts.publisher.bundle is not None:
            return bodies.Health(ok=True, well=status.well, sentence=status.sentence)
        return bodies.Health(ok=False, well=status.well, sentence=f"{status.sentence} {shown.no_policy(self._parts)}")

    async def stats(self, since: float, until: float | None, by: By | None, limit: int) -> bodies.Stats:
        """What was counted from the hour of `since` to that of `until`, with so many names and clients on top."""
        queries, devices = self._parts.queries, self._parts.devices
        self._parts.writer.hasten()
        return await self._changing.store(lambda: statshown.stats(queries, devices.calling(), since, until, by, limit))

    async def totals(self, since: float) -> Totals:
        """Counts of all queries from the hour of `since` on."""
        return await self._changing.store(lambda: self._parts.queries.totals(since))

    async def log(self, filter: LogFilter, cursor: int | None, limit: int) -> bodies.LogPage:
        """A page of the log, newest first."""
        parts = self._parts

        def work() -> bodies.LogPage:
            return shown.log_page(parts.queries.log(filter, cursor, limit), parts.devices.calling())

        self._parts.writer.hasten()
        return await self._changing.store(work)

    async def clients(self, given: str) -> tuple[str, ...]:
        """The addresses by which the log knows a device, given by an address, its MAC address or its name."""
        return await asyncio.to_thread(lambda: self._parts.devices.calling().where(given))
