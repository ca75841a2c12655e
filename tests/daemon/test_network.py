"""The real daemon in a network of its own that is not there at first, comes, goes and comes again."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
import time
from collections.abc import Iterator

from tests.daemon.harness import Daemon
from tests.daemon.test_upstream_faults import NETWORK, SERVFAIL, ede
from tests.network.apart import apart, ip

AWAY = "192.0.2.53"  # an address that this machine has while there is a network
STALE = 3
TTL = 1


class Far(threading.Thread):
    """An upstream at that address; `serial` is the last byte of its answers."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._sock = socket.socket(type=socket.SOCK_DGRAM)
        self._sock.bind(("0.0.0.0", 0))
        self.url = f"udp://{AWAY}:{self._sock.getsockname()[1]}"
        self.serial = 1
        self.asked = 0
        self.start()

    def run(self) -> None:
        while data := self._sock.recvfrom(4096):
            query, source = data
            end = query.index(b"\0", 12) + 5
            self.asked += 1
            answer = b"\xc0\x0c\0\1\0\1" + TTL.to_bytes(4, "big") + b"\0\4\xcb\0\x71" + bytes((self.serial,))
            with contextlib.suppress(OSError):
                head = query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
                self._sock.sendto(head + query[12:end] + answer, source)


@contextlib.contextmanager
def offline(directory: pathlib.Path, far: Far) -> Iterator[Daemon]:
    daemon = Daemon(directory, [far.url])
    try:
        daemon.start()
        daemon.wait(daemon.up, 20)
        yield daemon
    finally:
        daemon.stop()


def fresh(daemon: Daemon, name: str, serial: int) -> bool:
    """Whether an answer of now comes, at once."""
    began = time.monotonic()
    answer = daemon.ask(name, timeout=3)
    assert answer is not None
    assert time.monotonic() - began < 2.0
    return [str(rr.rdata) for rr in answer.rr] == [f"203.0.113.{serial}"]


def fails(daemon: Daemon, name: str) -> None:
    began = time.monotonic()
    answer = daemon.ask(name, timeout=3)
    assert answer is not None
    assert time.monotonic() - began < 1.0
    assert answer.header.rcode == SERVFAIL
    code, text = ede(answer)
    assert (code, text.endswith("Network is unreachable")) == (NETWORK, True)


def said(daemon: Daemon, *, well: bool, reason: str) -> None:
    def so() -> bool:
        status = daemon.api("GET", "status")
        told = [(one["up"], one["reason"]) for one in status["upstreams"]]  # none before the first report
        return status["well"] == well and told == [(well, reason)]

    daemon.wait(so, 5)


def test_a_network_that_comes_and_goes(tmp_path: pathlib.Path) -> None:
    def work() -> None:
        ip("link", "set", "lo", "up")
        far = Far()
        with offline(tmp_path, far) as daemon:
            assert daemon.blocked("doubleclick.net")
            fails(daemon, "a.example")
            fails(daemon, "b.example")
            said(daemon, well=False, reason="Network is unreachable")
            ip("addr", "add", f"{AWAY}/32", "dev", "lo")
            assert daemon.wait(lambda: fresh(daemon, "a.example", 1), 6) <= 5
            said(daemon, well=True, reason="")
            ip("addr", "del", f"{AWAY}/32", "dev", "lo")
            far.serial = 2
            time.sleep(TTL + 0.5)
            for _ in range(5):
                assert fresh(daemon, "a.example", 1)  # the old answer is better than none
                time.sleep(0.3)
            answer = daemon.ask("a.example")
            assert answer is not None
            assert ede(answer)[0] == STALE
            fails(daemon, "c.example")
            assert daemon.blocked("doubleclick.net")
            said(daemon, well=False, reason="Network is unreachable")
            asked = far.asked
            ip("addr", "add", f"{AWAY}/32", "dev", "lo")
            assert daemon.wait(lambda: fresh(daemon, "a.example", 2), 6) <= 5
            assert far.asked - asked < 10
            said(daemon, well=True, reason="")

    apart(work)
