"""The hot path: a readable socket is drained, hits are answered in place.

The bodies of the two loops are measured, not guessed: a hit is one dict look-up by address, one by the datagram itself,
two system calls and one count. Keep it that way (`python benchmarks/hits.py`).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from resolver.cache.packets import Packets
from resolver.journal.journal import Journal
from resolver.listen.drain import DRAIN, MAX_SIZE, Ancillary, Fast, Misses
from resolver.model import Clock
from resolver.pipeline.identify import Peers

_ANCILLARY = 128


class SocketDrain:
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
        wildcard = sock.getsockname()[0] in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
        if wildcard:
            _ask_for_destination(sock)
        self._loop.add_reader(sock.fileno(), self._drain_wildcard if wildcard else self._drain)

    def stop(self) -> None:
        self._loop.remove_reader(self._sock.fileno())

    def _drain(self) -> None:
        receive, send = self._sock.recvfrom, self._sock.sendto
        peers, hits = self._peers(), self._journal.hits
        now = self._clock.monotonic()
        second = int(now)
        self._misses.begin()
        try:
            for _ in range(DRAIN):
                data, source = receive(MAX_SIZE)
                peer = peers[source[0]]
                packet = peer.packets.get(data[2:])
                if packet is None or packet.expires <= now:
                    self._misses.miss(data, source, None)
                    continue
                if packet.second != second:
                    packet.age(second)
                send(data[:2] + packet.body, source)
                hits[peer][packet] += 1
        except BlockingIOError:
            return  # drained; or the send buffer is full, and the client asks again
        except OSError:
            self.dropped += 1  # an answer that cannot be sent, or an ICMP error; the next wake-up goes on

    def _drain_wildcard(self) -> None:
        """The same for a socket bound to every address: a reply must come from the address that was asked."""
        receive = self._sock.recvmsg
        peers, hits = self._peers(), self._journal.hits
        now = self._clock.monotonic()
        second = int(now)
        self._misses.begin()
        try:
            for _ in range(DRAIN):
                data, ancillary, _, source = receive(MAX_SIZE, _ANCILLARY)
                destination = [item for item in ancillary if item[1] in _PKTINFO]
                peer = peers[source[0]]
                packet = peer.packets.get(data[2:])
                if packet is None or packet.expires <= now or not source[1]:
                    self._misses.miss(data, source, destination)
                    continue
                if packet.second != second:
                    packet.age(second)
                hits[peer][packet] += 1
                self.send(data[:2] + packet.body, source, destination)
        except BlockingIOError:
            return
        except OSError:
            self.dropped += 1

    def send(self, answer: bytes, source: Any, ancillary: Ancillary | None) -> None:
        try:
            if ancillary is None:
                self._sock.sendto(answer, source)
            else:
                self._sock.sendmsg((answer,), ancillary, 0, source)
        except OSError:
            self.dropped += 1  # the client is unreachable or the buffer full; it asks again


PYTHON = Fast(SocketDrain, Packets)

_IPV6_RECVPKTINFO = 49
_PKTINFO = frozenset({8, 50})  # IP_PKTINFO, IPV6_PKTINFO (linux/in.h): what comes in names the source of what goes out


def _ask_for_destination(sock: socket.socket) -> None:
    """Have every datagram bring the address it was sent to (ip(7), IP_PKTINFO; RFC 3542)."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, 8, 1)
