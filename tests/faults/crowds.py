"""Connections that want nothing but to be there: slow ones over TCP and TLS, slowloris on DoH and the admin."""

from __future__ import annotations

import contextlib
import pathlib
import resource
import select
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from tests.daemon.harness import free_port, running
from tests.faults.probe import Probe, probed
from tests.faults.told import ROOT, SHORT, Scale, Told

NAMES = [f"host{number}.example" for number in range(20)]
CONNECTIONS = 10_000
SECONDS = 60
_TWICE = 2.0
_NOTHING = 1.0  # ms: what is below it cannot be told from noise

KINDS = {
    "tcp": "DNS over TCP, a byte of a query every second",
    "tls": "DNS over TLS, nothing after the handshake",
    "https": "DNS over HTTPS, a byte of a request every second",
    "admin": "the admin, a byte of a request every second",
}


def faults(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """So many of each kind, while one goes on asking over UDP."""
    count, seconds = max(50, int(CONNECTIONS * scale)), max(2, int(SECONDS * scale))
    tls, https = free_port(), free_port()
    doors = f"encrypted: {{tls: ['127.0.0.1:{tls}'], https: ['127.0.0.1:{https}'], names: [dns.home.arpa]}}\n"
    with running(directory, doors) as daemon:
        daemon.wait(daemon.up, 60)
        probed(daemon.dns, NAMES, 1)
        calm = probed(daemon.dns, NAMES, seconds)
        told = []
        doors_of = {"tcp": daemon.dns, "tls": tls, "https": https, "admin": daemon.admin}
        for kind, port in list(doors_of.items())[:: 1 if scale >= SHORT else 2]:
            with crowd(kind, port, count), Probe(daemon.dns, NAMES) as probe:
                time.sleep(seconds)
            fared = probe.fared
            bound = max(_NOTHING, _TWICE * calm.at(0.99))
            told.append(
                Told(
                    f"{count:,} slow connections: {KINDS[kind]}",
                    f"{fared.rate} over UDP",
                    fared.loss,
                    f"UDP p99 {calm.at(0.99):.2f} ms before, {fared.at(0.99):.2f} ms meanwhile",
                    fared.lost == 0 and (fared.at(0.99) <= bound or scale < SHORT),
                )
            )
            daemon.wait(daemon.up, 30)
        return told


@contextlib.contextmanager
def crowd(kind: str, port: int, count: int) -> Iterator[None]:
    """So many connections of a kind, kept by a process of their own."""
    command = [sys.executable, "-m", "tests.faults.crowds", kind, str(port), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # all have tried
        yield
    finally:
        process.communicate(b"")


_REQUEST = b"GET /dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB HTTP/1.1\r\nHost: dns.home.arpa\r\nX-A: "
_QUERY = b"\0\x1d\0\0\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"


class _Slow:
    """One connection after the other, each begun again when it is shut."""

    def __init__(self, kind: str, port: int, count: int) -> None:
        self._kind = kind
        self._port = port
        self._count = count
        self._context = ssl.create_default_context()
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._open: list[tuple[socket.socket, int]] = []

    def fill(self) -> None:
        while len(self._open) < self._count:
            # Many addresses: one client may not have as many as it likes.
            source = f"127.{len(self._open) // 60_000 + 1}.{len(self._open) // 250 % 250}.{len(self._open) % 250 + 1}"
            sock = socket.socket()
            sock.settimeout(1)
            try:
                sock.bind((source, 0))
                sock.connect(("127.0.0.1", self._port))
                if self._kind in {"tls", "https"}:
                    sock = self._context.wrap_socket(sock)
            except OSError:
                sock.close()
                return
            sock.setblocking(False)
            self._open.append((sock, 0))

    def drip(self) -> None:
        data = _QUERY if self._kind == "tcp" else _REQUEST
        kept = []
        for sock, sent in self._open:
            try:
                if self._kind != "tls":
                    sock.send(data[sent % len(data) :][:1])
                kept.append((sock, sent + 1))
            except OSError:
                sock.close()
        self._open = kept


def main() -> None:
    kind, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    slow = _Slow(kind, port, count)
    slow.fill()
    print(flush=True)
    while not select.select([sys.stdin], [], [], 1.0)[0]:
        slow.drip()
        slow.fill()


if __name__ == "__main__":
    main()
