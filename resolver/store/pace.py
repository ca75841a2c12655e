"""How large a bite is, and how long to rest after it: a slow disk gets small ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SHORT, LONG = 0.01, 0.03  # seconds; bites that are shorter may be larger, those that are longer are made smaller
REST = 2.0  # times as long as the bite took
LEAST_REST = 0.02  # seconds


class Stopped(Exception):
    """Told to stop."""


class Pace:
    """Bites of `size` at first, of things that are counted; of other things, all are of one size."""

    def __init__(self, stop: threading.Event, size: int = 1, *, least: int = 1, most: int = 1) -> None:
        self.size = size
        self._stop = stop
        self._least = least
        self._most = most

    def bite(self, work: Callable[[int], T]) -> T:
        """What `work` does with a bite of that size; then a rest. Raises Stopped."""
        began = time.monotonic()
        done = work(self.size)
        took = time.monotonic() - began
        if took > LONG:
            self.size = max(self._least, self.size // 2)
        elif took < SHORT:
            self.size = min(self._most, self.size * 2)
        if self._stop.wait(max(LEAST_REST, REST * took)):
            raise Stopped
        return done
