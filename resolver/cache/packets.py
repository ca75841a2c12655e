"""Finished answers, by the query's bytes after its ID: the hot path's whole knowledge.

One map holds what one effective policy answers; a new bundle means a new, empty map, so nothing in here is ever
checked against policy again. `lookup` in `listen/udp.py` is a plain dict access on the datagram: a key is the canonical
form of a query (`Message.key`), which is what stubs send anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

from resolver.cache.lasting import Lasting
from resolver.model import Exchange

_TTL = Struct("!L")
_PACKET = 720  # bytes of memory that a packet takes beside its body, measured
_FIRST = 0.9  # the part of its life after which it is due to be asked anew, a second before its end at the latest


class Packet:
    """One finished answer without its ID, as of `second` (monotonic, whole seconds); void from `expires` on.

    `hits` and `due` are for prefetching: how often it was given, and from when on it is worth asking anew.
    """

    __slots__ = ("_seen", "_ttls", "body", "due", "exchange", "expires", "hits", "second", "settled")

    def __init__(self, body: bytes, ttls: Iterable[int], exchange: Exchange, now: float, expires: float) -> None:
        self.body = body
        self._ttls = tuple(ttls)
        self.exchange = exchange
        self.second = self._seen = int(now)
        self.expires = expires
        self.due = min(now + (expires - now) * _FIRST, expires - 1)
        self.hits = 0
        self.settled = False

    def age(self, second: int) -> None:
        """Bring the TTLs down to those of `second`, at which none is below 0 as `expires` comes first, give or take the
        fraction of a second that TTLs cannot tell."""
        passed = second - self.second
        if passed <= 0:
            return
        self.second = second
        if not self._ttls:
            return
        body = bytearray(self.body)
        for offset in self._ttls:
            _TTL.pack_into(body, offset, max(_TTL.unpack_from(body, offset)[0] - passed, 0))
        self.body = bytes(body)

    def weight(self) -> int:
        return _PACKET + len(self.body)

    def used(self) -> bool:
        """Whether it was given since the last time; the hot path leaves the second, and so what happened within one
        does not count."""
        seen, self._seen = self._seen, self.second
        return self.second > seen

    def follow(self, old: Packet) -> None:
        self._seen = min(old._seen, self.second - 1)


class Packets(Lasting[bytes, Packet]):
    """Finished answers by query, which take at most about `capacity` bytes."""
