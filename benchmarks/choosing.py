#!/usr/bin/env python3
"""What clients notice of upstreams that are dead, slow, lossy or flapping: choosing.py [SITUATION ...] [--rate 200]

Each situation runs the daemon with two resolvers (or one) of this machine over UDP and TCP, asks names that nobody
asked before at a steady rate, and prints the share of SERVFAIL, how long clients waited, how many upstream queries
there were for each of theirs, and when the daemon's own state changed. Loss and jitter are made by the resolvers: of
the datagrams in each direction that share is dropped, and every reply is held back at random; over TCP they are held
back for a retransmission (0.3 s) instead, as TCP does. Loopback only; it ends what it started.
"""

from __future__ import annotations

import argparse
import asyncio
import pathlib
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any, cast

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks.loopback import Client, answer
from tests.daemon.harness import Daemon, free_port

_RETRANSMISSION = 0.3  # seconds
SECONDS = 20.0


class Resolver(threading.Thread):
    """Answers every A question over UDP and TCP. While `dead` it takes queries and says nothing; `lost` is the share of
    datagrams that are dropped in each direction, `delay` and `jitter` are seconds, `rcode` what it answers."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.port = free_port()
        self.url = f"udp://127.0.0.1:{self.port}"
        self.dead = False
        self.lost = self.jitter = self.delay = 0.0
        self.rcode = 0
        self.garbage = False
        self.asked = self.probed = 0
        self.first = 0.0
        self._chance = random.Random(7)
        self._ready = threading.Event()
        self.start()
        self._ready.wait()

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=("127.0.0.1", self.port))
        await asyncio.start_server(self._stream, "127.0.0.1", self.port)
        self._ready.set()
        await asyncio.Event().wait()

    def answer(self, query: bytes) -> bytes | None:
        """The reply, unless it is dead."""
        if query[12:17] == b"\0\0\2\0\1":
            self.probed += 1
        else:
            self.asked += 1
            self.first = self.first or time.monotonic()
        if self.dead:
            return None
        end = query.index(b"\0", 12) + 5
        if self.garbage:
            return query[:2] + b"\x81\x80\0\1\0\x09\0\0\0\0" + query[12:end] + b"\xff" * 9
        if self.rcode or query[12:17] == b"\0\0\2\0\1":
            return query[:2] + bytes((0x81, 0x80 | self.rcode)) + b"\0\1\0\0\0\0\0\0" + query[12:end]
        return answer(query, bytes((203, 0, 113, 1)))

    def drops(self) -> bool:
        return self._chance.random() < self.lost

    def after(self) -> float:
        return self.delay + self._chance.random() * self.jitter

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                reply = self.answer(query)
                if reply is not None:
                    late = _RETRANSMISSION * (self.drops() + self.drops())
                    data = len(reply).to_bytes(2, "big") + reply
                    self._loop.call_later(self.after() + late, writer.write, data)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, home: Resolver) -> None:
        self._home = home

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        home = self._home
        if home.drops():
            return
        reply = home.answer(data)
        if reply is not None and not home.drops():
            asyncio.get_running_loop().call_later(home.after(), self._transport.sendto, reply, addr)


class Run:
    """One situation under way. `states` are changes of who is up, as the admin's `status` tells, with the time."""

    def __init__(self, daemon: Daemon, resolvers: list[Resolver], rate: float) -> None:
        self.resolvers = resolvers
        self._daemon = daemon
        self._rate = rate
        self.states: list[tuple[float, tuple[bool, ...]]] = []
        self._watching = True

    def watch(self) -> None:
        """Look at the state until told to stop."""
        while self._watching:
            by_url = {one["url"]: one["up"] for one in self._daemon.api("GET", "status")["upstreams"]}
            state = tuple(by_url.get(one.url, True) for one in self.resolvers)  # unknown at first
            if not self.states or self.states[-1][1] != state:
                self.states.append((time.monotonic(), state))
            time.sleep(0.05)

    async def clients(self, seconds: float, events: list[tuple[float, Callable[[], None]]]) -> None:
        """Ask at the rate for so long, while at their times events happen; print what came of it."""
        client = await Client.to(self._daemon.dns)
        before = sum(one.asked for one in self.resolvers)
        began = time.monotonic()
        tasks: list[asyncio.Future[tuple[bytes | None, float]]] = []
        while (now := time.monotonic() - began) < seconds:
            while events and events[0][0] <= now:
                events.pop(0)[1]()
            while len(tasks) < now * self._rate:
                tasks.append(asyncio.ensure_future(client.ask(f"n{random.getrandbits(60)}.example")))
            await asyncio.sleep(0.002)
        found = [await task for task in tasks]
        self._watching = False
        waits = sorted(took for _, took in found)
        right = [took for reply, took in found if reply is not None and not reply[3] & 15]
        failed = len(found) - len(right)
        in_time = sum(took <= 3 for took in right)
        asked = sum(one.asked for one in self.resolvers) - before
        print(f"  {len(found)} questions: {failed} without an answer ({failed / len(found):.3%})", end="; ")
        print(f"within 3 s {in_time / len(found):.3%}", end="; ")
        share = [waits[int(len(waits) * part)] for part in (0.5, 0.95, 0.99, 0.999)]
        print(f"waits p50/95/99/99.9 {' '.join(f'{1000 * one:.0f}' for one in share)} ms, most {waits[-1]:.2f} s")
        print(f"  upstream queries for each: {asked / len(found):.2f}; each got", [one.asked for one in self.resolvers])
        print(f"  probes: {[one.probed for one in self.resolvers]}", end="; ")
        print("states:", [(round(at - began, 2), state) for at, state in self.states])


def dead(one: Resolver, *, yes: bool = True) -> Callable[[], None]:
    return lambda: setattr(one, "dead", yes)


def primary_dead(run: Run) -> list[tuple[float, Callable[[], None]]]:
    """One of two dies after 3 s and is back after 13 s."""
    return [(3, dead(run.resolvers[0])), (13, dead(run.resolvers[0], yes=False))]


def flapping(run: Run) -> list[tuple[float, Callable[[], None]]]:
    """One of two is dead for 3 of every 6 s."""
    return [(3 * n, dead(run.resolvers[0], yes=n % 2 == 1)) for n in range(1, 6)]


def lossy(run: Run) -> list[tuple[float, Callable[[], None]]]:
    """20 % lost on the way to both and jitter of 200 ms."""
    for one in run.resolvers:
        one.lost, one.jitter, one.delay = 0.2, 0.2, 0.02
    return []


def lossy_both_ways(run: Run) -> list[tuple[float, Callable[[], None]]]:
    """10 % lost in each direction, 19 % of round trips, with jitter of 200 ms."""
    for one in run.resolvers:
        one.lost, one.jitter, one.delay = 0.106, 0.2, 0.02
    return []


def slow(run: Run) -> list[tuple[float, Callable[[], None]]]:
    """One takes 250 ms, the other 15."""
    run.resolvers[0].delay, run.resolvers[-1].delay = 0.25, 0.015
    return []


def lame(run: Run) -> list[tuple[float, Callable[[], None]]]:
    """One answers REFUSED to everything from 3 s on, until 13 s."""
    one = run.resolvers[0]
    return [(3, lambda: setattr(one, "rcode", 5)), (13, lambda: setattr(one, "rcode", 0))]


def garbage(run: Run) -> list[tuple[float, Callable[[], None]]]:
    """One answers garbage from 3 s on, until 13 s."""
    one = run.resolvers[0]
    return [(3, lambda: setattr(one, "garbage", True)), (13, lambda: setattr(one, "garbage", False))]


SITUATIONS = {
    "dead-ordered": (2, "ordered", primary_dead),
    "dead-fastest": (2, "fastest", primary_dead),
    "dead-parallel": (2, "parallel", primary_dead),
    "flapping": (2, "ordered", flapping),
    "lossy": (2, "fastest", lossy),
    "lossy-19": (2, "fastest", lossy_both_ways),
    "lossy-single": (1, "fastest", lossy),
    "lossy-19-single": (1, "fastest", lossy_both_ways),
    "slow": (2, "fastest", slow),
    "lame": (2, "ordered", lame),
    "garbage": (2, "ordered", garbage),
}


def situation(name: str, rate: float) -> None:
    count, strategy, prepare = SITUATIONS[name]
    resolvers = [Resolver() for _ in range(count)]
    print(f"{name} ({strategy}): {prepare.__doc__}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        config = f"strategy: {strategy}\ncache: {{stale: 0s}}\n"
        daemon = Daemon(pathlib.Path(directory), [one.url for one in resolvers], config)
        try:
            daemon.start()
            daemon.wait(daemon.up, 20)
            run = Run(daemon, resolvers, rate)
            watching = threading.Thread(target=run.watch)
            watching.start()
            asyncio.run(run.clients(SECONDS, prepare(run)))
            watching.join()
        finally:
            daemon.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("situations", nargs="*", default=list(SITUATIONS), metavar="SITUATION", help="by default all")
    parser.add_argument("--rate", type=float, default=200, help="questions a second")
    options = parser.parse_args()
    for name in options.situations:
        situation(name, options.rate)


if __name__ == "__main__":
    main()
