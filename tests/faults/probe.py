"""How somebody fares who asks a few names all the time: in a process of its own, so that nothing here slows it down.

python -m tests.faults.probe PORT RATE NAME… asks until its standard input ends, then prints what it found as JSON.
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, Self

import dnslib
import msgspec

from tests.faults.told import ROOT, share

PATIENCE = 5.0
"""Seconds after which a query counts as lost."""


class Fared(msgspec.Struct, frozen=True):
    """Queries by the second in which they were sent: how many there were, how many were answered, and how long those
    took, in milliseconds."""

    seconds: list[tuple[int, int, list[float]]]

    @property
    def sent(self) -> int:
        return sum(sent for sent, _, _ in self.seconds)

    @property
    def lost(self) -> int:
        return self.sent - sum(answered for _, answered, _ in self.seconds)

    @property
    def rate(self) -> str:
        """What was asked in a second."""
        return f"{self.sent / max(1, len(self.seconds)):,.0f} q/s"

    @property
    def loss(self) -> str:
        """What was not answered."""
        return f"{self.lost:,} of {self.sent:,} queries"

    @property
    def times(self) -> list[float]:
        return [one for _, _, times in self.seconds for one in times]

    def at(self, part: float) -> float:
        """The milliseconds within which this part of the answers came."""
        return share(self.times, part)


class Probe:
    """Asks while the block runs."""

    def __init__(self, port: int, names: Sequence[str], rate: int = 200) -> None:
        self._command = [sys.executable, "-m", "tests.faults.probe", str(port), str(rate), *names]
        self.fared = Fared([])

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it has begun
        return self

    def __exit__(self, *_: object) -> None:
        found = self._process.communicate(b"")[0]
        self.fared = msgspec.json.decode(found, type=Fared)


def probed(port: int, names: Sequence[str], seconds: float, rate: int = 200) -> Fared:
    """How it fares for so long."""
    with Probe(port, names, rate) as probe:
        time.sleep(seconds)
    return probe.fared


class _Asking:
    def __init__(self, port: int, rate: int, names: Sequence[str]) -> None:
        self._rate = rate
        self._packets = [dnslib.DNSRecord.question(name).pack()[2:] for name in names]
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.connect(("127.0.0.1", port))
        self._sock.setblocking(False)
        self._waiting: dict[int, tuple[int, float]] = {}
        self._seconds: list[list[Any]] = []
        self._sent = 0

    def run(self) -> list[list[Any]]:
        began = time.monotonic()
        while not select.select([sys.stdin], [], [], 0)[0]:
            while self._sent < (time.monotonic() - began) * self._rate:
                self._send(int(time.monotonic() - began))
            self._receive(0.001)
        end = time.monotonic() + PATIENCE
        while self._waiting and time.monotonic() < end:
            self._receive(0.01)
        return self._seconds

    def _send(self, second: int) -> None:
        while len(self._seconds) <= second:
            self._seconds.append([0, 0, []])
        id = self._sent & 0xFFFF
        self._waiting[id] = second, time.monotonic()
        self._sent += 1
        self._seconds[second][0] += 1
        try:
            self._sock.send(id.to_bytes(2, "big") + self._packets[self._sent % len(self._packets)])
        except OSError:  # nobody listens there just now
            return

    def _receive(self, wait: float) -> None:
        if not select.select([self._sock], [], [], wait)[0]:
            return
        try:
            while True:
                data = self._sock.recv(4096)
                now = time.monotonic()
                second, sent = self._waiting.pop(int.from_bytes(data[:2], "big"), (0, 0.0))
                if sent and now - sent <= PATIENCE:
                    self._seconds[second][1] += 1
                    self._seconds[second][2].append(round(1000 * (now - sent), 3))
        except OSError:
            return


def main() -> None:
    port, rate, *names = sys.argv[1:]
    asking = _Asking(int(port), int(rate), names)
    print(flush=True)
    print(json.dumps({"seconds": asking.run()}))


if __name__ == "__main__":
    main()
