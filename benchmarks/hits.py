#!/usr/bin/env python3
"""What a hit costs, part by part: microseconds of CPU on one core, with no other process at work.

python benchmarks/hits.py [--names 2000] [--rounds 60]

Datagrams are put into a socket's buffer and then taken out by the loop of `listen/draining.py` as far as each step, so
that only waiting is left out; the difference of two lines is the price of a step. Then what is done with the hits
once a second, for each row that comes of it. The least of all rounds is shown beside the median: what else the machine
does is in the latter. With 50,000 names instead of 2,000 caches of the processor miss.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import pathlib
import random
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from resolver.cache.packets import Packet, Packets
from resolver.journal import frames
from resolver.journal.journal import Hits, Journal
from resolver.listen import drain
from resolver.model import Client, Exchange
from resolver.pipeline.identify import Peer
from resolver.pipeline.prefetch import popular
from resolver.pipeline.rates import by_client
from resolver.process import SystemClock

_AT_ONCE = 1024  # datagrams put into the socket
_ME = "127.0.0.1"

Step = Callable[[socket.socket, dict[str, Peer], Hits], None]


def receive(sock: socket.socket, peers: dict[str, Peer], hits: Hits) -> None:
    take = sock.recvfrom
    while True:
        take(drain.MAX_SIZE)


def key(sock: socket.socket, peers: dict[str, Peer], hits: Hits) -> None:
    take = sock.recvfrom
    while True:
        data, _ = take(drain.MAX_SIZE)
        data[2:]


def look_up(sock: socket.socket, peers: dict[str, Peer], hits: Hits) -> None:
    take = sock.recvfrom
    while True:
        data, source = take(drain.MAX_SIZE)
        peer = peers[source[0]]
        peer.packets.get(data[2:])


def age(sock: socket.socket, peers: dict[str, Peer], hits: Hits) -> None:
    take = sock.recvfrom
    now = 100.5
    second = 100
    while True:
        data, source = take(drain.MAX_SIZE)
        peer = peers[source[0]]
        packet = peer.packets.get(data[2:])
        if packet is None or packet.expires <= now:
            raise AssertionError
        if packet.second != second:
            packet.age(second)


def count(sock: socket.socket, peers: dict[str, Peer], hits: Hits) -> None:
    take = sock.recvfrom
    now = 100.5
    second = 100
    while True:
        data, source = take(drain.MAX_SIZE)
        peer = peers[source[0]]
        packet = peer.packets.get(data[2:])
        if packet is None or packet.expires <= now:
            raise AssertionError
        if packet.second != second:
            packet.age(second)
        hits[peer][packet] += 1


def send(sock: socket.socket, peers: dict[str, Peer], hits: Hits) -> None:
    take, give = sock.recvfrom, sock.sendto
    now = 100.5
    second = 100
    while True:
        data, source = take(drain.MAX_SIZE)
        peer = peers[source[0]]
        packet = peer.packets.get(data[2:])
        if packet is None or packet.expires <= now:
            raise AssertionError
        if packet.second != second:
            packet.age(second)
        give(data[:2] + packet.body, source)
        hits[peer][packet] += 1


STEPS: tuple[Step, ...] = (receive, key, look_up, age, count, send)


class Bench:
    """A socket, a client of it, and finished answers to all that the client asks."""

    def __init__(self, names: int) -> None:
        self.sock = _socket()
        self.sock.bind((_ME, 0))
        self.client = _socket()
        self.client.connect(self.sock.getsockname())
        self.journal = Journal("feed")
        packets = self._packets = Packets(1 << 30)
        queries = []
        for number in range(names):
            name = b"name%d" % number
            query = b"\1\0\0\1\0\0\0\0\0\0" + bytes((len(name),)) + name + b"\7example\0\0\1\0\1"
            body = query + b"\xc0\x0c\0\1\0\1\0\0\0\x0a\0\4\0\0\0\0"
            rule = f"||name{number}.example^"
            exchange = Exchange(f"name{number}.example", 1, 0, "local", "block", "ads", rule)
            packets.put(query, Packet(body, (), exchange, 100.0, 1e9))
            queries.append(b"\1\2" + query)
        random.Random(5).shuffle(queries)
        self._queries: Iterator[bytes] = itertools.cycle(queries)
        self.peers = {_ME: Peer(Client(_ME, "default"), packets)}

    def timed(self, step: Step) -> float:
        """Microseconds for each of some datagrams."""
        for query in itertools.islice(self._queries, _AT_ONCE):
            self.client.send(query)
        began = time.thread_time_ns()
        try:
            step(self.sock, self.peers, self.journal.hits)
        except BlockingIOError:
            took = time.thread_time_ns() - began
        try:
            while True:
                self.client.recv(512)
        except BlockingIOError:
            pass
        return took / _AT_ONCE / 1000

    async def once_a_second(self, names: int) -> dict[str, float]:
        """Microseconds for each row of what is done with so many names' hits."""
        for packet in itertools.islice(self._packets.values(), names):
            self.journal.hits[self.peers[_ME]][packet] += 2
        hits = self.journal.hits
        taken: dict[str, float] = {}
        began = time.thread_time_ns()
        batch = await self.journal.roll(100)
        taken["fold"] = time.thread_time_ns() - began
        assert batch is not None
        began = time.thread_time_ns()
        await popular(hits, SystemClock())
        await by_client(hits)
        taken["tend"] = time.thread_time_ns() - began
        began = time.thread_time_ns()
        frames.pack(batch)
        taken["batch"] = time.thread_time_ns() - began
        self.journal.acknowledge(batch.seq)
        return {what: spent / names / 1000 for what, spent in taken.items()}


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    return sock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    bench = Bench(options.names)
    found: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for step in STEPS:
            found.setdefault(f"as far as {step.__name__}", []).append(bench.timed(step))
    for _ in range(max(options.rounds // 6, 3)):
        bench.journal.hits.clear()
        for what, spent in asyncio.run(bench.once_a_second(min(options.names, 20_000))).items():
            found.setdefault(f"each second, a row: {what}", []).append(spent)
    print(f"{options.names} names: µs, least and median of {options.rounds}")
    for what, all in found.items():
        print(f"  {what:28} {min(all):6.2f} {statistics.median(all):6.2f}")


if __name__ == "__main__":
    main()
