"""A mapping of bounded size that forgets what came first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def _one(_: object) -> int:
    return 1


class Bounded(dict[K, V], Generic[K, V]):
    """A dict whose values weigh at most `capacity` together, to be filled through `put` only.

    Without `weigh` each weighs 1, so that it is a bound on their number. First in, first out: no work on a hit.
    `evicted` entries had to go for want of room.
    """

    def __init__(self, capacity: int, weigh: Callable[[V], int] = _one) -> None:
        super().__init__()
        self.capacity = capacity
        self.weight = 0
        self.evicted = 0
        self._weigh = weigh
        self._order: deque[K] = deque()

    def put(self, key: K, value: V) -> None:
        """Set an entry; the oldest go until there is room. One that is too heavy by itself is not kept."""
        weight = self._weigh(value)
        old = self.get(key)
        if old is not None:
            self.weight -= self._weigh(old)
        if weight > self.capacity:
            self.pop(key, None)
            return
        if old is None:
            self._order.append(key)
        self[key] = value
        self.weight += weight
        while self.weight > self.capacity:
            oldest = self._order.popleft()
            gone = self.pop(oldest, None)
            if gone is not None:
                self.weight -= self._weigh(gone)
                self.evicted += 1
