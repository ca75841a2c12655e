"""Visits: which windows of site rules are open, and for whom.

Ends are kept in seconds of the machine's monotonic clock, which every process of it shares: to set the wall clock
neither closes a window nor keeps it open. What one worker learns is told at once to the others through control, which
also gives it to a worker that starts; a control that starts is told by the workers. So windows are lost only when all
of them end together, and then the next look at the site opens them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from resolver.journal.frames import Window
from resolver.model import Clock

CAPACITY = 20_000
"""Windows held; to open more closes those that were not renewed for the longest time."""

NOTICEABLE = 1.0
"""Seconds: what ends later by less than this is not told again."""


def _nobody(_: list[Window]) -> None:
    pass


class Visits:
    """The windows that are open. `tell` is called with each that was opened here, or noticeably renewed."""

    def __init__(self, clock: Clock, capacity: int = CAPACITY) -> None:
        self.tell: Callable[[list[Window]], None] = _nobody
        self._clock = clock
        self._capacity = capacity
        self._ends: dict[tuple[str, str], float] = {}  # those renewed last at the end
        self._told: dict[tuple[str, str], float] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def open(self, client_key: str, rule_key: str, seconds: float) -> None:
        """Open a window from now on for so many seconds, or keep it open as long; never for less than it is."""
        key, end = (client_key, rule_key), self._clock.monotonic() + seconds
        if self._put(key, end) and end >= self._told.get(key, 0.0) + NOTICEABLE:
            self._told[key] = end
            self.tell([(client_key, rule_key, end)])

    def until(self, client_key: str, rule_key: str, /) -> float:
        """When a window ends, as Unix time (policy.sites.Visits); 0.0: there is none."""
        end = self._ends.get((client_key, rule_key))
        return 0.0 if end is None else round(end + self._clock.time() - self._clock.monotonic(), 3)

    def of(self, client_key: str) -> dict[str, float]:
        """The windows open for a client: the rule's key → its end as Unix time."""
        now = self._clock.monotonic()
        return {
            rule: self.until(client, rule)
            for (client, rule), end in self._ends.items()
            if client == client_key and end > now
        }

    def take(self, windows: Iterable[Window]) -> list[Window]:
        """Learn of windows that were opened elsewhere; returns those that are news."""
        news = []
        for client, rule, end in windows:
            key = (client, rule)
            if end >= self._ends.get(key, 0.0) + NOTICEABLE:
                self._put(key, end)
                self._told[key] = end
                news.append((client, rule, end))
        return news

    def all(self) -> list[Window]:
        """Every open window, those renewed last at the end."""
        now = self._clock.monotonic()
        return [(client, rule, end) for (client, rule), end in self._ends.items() if end > now]

    def _put(self, key: tuple[str, str], end: float) -> bool:
        """Whether the window ends later for it."""
        if end <= self._ends.get(key, 0.0):
            return False
        self._ends.pop(key, None)
        self._ends[key] = end
        if len(self._ends) > self._capacity:
            oldest = next(iter(self._ends))
            del self._ends[oldest]
            self._told.pop(oldest, None)
        return True
