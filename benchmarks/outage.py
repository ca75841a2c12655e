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
from typing import cast

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from tests.daemon.harness import Daemon

TTL = 2
_PATIENCE = 6.0  # seconds


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
                head = data[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
                answer = b"\xc0\x0c\0\1\0\1" + TTL.to_bytes(4, "big") + b"\0\4\xcb\0\x71" + bytes((self.serial,))
                self._sock.sendto(head + data[12:end] + answer, source)


class Client(asyncio.DatagramProtocol):
    """Asks over one socket; `ask` gives the last byte of the address (None: no answer), and the seconds it took."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._id = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        future = self._waiting.pop(int.from_bytes(data[:2], "big"), None)
        if future is not None and not future.done():
            future.set_result(data)

    async def ask(self, name: str) -> tuple[int | None, float]:
        self._id = (self._id + 1) & 0xFFFF
        future = self._waiting[self._id] = asyncio.get_running_loop().create_future()
        labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
        self._transport.sendto(self._id.to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1")
        began = time.monotonic()
        try:
            async with asyncio.timeout(_PATIENCE):
                data = await future
        except TimeoutError:
            return None, _PATIENCE
        return (data[-1] if data[7] and not data[3] & 15 else None), time.monotonic() - began


async def rounds(
    client: Client, names: list[str], seconds: float, rate: float
) -> list[tuple[float, int | None, float]]:
    """Ask all names in turn at this rate; when each was asked (since the beginning), what came and after how long."""
    began = time.monotonic()
    tasks = []
    while (now := time.monotonic() - began) < seconds:
        while len(tasks) < now * rate:
            name = names[len(tasks) % len(names)]
            tasks.append((now, asyncio.ensure_future(client.ask(name))))
        await asyncio.sleep(0.002)
    return [(at, *(await task)) for at, task in tasks]


async def measure(port: int, upstreams: list[Upstream], options: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    _, client = await loop.create_datagram_endpoint(Client, remote_addr=("127.0.0.1", port))
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
