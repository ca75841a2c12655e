"""One upstream resolver: where it is, how it is reached, and how it has been doing."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.model import Clock, UpstreamHealth
from resolver.upstream.do53 import Address, Transport

_DOWN_AFTER = 2  # failures in a row
_FIRST_PAUSE = 1.0  # seconds until an upstream that is down is tried again, doubled each time
_MAX_PAUSE = 30.0
_WEIGHT = 0.1  # of a new sample in the smoothed latency


class Upstream:
    """One upstream and how it has been doing."""

    def __init__(self, url: str, address: Address, transports: Sequence[Transport], clock: Clock) -> None:
        self.url = url
        self.address = address
        self.transports = transports
        self.asked = self.failed = 0
        self._clock = clock
        self._failures = 0
        self._pause = _FIRST_PAUSE
        self._retry_at = 0.0
        self._since = clock.time()
        self._latency = 0.0
        self._reason = ""

    @property
    def up(self) -> bool:
        return self._failures < _DOWN_AFTER

    @property
    def due(self) -> bool:
        """Whether one that is down should be tried again now; says so 1, 2, 4 … 30 seconds after the time before."""
        now = self._clock.monotonic()
        if self.up or now < self._retry_at:
            return False
        self._pause = min(2 * self._pause, _MAX_PAUSE)
        self._retry_at = now + self._pause
        return True

    def succeeded(self, seconds: float) -> None:
        """A usable reply came after `seconds`."""
        if not self.up:
            self._since = self._clock.time()
        self._failures = 0
        self._reason = ""
        self._latency = seconds if not self._latency else self._latency + _WEIGHT * (seconds - self._latency)

    def failing(self, reason: str) -> None:
        """Nothing came in time, or nothing usable."""
        was_up = self.up
        self.failed += 1
        self._failures += 1
        self._reason = reason
        if was_up and not self.up:
            self._pause = _FIRST_PAUSE
            self._retry_at = self._clock.monotonic() + self._pause
            self._since = self._clock.time()

    def health(self) -> UpstreamHealth:
        latency = round(self._latency * 1000, 1)
        return UpstreamHealth(self.url, self.up, self._since, latency, self.asked, self.failed, self._reason)
