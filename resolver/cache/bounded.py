"""A mapping of bounded size that forgets what came first."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(dict[K, V], Generic[K, V]):
    """A dict of at most `capacity` entries, to be filled through `put` only. First in, first out: no work on a hit."""

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self.capacity = capacity
        self._order: deque[K] = deque()

    def put(self, key: K, value: V) -> None:
        """Set an entry; when it is a new one and there is no room, the oldest goes."""
        if key not in self:
            if len(self) >= self.capacity:
                del self[self._order.popleft()]
            self._order.append(key)
        self[key] = value
