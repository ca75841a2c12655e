"""UDP: the hot path. A readable socket is drained, hits are answered in place, anything else starts a task; not more of
them at once than hits can wait for.

The body of `_drain` is measured, not guessed: a hit is one dict look-up by address, one by the datagram itself, two
system calls and one count. Keep it that way.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from resolver.journal.journal import Journal
from resolver.listen.turns import Turns
from resolver.model import Clock, Transport
from resolver.pipeline.answering import Answer, Answering
from resolver.pipeline.identify import Peers
from resolver.policy.clients import place

DRAIN = 64  # datagrams taken at one wake-up before other work gets its turn
FEW, MANY = 4, DRAIN  # of them, how many of those that take work: by how long the last ones took
SLICE = 0.001  # seconds that hits may have to wait for them
MAX_SIZE = 4096
_ANCILLARY = 128

Ancillary = list[tuple[int, int, bytes]]
"""What comes with a datagram (recvmsg(2)): to which address it was sent."""

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class UdpListener:
    """One UDP socket. `spawn` runs the answers that need waiting, `peers` gives the table of the bundle in force."""

    def __init__(
        self,
        sock: socket.socket,
        answering: Answering,
        peers: Callable[[], Peers],
        journal: Journal,
        clock: Clock,
        spawn: Spawn,
    ) -> None:
        self._sock = sock
        self._answering = answering
        self._peers = peers
        self._journal = journal
        self._clock = clock
        self._spawn = spawn
        self._loop = asyncio.get_running_loop()
        self.waiting = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self.dropped = 0
        self._turns: Turns[tuple[bytes, Any, Ancillary | None]] = Turns()
        self._share = self._room = MANY // 4
        self._working = False
        self._worked = 0.0  # when (monotonic) some of what waited was done last, while more of it waits
        wildcard = sock.getsockname()[0] in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
        if wildcard:
            _ask_for_destination(sock)
        self._loop.add_reader(sock.fileno(), self._drain_wildcard if wildcard else self._drain)

    def stop(self) -> None:
        """Read no more. Answers under way are still sent."""
        self._loop.remove_reader(self._sock.fileno())

    def _drain(self) -> None:
        receive, send = self._sock.recvfrom, self._sock.sendto
        peers, hits = self._peers(), self._journal.hits
        now = self._clock.monotonic()
        second = int(now)
        self._room = self._share
        try:
            for _ in range(DRAIN):
                data, source = receive(MAX_SIZE)
                peer = peers[source[0]]
                packet = peer.packets.get(data[2:])
                if packet is None or packet.expires <= now:
                    self._miss(data, source, None)
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
        self._room = self._share
        try:
            for _ in range(DRAIN):
                data, ancillary, _, source = receive(MAX_SIZE, _ANCILLARY)
                destination = [item for item in ancillary if item[1] in _PKTINFO]
                peer = peers[source[0]]
                packet = peer.packets.get(data[2:])
                if packet is None or packet.expires <= now or not source[1]:
                    self._miss(data, source, destination)
                    continue
                if packet.second != second:
                    packet.age(second)
                hits[peer][packet] += 1
                self._send(data[:2] + packet.body, source, destination)
        except BlockingIOError:
            return
        except OSError:
            self.dropped += 1

    def _miss(self, data: bytes, source: Any, ancillary: Ancillary | None) -> None:
        """Answer now what can be, within reason; the rest in turn."""
        if not source[1]:
            return  # source port 0 cannot be answered
        if self._room and not self._turns:
            self._room -= 1
            self._answer(data, source, ancillary)
            return
        if not self._turns.add(place(source[0]), (data, source, ancillary)):
            self.dropped += 1  # it asks again
        elif not self._working:
            self._working = True
            self.idle.clear()
            self._loop.call_soon(self._work)

    def _work(self) -> None:
        """Some of what waits; then the socket is looked at again. What is begun here goes on in between, so that only
        the time from one time to the next tells how much it is."""
        now = self._clock.monotonic()
        if self._worked:
            slow = now - self._worked > SLICE
            self._share = max(FEW, self._share // 2) if slow else min(MANY, self._share + FEW)
        for _ in range(min(self._share, len(self._turns))):
            self._answer(*self._turns.take())
        self._working = bool(self._turns)
        self._worked = now if self._working else 0.0
        if self._working:
            self._loop.call_soon(self._work)
        elif not self.waiting:
            self.idle.set()

    def _answer(self, data: bytes, source: Any, ancillary: Ancillary | None) -> None:
        answer = self._answering.answer(data, source[0], Transport.UDP)
        if isinstance(answer, bytes):
            self._send(answer, source, ancillary)
        elif answer is not None:
            self.waiting += 1
            self.idle.clear()
            self._spawn(self._answer_later(answer, source, ancillary))

    async def _answer_later(
        self, answer: Coroutine[Any, Any, Answer], source: Any, ancillary: Ancillary | None
    ) -> None:
        try:
            data = await answer
            if data is not None:
                self._send(data, source, ancillary)
        finally:
            self.waiting -= 1
            if not self.waiting and not self._working:
                self.idle.set()

    def _send(self, answer: bytes, source: Any, ancillary: Ancillary | None) -> None:
        try:
            if ancillary is None:
                self._sock.sendto(answer, source)
            else:
                self._sock.sendmsg((answer,), ancillary, 0, source)
        except OSError:
            self.dropped += 1  # the client is unreachable or the buffer full; it asks again


_IPV6_RECVPKTINFO = 49
_PKTINFO = frozenset({8, 50})  # IP_PKTINFO, IPV6_PKTINFO (linux/in.h): what comes in names the source of what goes out


def _ask_for_destination(sock: socket.socket) -> None:
    """Have every datagram bring the address it was sent to (ip(7), IP_PKTINFO; RFC 3542)."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, 8, 1)
