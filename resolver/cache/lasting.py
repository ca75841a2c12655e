"""A mapping of bounded weight that forgets what nobody asked for again (S3-FIFO: Yang et al., SOSP 2023).

What is new stands in a short queue; what is asked for while it stands there goes on into the long one, and there it has
another turn each time that it was asked for in between. A flood of names that are asked for once passes through the
short queue and moves nobody out of the long one. A hit costs nothing here: an item knows by itself that it was used.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, Protocol, Self, TypeVar

_NEW = 10  # the short queue has one tenth of the room


class Item(Protocol):
    """A value that can be held. `settled` is for the holder: whether it stands in the long queue. What an item weighs
    includes what is remembered of one that went, about 100 bytes."""

    settled: bool

    def weight(self) -> int:
        """About how many bytes it takes; the same each time."""
        ...

    def used(self) -> bool:
        """Whether it was asked for since the last time, or often enough before."""
        ...

    def follow(self, old: Self) -> None:
        """Take the place of an older value of the same key: that was asked for, or this would not be here."""
        ...


K = TypeVar("K")
V = TypeVar("V", bound=Item)


class Lasting(dict[K, V], Generic[K, V]):
    """A dict whose values weigh at most `capacity` together, to be filled through `put` only, each under one key.

    Others may take items out while it is being let go of; it then only believes that it weighs more than it does.
    `evicted` items had to go for want of room.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self.capacity = capacity
        self.weight = 0
        self.evicted = 0
        self._new: deque[K] = deque()
        self._new_weight = 0
        self._long: deque[K] = deque()
        self._ghosts: deque[int] = deque()  # hashes of the keys that went before anybody asked for them again
        self._known: set[int] = set()

    def put(self, key: K, value: V) -> None:
        """Set an item; others go until there is room. One that is too heavy by itself is not kept."""
        weight = value.weight()
        old = self.get(key)
        if old is not None:
            value.settled = old.settled
            value.follow(old)
            self._weigh(old, -old.weight())
            if weight > self.capacity:
                del self[key]
        if weight > self.capacity:
            return
        if old is None:
            value.settled = hash(key) in self._known
            (self._long if value.settled else self._new).append(key)
        self[key] = value
        self._weigh(value, weight)
        while self.weight > self.capacity:
            self._make_room()

    def _weigh(self, value: V, weight: int) -> None:
        self.weight += weight
        if not value.settled:
            self._new_weight += weight

    def _make_room(self) -> None:
        """Take the next step towards room: one item moves on, or goes."""
        if self._new and (self._new_weight * _NEW > self.capacity or not self._long):
            self._pass_new()
        else:
            self._pass_long()

    def _pass_new(self) -> None:
        key = self._new.popleft()
        value = self.get(key)
        if value is None or value.settled:
            return
        if value.used():
            self._new_weight -= value.weight()
            value.settled = True
            self._long.append(key)
            return
        self._drop(key, value)
        mark = hash(key)
        if mark not in self._known:
            self._known.add(mark)
            self._ghosts.append(mark)
            if len(self._ghosts) > len(self):
                self._known.discard(self._ghosts.popleft())

    def _pass_long(self) -> None:
        if not self._long:  # nothing is left that could go, whatever this believes to weigh
            self.weight = self._new_weight = sum(value.weight() for value in self.values())
            if self.weight > self.capacity:
                self.clear()
                self.weight = self._new_weight = 0
            return
        key = self._long.popleft()
        value = self.get(key)
        if value is None or not value.settled:
            return
        if value.used():
            self._long.append(key)
        else:
            self._drop(key, value)

    def _drop(self, key: K, value: V) -> None:
        del self[key]
        self.evicted += 1
        self._weigh(value, -value.weight())
