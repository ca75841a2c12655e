"""Following the clock: what people made ends when it was to end, also when somebody sets the machine's clock."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from resolver.admin.parts import Parts
from resolver.errors import StoreError
from resolver.policy.anchor import stepped

log = logging.getLogger(__name__)

_SEEN = 60  # looks between two notes of what time it is


class Timekeeper:
    """Moves what people made, in the database and in the bundle that control has mapped, and has the policy published
    anew. The workers see for themselves that the clock was set; it holds before they hear of it here."""

    def __init__(self, parts: Parts, publish: Callable[[], Awaitable[object]]) -> None:
        self._parts = parts
        self._publish = publish
        self._followed = self._offset()
        self._looks = 0

    async def keep(self) -> None:
        """Look every second, for as long as control runs."""
        while True:
            await asyncio.sleep(1)
            await self.look()

    async def look(self) -> None:
        """Look at the clock; to be called first before anything of people's is used."""
        offset, parts = self._offset(), self._parts
        parts.publisher.keep_time(parts.boot, offset)
        self._looks += 1
        try:
            await asyncio.to_thread(parts.people.clock_moved, parts.boot, offset, parts.clock.time())
        except StoreError:
            return  # looked at again in a second; until then nothing is published that would have the old ends
        if stepped(self._followed, offset):
            log.warning("the clock was set by %+.0f s", offset - self._followed)
            self._followed = offset
            await self._publish()
        if self._looks % _SEEN == 0:
            with contextlib.suppress(StoreError):
                await asyncio.to_thread(parts.people.seen, parts.clock.time())

    def _offset(self) -> float:
        """By how many seconds Unix time runs ahead of the monotonic clock."""
        return self._parts.clock.time() - self._parts.clock.monotonic()
