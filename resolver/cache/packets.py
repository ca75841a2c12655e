"""Finished answers, by the query's bytes after its ID: the hot path's whole knowledge.

One map holds what one effective policy answers; a new bundle means a new, empty map, so nothing in here is ever
checked against policy again. `lookup` in `listen/udp.py` is a plain dict access on the datagram: a key is the canonical
form of a query (`Message.key`), which is what stubs send anyway.
"""

from __future__ import annotations

from struct import Struct

import msgspec

from resolver.cache.bounded import Bounded
from resolver.model import Exchange

_TTL = Struct("!L")
_PACKET = 590  # bytes of memory that a packet takes beside its body, with its key and its exchange, measured
_FIRST = 0.9  # the part of its life after which it is due to be asked anew, a second before its end at the latest


class Packet(msgspec.Struct, gc=False, eq=False, weakref=False):
    """One finished answer without its ID, as of `second` (monotonic, whole seconds); void from `expires` on. `ttls` are
    the offsets of the TTLs that come down.

    `hits` and `due` are for prefetching: how often it was given, and from when on it is worth asking anew. The garbage
    collector is not told of it: it is in no cycle, and going through tens of thousands of them held up queries.
    """

    body: bytes
    ttls: tuple[int, ...]
    exchange: Exchange
    made: float
    expires: float
    second: int = 0
    due: float = 0.0
    hits: int = 0

    def __post_init__(self) -> None:
        self.second = int(self.made)
        self.due = min(self.made + (self.expires - self.made) * _FIRST, self.expires - 1)

    def age(self, second: int) -> None:
        """Bring the TTLs down to those of `second`, at which none is below 0 as `expires` comes first, give or take the
        fraction of a second that TTLs cannot tell."""
        passed = second - self.second
        if passed <= 0:
            return
        self.second = second
        if not self.ttls:
            return
        body = bytearray(self.body)
        for offset in self.ttls:
            _TTL.pack_into(body, offset, max(_TTL.unpack_from(body, offset)[0] - passed, 0))
        self.body = bytes(body)


def _weigh(packet: Packet) -> int:
    return _PACKET + len(packet.body)


class Packets(Bounded[bytes, Packet]):
    """Finished answers by query, which take at most about `capacity` bytes. One may stand under several keys.

    First in, first out: what a flood moves out is made again from cached truth, for less than the flood itself costs.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity, _weigh)
