"""How often caches were looked into, and what had to go: counted for as long as a worker lives."""

from __future__ import annotations


class Lookups:
    """`hits` were fresh, `stale` too old but given all the same, `misses` neither; `evicted` items went for want of
    room. One for all caches of a kind, which come and go."""

    __slots__ = ("evicted", "hits", "misses", "stale")

    def __init__(self) -> None:
        self.hits = self.misses = self.stale = self.evicted = 0
