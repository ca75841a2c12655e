"""The log as it leaves: as it comes, as a file, and for good."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from itertools import islice

import msgspec

from resolver.admin import shown
from resolver.admin.bodies import LogEntry
from resolver.admin.changing import Changing
from resolver.admin.jobbodies import Job
from resolver.admin.jobs import Jobs, Report
from resolver.admin.logbodies import Forgotten
from resolver.admin.parts import Parts
from resolver.admin.tail import Tail
from resolver.errors import ApiError
from resolver.journal.redaction import pseudonym
from resolver.store.filters import LogFilter, LogRow
from resolver.store.forgetting import Forget, Forgot, forget

EXPORTS = 3
"""At once."""

SLICE = 1_000
"""Entries that are in memory together."""

_UNTRACED = "what the log has of days before today under names for a day cannot be traced back to anybody, and stays"
_ENDED = "it was ended before it was done: the rest is still there"


class Logged:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, change: Changing, jobs: Jobs) -> None:
        self._parts = parts
        self._change = change
        self._jobs = jobs
        self.exports = 0
        self.tail = Tail(parts.recent, parts.devices.calling)

    def where(self, given: str) -> tuple[str, ...]:
        """The addresses by which the log knows a device by now."""
        return self._parts.devices.calling().where(given)

    async def every(self, filter: LogFilter) -> AsyncGenerator[list[LogEntry], None]:
        """All that a filter lets through, newest first, a slice at a time: between two, nothing is held but the place
        that was come to. Whoever goes away is to close it."""
        if self.exports >= EXPORTS:
            raise ApiError(503, "busy", f"{EXPORTS} exports are under way: try again when one is done")
        self.exports += 1
        rows = self._parts.queries.each(filter)
        try:
            while entries := await self._change.store(lambda: self._slice(rows)):
                yield entries
        finally:
            self.exports -= 1

    def _slice(self, rows: Iterator[LogRow]) -> list[LogEntry]:
        calling = self._parts.devices.calling()
        return [shown.entry(row, calling.of(row.client)) for row in islice(rows, SLICE)]

    def forget(self, what: Forget, device: str, title: str, who: str) -> Job[msgspec.Raw]:
        """Begin to delete rows for good, and what else tells of them. `device`: the one that is meant, if one is; what
        the log calls it today where it keeps no address goes too. It is on the trail, as `title` says."""
        hidden = self._todays(device) if device else ()
        if what.clients is not None:
            what = msgspec.structs.replace(what, clients=(*what.clients, *hidden))

        async def work(report: Report) -> Forgotten:
            done = await self._forgotten(what, report)
            note = "" if done.finished else _ENDED
            return Forgotten(done.rows, done.names, done.clients, note or (_UNTRACED if hidden else ""))

        job = self._jobs.begin("forget", title, work, needs="admin")
        self._parts.accounts.note(who, title)
        self._parts.recent.clear()
        return job

    async def _forgotten(self, what: Forget, report: Report) -> Forgot:
        loop, stop = asyncio.get_running_loop(), threading.Event()

        def progress(share: float) -> None:
            loop.call_soon_threadsafe(report.progress, 100 * share)

        def work() -> Forgot:
            return forget(self._parts.database, self._parts.writer, what, progress=progress, stop=stop)

        try:
            return await self._change.store(work)
        finally:
            stop.set()  # whoever ended the job need not wait for the thread to notice

    def _todays(self, device: str) -> tuple[str, ...]:
        """What the log calls a device by now where it keeps no address; nothing where that is kept."""
        calling, bundle = self._parts.devices.calling(), self._parts.publisher.bundle
        addresses = calling.where(device)
        if bundle is None or not any(bundle.kept(one)[0] == "no-client" for one in addresses):
            return ()
        words = dict.fromkeys((calling.scope(device), *addresses))
        return tuple(pseudonym(salt, word) for salt in self._parts.hub.salts.values() for word in words)
