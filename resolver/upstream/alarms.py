"""Timers that are nearly always cancelled: one for every question on its way. The event loop has one timer for all of
them, so that setting and cancelling one costs a fraction of what its own do."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable


class Alarm:
    """What is to be called at its time, unless it is cancelled before."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Alarms:
    """Alarms on one loop, at its time (seconds), each on time; one that was cancelled is forgotten when its time has
    come."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._heap: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    def set(self, at: float, call: Callable[[], None]) -> Alarm:
        """Have `call` called at that time."""
        alarm = Alarm(call)
        heapq.heappush(self._heap, (at, next(self._numbers), alarm))
        if self._timer is None or at < self._timer.when():
            self._arm()
        return alarm

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._heap[0][0], self._ring)

    def _ring(self) -> None:
        """Call what is due. The loop may be early by the resolution of its clock."""
        assert self._timer is not None
        due = max(self._loop.time(), self._timer.when())
        heap, self._timer = self._heap, None
        try:
            while heap and (heap[0][2].call is None or heap[0][0] <= due):
                call = heapq.heappop(heap)[2].call
                if call is not None:
                    call()
        finally:
            if heap and self._timer is None:
                self._arm()

    def close(self) -> None:
        """Call nothing more of what is set."""
        self._heap.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
