"""Everything that pages, API and command can do, in one place: they differ only in how they show it. Each kind of thing
has a file of its own: rules in `ruling`, lists in `listing` and `trials`, and so on."""

from __future__ import annotations

import asyncio
import contextlib

from msgspec.structs import replace

from resolver import __version__
from resolver.admin import bodies, shown
from resolver.admin.changing import Changing
from resolver.admin.devices import Devicing
from resolver.admin.diagnosing import Diagnoses
from resolver.admin.history import History
from resolver.admin.listing import Listing
from resolver.admin.parts import Parts
from resolver.admin.pausing import Pausing
from resolver.admin.planning import Planning
from resolver.admin.ruling import Ruling
from resolver.admin.sites import Siting
from resolver.admin.trials import Trials
from resolver.admin.wellness import Wellness
from resolver.admin.whys import Whys
from resolver.config.schema import Config
from resolver.errors import ApiError
from resolver.model import Clock
from resolver.store.queries import LogFilter, Totals


class Service:
    """The household's resolver, as people handle it. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, config: Config, parts: Parts) -> None:
        self.config = config
        self.config_trouble = ""
        self._parts = parts
        self._changing = Changing(parts, self._config)
        self.listing = Listing(parts, self._config)
        self.trials = Trials(parts, self._config)
        self.ruling = Ruling(parts, self._config, self._changing)
        self.pausing = Pausing(parts, self._changing)
        self.history = History(parts, self._changing)
        self.whys = Whys(parts)
        self.diagnoses = Diagnoses(parts, self._config, self.whys)
        self.devices = Devicing(parts, self._config, self._changing)
        self.sites = Siting(parts, self._config, self._changing)
        self.planning = Planning(parts, self._config, self._changing)
        self.wellness = Wellness(parts.clock, lambda: shown.wellness(parts))
        self._started = parts.clock.time()
        self._counted: dict[tuple[str, str], int] = {}

    @property
    def clock(self) -> Clock:
        return self._parts.clock

    def _config(self) -> Config:
        return self.config

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
        return replace(found, since=self.wellness.since())

    def health(self) -> bodies.Health:
        """Whether control can do its work, which a dead upstream or database does not keep it from, and how DNS is."""
        status = self.status()
        if self._parts.publisher.bundle is not None:
            return bodies.Health(ok=True, well=status.well, sentence=status.sentence)
        return bodies.Health(ok=False, well=status.well, sentence=f"{status.sentence} {shown.no_policy(self._parts)}")

    async def stats(self, since: float) -> bodies.Stats:
        """Totals from the hour of `since` on; the names and clients on top since then."""
        parts = self._parts
        return await self._changing.store(lambda: shown.stats(parts.queries, since, parts.devices.calling()))

    async def totals(self, since: float) -> Totals:
        """Counts of all queries from the hour of `since` on: what `stats` has without looking through the log."""
        return await self._changing.store(lambda: self._parts.queries.totals(since))

    async def counted(self) -> dict[tuple[str, str], int]:
        """Every query ever counted, by verdict and origin; as last known while the database cannot be read."""
        with contextlib.suppress(ApiError):
            self._counted = await self._changing.store(self._parts.queries.counted)
        return self._counted

    async def log(self, filter: LogFilter, cursor: int | None, limit: int) -> bodies.LogPage:
        """A page of the log, newest first."""
        parts = self._parts

        def work() -> bodies.LogPage:
            return shown.log_page(parts.queries.log(filter, cursor, limit), parts.devices.calling())

        return await self._changing.store(work)

    async def clients(self, given: str) -> tuple[str, ...]:
        """The addresses by which the log knows a device, given by an address, its MAC address or its name."""
        return await asyncio.to_thread(lambda: self._parts.devices.calling().where(given))
