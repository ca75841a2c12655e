"""One reading of everything that is measured. From memory, and from the kernel: the database is not asked."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable

from resolver.admin import bodies
from resolver.admin.jobs import Jobs
from resolver.admin.listing import Listing
from resolver.admin.measures import Snapshot
from resolver.admin.parts import Parts
from resolver.admin.processes import Usage, usage
from resolver.config.schema import Config


class Metering:
    """`requests` counts what the admin answered, by the first digit of the status and "xx"; `under_way` those that it
    has not answered yet."""

    def __init__(self, parts: Parts, config: Callable[[], Config], listing: Listing, jobs: Jobs) -> None:
        self.requests = Counter(dict.fromkeys(("2xx", "3xx", "4xx", "5xx"), 0))
        self.under_way = 0
        self._parts = parts
        self._config = config
        self._listing = listing
        self._jobs = jobs

    async def snapshot(self, status: bodies.Status) -> Snapshot:
        parts = self._parts
        workers = sorted(parts.hub.workers, key=lambda worker: worker.number)
        devices = parts.devices.roll.devices.values()
        return Snapshot(
            status=status,
            wanted=self._config().dns.workers,
            workers={str(worker.number): worker.health for worker in workers if worker.health is not None},
            lists=self._listing.states(),
            tallied=parts.tallied,
            writer=parts.writer.counts(),
            made=parts.publisher.made,
            devices=(len(devices), sum(bool(device.name) for device in devices)),
            jobs=Counter(job.state for job in self._jobs.every(lambda _: True)),
            requests=dict(sorted(self.requests.items())),
            under_way=self.under_way,
            processes=await self._processes(),
        )

    async def _processes(self) -> dict[str, Usage]:
        """What every process of the daemon takes, the one that keeps the others running included."""
        ids = {"supervisor": os.getppid(), "control": os.getpid()}
        ids |= {f"worker-{worker.number}": worker.pid for worker in self._parts.hub.workers}
        return await asyncio.to_thread(usage, dict(sorted(ids.items())))
