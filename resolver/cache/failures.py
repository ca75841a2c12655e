"""Failures, remembered so that nobody asks again at once what has just come to nothing (RFC 9520)."""

from __future__ import annotations

import itertools

import msgspec

from resolver.cache.entry import Key
from resolver.model import Clock, Ede

FIRST, LONGEST = 1.0, 300.0  # seconds that a failure holds: the first in a row, doubled each time up to the longest
_MOST = 10_000  # failures remembered


class Failure(msgspec.Struct, frozen=True, gc=False):
    """What a question came to, until when (monotonic) that holds, and for how many seconds it did. A failure of `reach`
    says nothing of the question: nobody could be asked."""

    until: float
    pause: float
    rcode: int
    ede: tuple[Ede, ...]
    reach: bool


class Failures:
    """The failures of questions, at most 10,000 of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[Key, Failure] = {}
        self._reach = False

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Key) -> Failure | None:
        """The failure of a question while it holds."""
        failure = self._held.get(key)
        return failure if failure is not None and self._clock.monotonic() < failure.until else None

    def put(self, key: Key, rcode: int, ede: tuple[Ede, ...], *, reach: bool) -> None:
        """A question has failed. One that fails again before it was forgotten is kept for twice as long."""
        now = self._clock.monotonic()
        before = self._held.get(key)
        again = before is not None and now < before.until + 2 * before.pause + FIRST
        pause = min(2 * before.pause, LONGEST) if before is not None and again else FIRST
        if len(self._held) >= _MOST:
            for oldest in list(itertools.islice(self._held, _MOST // 2)):
                del self._held[oldest]
        self._held[key] = Failure(now + pause, pause, rcode, ede, reach)
        self._reach = self._reach or reach

    def forget(self, key: Key) -> None:
        """The question has an answer."""
        self._held.pop(key, None)

    def reachable(self) -> None:
        """Somebody answers again: what failed for want of that may be asked anew."""
        if self._reach:
            self._reach = False
            self._held = {key: failure for key, failure in self._held.items() if not failure.reach}

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()
        self._reach = False
