"""What people here often look up, for workers that start: the log knows it, and they ask it before anybody waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from resolver.config.schema import Config
from resolver.errors import StoreError
from resolver.model import Clock
from resolver.store.insight import DAY, Insight

log = logging.getLogger(__name__)

MOST = 1000  # questions told
_LEAST = 3  # times that a question was asked in a day
_HOUR = 3600.0


class Popular:
    """`config` gives the config in force."""

    def __init__(self, clock: Clock, insight: Insight, config: Callable[[], Config]) -> None:
        self._clock = clock
        self._insight = insight
        self._config = config

    def questions(self) -> list[tuple[str, int]]:
        """The names (presentation text) and types asked most in the last day, those first that were asked most. None
        where the log is to keep no names. Blocks; raises StoreError."""
        if self._config().log.privacy not in {"full", "no-client"}:
            return []
        return self._insight.popular(self._clock.time() - DAY, _LEAST, MOST)

    async def keep(self, tell: Callable[[list[tuple[str, int]]], None]) -> None:
        """Tell them now and every hour, until cancelled."""
        while True:
            try:
                tell(await asyncio.to_thread(self.questions))
            except StoreError as error:
                log.warning("what is popular cannot be read from the log: %s", error)
            await asyncio.sleep(_HOUR)
