"""What holds finished answers: the part of the seam (`listen/drain.py`) that stages, statistics and `why` see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from resolver.cache.packets import Packet


class Table(Protocol):
    """Finished answers of one effective policy, by the query's bytes after its ID (`Message.key`, or a datagram that
    means the same). One packet may stand under several keys. `weight` is about how many bytes it takes, never above its
    capacity; `evicted` packets had to go for want of room."""

    weight: int
    evicted: int

    def get(self, key: bytes, /) -> Packet | None:
        """What is kept, expired or not."""
        ...

    def put(self, key: bytes, value: Packet, /) -> None:
        """Keep it from the next datagram on, in the place of what was there. What does not fit at all is not kept."""
        ...

    def popitem(self) -> tuple[bytes, Packet]:
        """Drop one, whichever. A table that nobody uses any more is emptied bit by bit."""
        ...

    def __len__(self) -> int: ...


MakeTable = Callable[[int], Table]
"""A table with room for so many bytes."""
