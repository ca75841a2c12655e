"""When a policy has to be made anew because of devices: as soon as it would say something else of them, but less and
less often where that is so over and over."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TypeVar

from resolver.model import Clock

T = TypeVar("T")

_CALM = 300.0  # seconds; the more policies came into force in these, the longer the next one waits
_FREE = 5  # policies in these that do not count
_LONGEST = 60.0


class Pacing:
    """`give` may be called by any thread, `wait` by one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._given: dict[str, object] = {}
        self._published: deque[float] = deque(maxlen=int(_LONGEST))

    def give(self, key: str, value: T) -> T:
        """Note what the policy is made of, part by part; returns it."""
        self._given = {**self._given, key: value}
        return value

    def wait(self, wants: Mapping[str, object]) -> float | None:
        """In how many seconds a policy is to be made of what it should be made of now. None: it is so already, or was
        never in force, which others see to. 0: at once, which counts as done."""
        if not self._given or wants == self._given:
            return None
        now = self._clock.monotonic()
        lately = sum(now - at < _CALM for at in self._published)
        wait = self._published[-1] + min(lately, _LONGEST) - now if lately > _FREE else 0.0
        if wait > 0:
            return wait
        self._published.append(now)
        return 0.0
