"""What keeps a bad list from hurting anybody here: the names it must not block, and the watchdog, joined to the log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Collection, Iterator

from resolver.config.schema import Config
from resolver.errors import ListError, StoreError
from resolver.journal import frames
from resolver.lists.canaries import Canary, named
from resolver.lists.update import Lists
from resolver.lists.watchdog import Bite, Watchdog
from resolver.model import Clock
from resolver.store.insight import DAY, Insight, Often

log = logging.getLogger(__name__)

_WEEK = 7 * DAY
_FRESH = 3600.0  # seconds for which what people often look up is not asked of the log again


class Safeguards:
    """`canaries` and `swapped` are for `Lists`, `take` for batches of the journal; `keep` acts on them."""

    def __init__(self, clock: Clock, insight: Insight, config: Callable[[], Config]) -> None:
        """`config` gives the config in force."""
        self._clock = clock
        self._insight = insight
        self._config = config
        self._watchdog = Watchdog()
        self._bites: asyncio.Queue[Bite] = asyncio.Queue()
        self._often: list[Often] = []
        self._asked = 0.0
        self._asking = asyncio.Lock()

    async def canaries(self) -> list[Canary]:
        """The names that this household needs, as they are now."""
        often = [Canary(one.name, "which is looked up here often", usual=True) for one in await self._usual()]
        return [*self._ours(), *often]

    def _ours(self) -> Iterator[Canary]:
        for upstream in self._config().upstreams:
            for host in dict.fromkeys([upstream.host, upstream.name]):
                yield from named(host, "an upstream")
        yield from named(socket.gethostname(), "the name of this machine")

    async def _usual(self) -> list[Often]:
        """The names that were resolved often in the last week; as last known while the log cannot be read."""
        now = self._clock.time()
        async with self._asking:
            if abs(now - self._asked) >= _FRESH:
                with contextlib.suppress(StoreError):
                    self._often = await asyncio.to_thread(self._insight.often, now - _WEEK)
                    self._asked = now
        return self._often

    def swapped(self, ids: Collection[str]) -> None:
        """These lists are in force in another version from now on."""
        self._watchdog.swapped(ids, self._clock.time())

    def take(self, batch: frames.Batch) -> None:
        """What a worker answered in a second."""
        for bite in self._watchdog.take(batch.rows, batch.second, self._config().updates.watchdog):
            self._bites.put_nowait(bite)

    async def keep(self, lists: Lists) -> None:
        """Take back what the watchdog says, until cancelled."""
        usual = await self._usual()
        self._watchdog.seed([(group, one.name) for one in usual for group in one.groups], self._clock.time())
        while True:
            bite = await self._bites.get()
            try:
                await lists.take_back(bite.id, bite.note)
            except ListError as error:
                log.warning("list %s cannot go back: %s", bite.id, error)
