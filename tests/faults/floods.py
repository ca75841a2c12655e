"""Names that nobody has, without end; and how much comes back for a little."""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import dns.message

from tests.daemon.harness import Daemon, Upstream, running
from tests.faults.probe import Probe, probed
from tests.faults.told import ROOT, SHORT, Scale, Told

NAMES = [f"host{number}.example" for number in range(20)]
SECONDS = 60
RATE = 20_000
_TWICE = 2.0
_NOTHING = 1.0  # ms: what is below it cannot be told from noise
_MOST_ASKED = 3  # upstream queries for one of a client
_LARGEST = 1232


def subdomains(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """Random names below one domain, whose upstream says nothing; names that are known are answered as ever."""
    seconds, rate = max(3, int(SECONDS * scale)), RATE if scale >= 0.1 else 2000
    with running(directory) as daemon, silent() as deaf:
        more = f"forward: {{flooded.example: 'udp://127.0.0.1:{deaf}'}}\nlimits: {{client: 0}}\n"
        daemon.write_config(more)
        daemon.hang_up()
        daemon.wait(daemon.up, 30)
        probed(daemon.dns, NAMES, 1)
        calm = probed(daemon.dns, NAMES, seconds)
        with flood(daemon.dns, rate), Probe(daemon.dns, NAMES) as probe:
            time.sleep(seconds)
        fared = probe.fared
        after = probed(daemon.dns, NAMES, 2)
    bound = max(_NOTHING, _TWICE * calm.at(0.99))
    return [
        Told(
            "random names below a domain whose resolver is silent",
            f"{rate:,} q/s of them, {fared.rate} of known names",
            f"{fared.loss} for known names",
            f"p99 {calm.at(0.99):.2f} ms before, {fared.at(0.99):.2f} ms meanwhile, {after.at(0.99):.2f} ms after",
            fared.lost == 0 and (fared.at(0.99) <= bound or scale < SHORT),
        )
    ]


def amplification(directory: pathlib.Path, _: Scale) -> Sequence[Told]:
    """The largest reply over UDP to whatever a client says it can take, and the queries that one of a client costs."""
    largest = ratio = 0.0
    texts = {"big": ["x" * 200] * 60, "fits": ["x" * 160] * 7}
    records = [f"{name}.home.arpa. 300 TXT {' '.join(text)}" for name, text in texts.items()]
    with running(directory, f"records: {records}\n") as daemon:
        daemon.wait(daemon.up, 30)
        for name in ("big.home.arpa", "fits.home.arpa", "doubleclick.net", "www.example"):
            for type in ("A", "TXT", "ANY", "DNSKEY"):
                for payload in (None, 0, 512, 1232, 4096, 65535):
                    sent, got = _sizes(daemon, name, type, payload)
                    largest, ratio = max(largest, got), max(ratio, got / sent)
    asked = _asked_for_one(directory)
    return [
        Told(
            "amplification",
            "queries of every type and size",
            "nothing",
            f"largest UDP reply {largest:.0f} bytes, {ratio:.1f} times its query; "
            f"upstream queries for one query {asked} at most, all upstreams failing",
            largest <= _LARGEST and asked <= _MOST_ASKED,
        )
    ]


def _sizes(daemon: Daemon, name: str, type: str, payload: int | None) -> tuple[int, int]:
    query = dns.message.make_query(name, type)
    if payload is not None:
        query.use_edns(0, 0, payload)
    wire = query.to_wire()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(wire, ("127.0.0.1", daemon.dns))
        return len(wire), len(sock.recv(65535))


def _asked_for_one(directory: pathlib.Path) -> int:
    """With three upstreams, each of which fails."""
    place = directory / "failing"
    place.mkdir()
    counters = [_Failing() for _ in range(3)]
    daemon = Daemon(place, [f"udp://127.0.0.1:{one.port}" for one in counters])
    try:
        daemon.start()
        daemon.wait(daemon.up, 30)
        time.sleep(1)
        worst = 0
        for number in range(50):
            name = f"once{number}.example".encode()
            daemon.ask(name.decode(), timeout=8)
            worst = max(worst, sum(one.asked(name) for one in counters))
        return worst
    finally:
        daemon.stop()
        for one in counters:
            one.close()


class _Failing(Upstream):
    """Says SERVFAIL to everything, and remembers what it was asked."""

    def _serve(self) -> None:
        self._queries: list[bytes] = []
        while True:
            data, source = self._sock.recvfrom(4096)
            if data == b"stop":
                return
            self._queries.append(data)
            self._sock.sendto(
                data[:2] + b"\x81\x82" + data[4:6] + bytes(6) + data[12 : data.index(b"\0", 12) + 5], source
            )

    def asked(self, name: bytes) -> int:
        wire = b"".join(bytes((len(label),)) + label for label in name.split(b"."))
        return sum(wire in query for query in self._queries)


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """The port of a resolver that never says anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@contextlib.contextmanager
def flood(port: int, rate: int) -> Iterator[None]:
    """Random names at a rate, from a process of its own."""
    command = [sys.executable, "-m", "tests.faults.floods", str(port), str(rate)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    try:
        time.sleep(0.5)
        yield
    finally:
        process.communicate(b"")


def main() -> None:
    port, rate = int(sys.argv[1]), int(sys.argv[2])
    head = bytes(2) + b"\1\0\0\1\0\0\0\0\0\0\x10"
    tail = b"\7flooded\7example\0\0\1\0\1"
    sent, began = 0, time.monotonic()
    socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(16)]
    for sock in socks:
        sock.connect(("127.0.0.1", port))
    while not select.select([sys.stdin], [], [], 0.001)[0]:
        while sent < (time.monotonic() - began) * rate:
            with contextlib.suppress(OSError):
                socks[sent % 16].send(head + os.urandom(8).hex().encode() + tail)
            sent += 1


if __name__ == "__main__":
    main()
