#!/usr/bin/env python3
"""What clients notice when every upstream dies, and when they come back: outage.py [--names 2000] [--seconds 20]

Runs the daemon with two upstreams, has it learn names whose TTL is 2 seconds, makes both upstreams silent (their
sockets stay, nothing comes back), asks all names again and again, and then lets the upstreams answer. Prints the part
that was answered, the longest waits at first and once the silence is known, the seconds until answers are fresh again,
and the upstream queries for each name then. Loopback only; it ends what it started.
"""

from __future__ import annotations

import argparse
import asyncio
import pathlib
import socket
import sys
import tempfile
import threading
import time
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks.loopback import Client, answer
from tests.daemon.harness import Daemon

TTL = 2


class Upstream(threading.Thread):
    """Answers every A question, with `serial` as the address, unless it is `silent`."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._sock.bind(("127.0.0.1", 0))
        self.url = f"udp://127.0.0.1:{self._sock.getsockname()[1]}"
        self.silent = False
        self.serial = 1
        self.asked: Counter[bytes] = Counter()
        self.start()

    def run(self) -> None:
        while True:
            data, source = self._sock.recvfrom(4096)
            end = data.index(b"\0", 12) + 5
            self.asked[data[12:end]] += 1
            if not self.silent:
                self._sock.sendto(answer(data, bytes((203, 0, 113, self.serial)), TTL), source)


async def rounds(
    client: Client, names: list[str], seconds: float, rate: float
) -> list[tuple[float, int | None, float]]:
    """Ask all names in turn at this rate; when each was asked (since the beginning), the last byte of the address that
    came (None: no answer) and after how long."""
    began = time.monotonic()
    tasks: list[tuple[float, asyncio.Future[tuple[bytes | None, float]]]] = []
    while (now := time.monotonic() - began) < seconds:
        while len(tasks) < now * rate:
            name = names[len(tasks) % len(names)]
            tasks.append((now, asyncio.ensure_future(client.ask(name))))
        await asyncio.sleep(0.002)
    return [(at, _last(reply), took) for at, task in tasks for reply, took in [await task]]


def _last(reply: bytes | None) -> int | None:
    return reply[-1] if reply and reply[7] and not reply[3] & 15 else None


async def measure(port: int, upstreams: list[Upstream], options: argparse.Namespace) -> None:
    client = await Client.to(port)
    names = [f"host{n}.example" for n in range(options.names)]
    for start in range(0, len(names), 100):
        await asyncio.gather(*[client.ask(name) for name in names[start : start + 100]])
    await asyncio.sleep(TTL + 1)
    for upstream in upstreams:
        upstream.silent = True
        upstream.asked.clear()
    found = await rounds(client, names, options.seconds, options.rate)
    answered = sum(last is not None for _, last, _ in found)
    known = [took for at, _, took in found if at > 2.0]
    print(f"all dead: {answered / len(found):.3%} of {len(found)} answered, in {options.seconds} s")
    print(f"  at first at most {max(took for _, _, took in found):.3f} s; known after 2 s: at most {max(known):.3f} s")
    print(f"  upstream queries: {sum(sum(one.asked.values()) for one in upstreams)}")
    for upstream in upstreams:
        upstream.silent, upstream.serial = False, 2
        upstream.asked.clear()
    # One round takes as long as a TTL at least, so that no name has to be asked for twice in it.
    found = await rounds(client, names, options.seconds, options.rate)
    fresh = [at for at, last, _ in found if last == 2]
    stale = [at + took for at, last, took in found if last != 2]
    asked = sum((one.asked for one in upstreams), Counter())
    per_name = sum(asked.values()) / len(names) / max(options.seconds / max(TTL, len(names) / options.rate), 1)
    print(f"back: first fresh answer after {min(fresh):.2f} s, the last old one at {max(stale, default=0):.2f} s")
    print(f"  upstream queries for each name and {TTL} s: {per_name:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=500, help="queries a second")
    options = parser.parse_args()
    upstreams = [Upstream(), Upstream()]
    with tempfile.TemporaryDirectory() as directory:
        urls = [upstream.url for upstream in upstreams]
        daemon = Daemon(pathlib.Path(directory), urls)
        try:
            daemon.start()
            asyncio.run(measure(daemon.dns, upstreams, options))
        finally:
            daemon.stop()


if __name__ == "__main__":
    main()
