"""A second hot path, written to be obviously right: tables are lists, each query is looked for from the front, an
answer is aged from what it was at first, and every hit is remembered by itself until the journal asks."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

from resolver.cache.packets import Packet
from resolver.journal.journal import Hits, Journal
from resolver.listen.drain import DRAIN, MAX_SIZE, Ancillary, Fast, Misses
from resolver.model import Clock
from resolver.pipeline.identify import Peer, Peers

_PACKET = 500  # bytes that an entry is taken to weigh beside its body


class NaiveTable:
    """A Table (`cache/table.py`): a list, the oldest entry first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.evicted = 0
        self.entries: list[tuple[bytes, Packet]] = []

    @property
    def weight(self) -> int:
        return sum(_PACKET + len(packet.body) for _, packet in self.entries)

    @weight.setter
    def weight(self, value: int) -> None:
        raise AssertionError(value)

    def get(self, key: bytes, /) -> Packet | None:
        return next((packet for known, packet in self.entries if known == key), None)

    def put(self, key: bytes, value: Packet, /) -> None:
        self.entries = [entry for entry in self.entries if entry[0] != key]
        if _PACKET + len(value.body) > self.capacity:
            return
        self.entries.append((key, value))
        while self.weight > self.capacity:
            self.entries.pop(0)
            self.evicted += 1

    def popitem(self) -> tuple[bytes, Packet]:
        return self.entries.pop()

    def __len__(self) -> int:
        return len(self.entries)


class NaiveDrain:
    """A Drain (`listen/drain.py`). The methods with a name of their own are what mutants change."""

    most = DRAIN

    def __init__(
        self, sock: socket.socket, peers: Callable[[], Peers], journal: Journal, clock: Clock, misses: Misses
    ) -> None:
        self.sock = sock
        self.peers = peers
        self.clock = clock
        self.misses = misses
        self.dropped = 0
        self.given: list[tuple[Peer, Packet]] = []
        journal.counting.append(self.pour)
        self.loop = asyncio.get_running_loop()
        self.wildcard = sock.getsockname()[0] in {"0.0.0.0", "::"}
        if self.wildcard and sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, 49, 1)  # IPV6_RECVPKTINFO
        elif self.wildcard:
            sock.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO
        self.loop.add_reader(sock.fileno(), self.wake)

    def stop(self) -> None:
        self.loop.remove_reader(self.sock.fileno())

    def wake(self) -> None:
        self.misses.begin()
        for _ in range(self.most):
            try:
                data, ancillary, _, source = self.sock.recvmsg(MAX_SIZE, 256)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error of an answer before
                self.dropped += 1
                continue
            self.one(data, source, ancillary if self.wildcard else None)

    def one(self, data: bytes, source: Any, ancillary: Ancillary | None) -> None:
        peer = self.who(source)
        packet = self.find(peer, data)
        if packet is None or not source[1]:
            self.misses.miss(data, source, ancillary)
            return
        self.send(self.reply(data, packet), source, ancillary)
        self.count(peer, packet)

    def who(self, source: Any) -> Peer:
        return self.peers()[source[0]]

    def find(self, peer: Peer, data: bytes) -> Packet | None:
        packet = peer.packets.get(data[2:])
        return packet if packet is not None and packet.expires > self.clock.monotonic() else None

    def reply(self, data: bytes, packet: Packet) -> bytes:
        body = bytearray(packet.body)
        for at in packet.ttls:
            left = struct.unpack_from("!L", body, at)[0] - (int(self.clock.monotonic()) - packet.second)
            struct.pack_into("!L", body, at, max(left, 0))
        return data[:2] + bytes(body)

    def count(self, peer: Peer, packet: Packet) -> None:
        self.given.append((peer, packet))

    def pour(self, hits: Hits) -> None:
        given, self.given = self.given, []
        for peer, packet in given:
            hits[peer][packet] += 1

    def send(self, answer: bytes, source: Any, ancillary: Ancillary | None) -> None:
        try:
            self.sock.sendmsg((answer,), ancillary or (), 0, source)
        except OSError:
            self.dropped += 1


NAIVE = Fast(NaiveDrain, NaiveTable)
