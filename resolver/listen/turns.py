"""Datagrams that take more work than a look-up, when they come faster than that can be done: each client has its turn,
so that whoever asks too much waits alone, and what is known already is answered in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

OF_ONE = 500
"""What one client may have waiting."""

OF_ALL = 5_000
"""What may wait in all."""


class Turns(Generic[T]):
    """A bounded line: clients one after the other, what each of them sent in its order."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, deque[T]] = {}  # whose turn it is next stands first
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def add(self, client: Hashable, item: T) -> bool:
        """Have this wait; False when the client has too much waiting, or all have."""
        line = self._lines.get(client)
        if self._waiting >= OF_ALL or (line is not None and len(line) >= OF_ONE):
            return False
        if line is None:
            line = self._lines[client] = deque()
        line.append(item)
        self._waiting += 1
        return True

    def take(self) -> T:
        """What comes next. Raises StopIteration when nothing waits."""
        client = next(iter(self._lines))
        line = self._lines.pop(client)
        item = line.popleft()
        if line:
            self._lines[client] = line
        self._waiting -= 1
        return item
