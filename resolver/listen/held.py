"""Bytes that connections hold: what came and is not whole, and answers for clients that do not read them. Bounded for
each connection and for all of a worker; whoever holds most has to go."""

from __future__ import annotations

from typing import Protocol

SMALL = 16 << 10
"""Bytes of one connection that are not counted: nearly all hold less."""

EACH = 4 << 20
"""Of one connection: the queries that may be under way when its client stops reading can all have large answers."""

ALL = 32 << 20
"""Of all connections of a worker, whatever is spoken over them."""


class Holder(Protocol):
    """A connection, told apart by identity."""

    def abort(self) -> None:
        """Close now, and hold nothing."""
        ...


class Held:
    """`weigh` is called whenever what a connection holds may have changed, `drop` when it is over."""

    def __init__(self) -> None:
        self.total = 0
        self._of: dict[Holder, int] = {}

    def weigh(self, holder: Holder, size: int) -> None:
        """It holds so many bytes now."""
        if size <= SMALL:
            self.drop(holder)
            return
        self.total += size - self._of.get(holder, 0)
        self._of[holder] = size
        if size > EACH:
            self._shed(holder)
        while self.total > ALL:
            self._shed(max(self._of, key=self._of.__getitem__))

    def _shed(self, holder: Holder) -> None:
        self.drop(holder)
        holder.abort()

    def drop(self, holder: Holder) -> None:
        self.total -= self._of.pop(holder, 0)
