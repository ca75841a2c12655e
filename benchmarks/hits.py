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
from resolver.listen.batches import ANSWER, NAME, NEAR, Batch
from resolver.model import Client, Exchange
from resolver.pipeline.identify import Peer
from resolver.pipeline.prefetch import popular
from resolver.pipeline.rates import by_client
from resolver.process import SystemClock

_AT_ONCE = 1024  # datagrams put into the socket
_ME = "127.0.0.1"
_TEXTS = {bytes((127, 0, 0, 1)): _ME}

Step = Callable[[Batch, dict[str, Peer], Hits], int]
"""Takes a batch; how many datagrams it was."""


def receive(batch: Batch, peers: dict[str, Peer], hits: Hits) -> int:
    sizes = batch.receive()
    batch.taken(len(sizes))
    batch.taken_names(len(sizes))
    return len(sizes)


def key(batch: Batch, peers: dict[str, Peer], hits: Hits) -> int:
    sizes = batch.receive()
    data, names = batch.taken(len(sizes)), batch.taken_names(len(sizes))
    at = name = 0
    for size in sizes:
        names[name + 4 : name + 8]
        names[name + 2 : name + 4]
        data[at + 2 : at + size]
        at += NEAR
        name += NAME
    return len(sizes)


def look_up(batch: Batch, peers: dict[str, Peer], hits: Hits) -> int:
    sizes = batch.receive()
    data, names = batch.taken(len(sizes)), batch.taken_names(len(sizes))
    at = name = 0
    for size in sizes:
        text = _TEXTS.get(names[name + 4 : name + 8])
        packet = peers[text or _ME].packets.get(data[at + 2 : at + size]) if size <= NEAR else None
        if packet is None or packet.expires <= 100.5 or names[name + 2 : name + 4] == b"\0\0":
            raise AssertionError
        at += NEAR
        name += NAME
    return len(sizes)


def render(batch: Batch, peers: dict[str, Peer], hits: Hits) -> int:
    return _answered(batch, peers, None)


def count(batch: Batch, peers: dict[str, Peer], hits: Hits) -> int:
    return _answered(batch, peers, hits)


def send(batch: Batch, peers: dict[str, Peer], hits: Hits) -> int:
    sizes = _answered(batch, peers, hits)
    batch.send(0, sizes)
    return sizes


def _answered(batch: Batch, peers: dict[str, Peer], hits: Hits | None) -> int:
    sizes = batch.receive()
    data, names, out, out_sizes = batch.taken(len(sizes)), batch.taken_names(len(sizes)), batch.out, batch.out_sizes
    at = name = to = 0
    for n, size in enumerate(sizes):
        text = _TEXTS.get(names[name + 4 : name + 8])
        peer = peers[text or _ME]
        packet = peer.packets.get(data[at + 2 : at + size]) if size <= NEAR else None
        if packet is None or packet.expires <= 100.5 or names[name + 2 : name + 4] == b"\0\0":
            raise AssertionError
        if packet.second != 100:
            packet.age(100)
        body = packet.body
        length = len(body) + 2
        out[to : to + length] = data[at : at + 2] + body
        out_sizes[n + n + 1] = length
        if hits is not None:
            hits[peer][packet] += 1
        at += NEAR
        name += NAME
        to += ANSWER
    return len(sizes)


STEPS: tuple[Step, ...] = (receive, key, look_up, render, count, send)


class Bench:
    """A socket, a client of it, and finished answers to all that the client asks."""

    def __init__(self, names: int) -> None:
        self.sock = _socket()
        self.sock.bind((_ME, 0))
        self._batch = Batch(self.sock, 0)
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
        while step(self._batch, self.peers, self.journal.hits):
            pass
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
