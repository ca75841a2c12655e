"""Since when DNS is well, or not: watched, since nobody may be asking when that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from resolver.model import Clock

_EACH = 1.0  # seconds between two looks: as often as workers tell


class Wellness:
    """`look` tells whether it is well now, and since when that is known to be so (Unix time; 0.0: not known)."""

    def __init__(self, clock: Clock, look: Callable[[], tuple[bool, float]]) -> None:
        self._clock = clock
        self._look = look
        self._well = True
        self._since = clock.time()

    def since(self) -> float:
        """Unix time of the last change, or of when this began. A change counts from when it was known to whoever met it
        first."""
        well, known = self._look()
        if well is not self._well:
            now = self._clock.time()
            self._well, self._since = well, min(known, now) if known else now
        return self._since

    async def keep(self) -> NoReturn:
        """Look from time to time."""
        while True:
            self.since()
            await asyncio.sleep(_EACH)
