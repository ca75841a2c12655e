"""The hot path: a readable socket is drained by the batch, hits are answered in place.

The loop is measured, not guessed: a hit is one dict look-up by the address, one by the datagram itself, and one count;
all of a wake-up share two system calls. Keep it that way (`python benchmarks/hits.py`).
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from resolver.cache.packets import Packets
from resolver.journal.journal import Journal
from resolver.listen.batches import ANSWER, NAME, NEAR, Batch
from resolver.listen.drain import Ancillary, Fast, Misses
from resolver.model import Clock
from resolver.pipeline.identify import Peers

_MOST = 10_000  # addresses whose text is remembered
_PORT_ZERO = b"\0\0"


class _Family(NamedTuple):
    """Where an address is in a socket address of this family, and what asks for, and names, the address asked."""

    address: slice
    level: int
    option: int
    kind: int
    size: int


# struct sockaddr_in and in_pktinfo (ip(7)), sockaddr_in6 and in6_pktinfo (RFC 3542)
_FAMILIES = {
    socket.AF_INET: _Family(slice(4, 8), socket.IPPROTO_IP, option=8, kind=8, size=12),
    socket.AF_INET6: _Family(slice(8, 24), socket.IPPROTO_IPV6, option=49, kind=50, size=20),
}


class BatchDrain:
    """A Drain (`listen/drain.py`) over the running loop, with tables that are dicts."""

    def __init__(
        self, sock: socket.socket, peers: Callable[[], Peers], journal: Journal, clock: Clock, misses: Misses
    ) -> None:
        self._sock = sock
        self._peers = peers
        self._journal = journal
        self._clock = clock
        self._misses = misses
        self._loop = asyncio.get_running_loop()
        self.dropped = 0
        self._family = family = _FAMILIES[socket.AddressFamily(sock.family)]
        self._wildcard = sock.getsockname()[0] in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
        if self._wildcard:
            sock.setsockopt(family.level, family.option, 1)
        self._batch = Batch(sock, socket.CMSG_SPACE(family.size) if self._wildcard else 0)
        self._texts: dict[bytes, str] = {}
        self._loop.add_reader(sock.fileno(), self._drain)

    def stop(self) -> None:
        self._loop.remove_reader(self._sock.fileno())

    def _drain(self) -> None:
        batch, texts = self._batch, self._texts
        peers, hits = self._peers(), self._journal.hits
        now = self._clock.monotonic()
        second = int(now)
        self._misses.begin()
        try:
            sizes = batch.receive()
        except OSError:
            self.dropped += 1  # an ICMP error; the next wake-up goes on
            return
        data, names, out, out_sizes = batch.taken(len(sizes)), batch.taken_names(len(sizes)), batch.out, batch.out_sizes
        start, end = self._family.address.start, self._family.address.stop
        waiting = 0  # the first of those whose answers are not on their way yet
        at = name = to = 0
        for n, size in enumerate(sizes):
            text = texts.get(names[name + start : name + end]) or self._text(names[name + start : name + end])
            peer = peers[text]
            packet = peer.packets.get(data[at + 2 : at + size]) if size <= NEAR else None
            if packet is None or packet.expires <= now or names[name + 2 : name + 4] == _PORT_ZERO:
                self.dropped += batch.send(waiting, n)
                waiting = n + 1
                self._misses.miss(batch.whole(n, size), *self._origin(text, names[name : name + NAME], n))
            else:
                if packet.second != second:
                    packet.age(second)
                body = packet.body
                length = len(body) + 2
                out[to : to + length] = data[at : at + 2] + body
                out_sizes[n + n + 1] = length
                hits[peer][packet] += 1
            at += NEAR
            name += NAME
            to += ANSWER
        self.dropped += batch.send(waiting, len(sizes))

    def _text(self, address: bytes) -> str:
        """An address as sockets give it, which is without a scope; remembered."""
        if len(self._texts) >= _MOST:
            self._texts.clear()
        text = socket.inet_ntop(self._sock.family, address)
        self._texts[address] = text
        return text

    def _origin(self, text: str, name: bytes, n: int) -> tuple[Any, Ancillary | None]:
        """Of whom datagram `n` is, and to which address."""
        family = self._family
        port = int.from_bytes(name[2:4], "big")
        source: Any = (text, port)
        if len(name[family.address]) > 4:
            source = (text, port, int.from_bytes(name[4:8], "big"), struct.unpack("@I", name[24:28])[0])
        if not self._wildcard:
            return source, None
        return source, [(family.level, family.kind, self._batch.control(n, family.size))]

    def send(self, answer: bytes, source: Any, ancillary: Ancillary | None) -> None:
        try:
            if ancillary is None:
                self._sock.sendto(answer, source)
            else:
                self._sock.sendmsg((answer,), ancillary, 0, source)
        except OSError:
            self.dropped += 1  # the client is unreachable or the buffer full; it asks again


PYTHON = Fast(BatchDrain, Packets)
