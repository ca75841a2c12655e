"""The seam for whoever drains a UDP socket faster than Python can: two things to make, and a test suite that tells
whether they are right (`tests/listen/drain/`).

A drain and its tables belong to each other; nothing else knows how a hit is found, answered and counted. All else is
shared: what is not a hit is handed to `Misses`, whose answers go out by `send`. Answers are put into tables by the
stages, and a new bundle brings new, empty ones. Whose a table is says `Peer.packets`, to be read anew at each
datagram: while a client is held back it is an empty one. What an implementation must do beside that:

- A hit is answered with the ID of the query, the question spelled as it was asked, and TTLs less by the seconds that
  passed since the answer was made (`Packet.age`); from `Packet.expires` on it is a miss.
- It is counted in `journal.hits`, by peer and packet: at once, or by a function in `journal.counting` that is called
  when the journal takes a second's hits. Each answer once, in whatever second. Who is counted is in the answer's peer.
- On a socket that is bound to every address the answer comes from the address that was asked.
- At one wake-up at most `DRAIN` datagrams are taken, then other work gets its turn.
- No datagram ends it: nothing, garbage, one of source port 0, an ICMP error, a send buffer that is full.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from resolver.cache.table import MakeTable
from resolver.journal.journal import Journal
from resolver.model import Clock
from resolver.pipeline.identify import Peers

DRAIN = 64  # datagrams taken at one wake-up before other work gets its turn
MAX_SIZE = 4096  # bytes of a datagram that are looked at

Ancillary = list[tuple[int, int, bytes]]
"""What comes with a datagram (recvmsg(2)): to which address it was sent."""


class Misses(Protocol):
    """Who takes what is not a hit."""

    def begin(self) -> None:
        """The socket is looked at anew."""
        ...

    def miss(self, data: bytes, source: Any, ancillary: Ancillary | None) -> None:
        """A datagram as it came, from whom (a socket address), and to which address where the socket has several."""
        ...


class Drain(Protocol):
    """One UDP socket, read from the moment it is made. `dropped` answers could not be sent."""

    dropped: int

    def send(self, answer: bytes, source: Any, ancillary: Ancillary | None) -> None:
        """Answer a miss, with what came with it; also after `stop`. It raises nothing: the client asks again."""
        ...

    def stop(self) -> None:
        """Read no more."""
        ...


class MakeDrain(Protocol):
    """`peers` gives the table of clients under the bundle in force; it is asked at each wake-up."""

    def __call__(
        self, sock: socket.socket, peers: Callable[[], Peers], journal: Journal, clock: Clock, misses: Misses, /
    ) -> Drain: ...


class Fast(NamedTuple):
    """An implementation of the hot path."""

    drain: MakeDrain
    table: MakeTable
