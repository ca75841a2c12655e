"""Peers that ask for much and read nothing of it, over every transport: what the worker holds for them is bounded."""

from __future__ import annotations

import asyncio
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
from typing import IO

import h2.config
import h2.connection
import h2.settings

from resolver.listen.held import ALL
from tests.daemon.harness import free_port, running
from tests.faults.crowds import NAMES
from tests.faults.probe import Probe
from tests.faults.told import ROOT, Scale, Told

PEERS = 500
QUERIES = 300  # of each
SECONDS = 10
_BIG = "big.home.arpa"
_ROOM = 64 << 20  # bytes that so many connections take by themselves

KINDS = {"tcp": "DNS over TCP", "tls": "DNS over TLS", "http1": "HTTP/1.1", "http2": "HTTP/2, its windows shut"}


def faults(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """So many of each kind, while one goes on asking over UDP."""
    count, seconds = max(20, int(PEERS * min(1.0, scale * 10))), max(2, int(SECONDS * scale))
    tls, https = free_port(), free_port()
    texts = " ".join(['"' + "x" * 250 + '"'] * 120)
    config = (
        f"encrypted: {{tls: ['127.0.0.1:{tls}'], https: ['127.0.0.1:{https}'], names: [dns.home.arpa]}}\n"
        f"records: ['{_BIG}. 300 TXT {texts}']\n"
    )
    told = []
    with running(directory, config) as daemon:
        daemon.wait(daemon.up, 60)
        for kind, port in {"tcp": daemon.dns, "tls": tls, "http1": https, "http2": https}.items():
            pid = daemon.child("worker")
            before = most = _resident(pid)
            with Probe(daemon.dns, NAMES) as probe, _deaf(kind, port, count) as ready:
                end = time.monotonic() + seconds
                while time.monotonic() < end or not select.select([ready], [], [], 0)[0]:
                    most = max(most, _resident(pid))
                    time.sleep(0.05)
            fared = probe.fared
            figures = f"worker {before >> 20} MB before, {most >> 20} MB at most; UDP p99 {fared.at(0.99):.1f} ms"
            told.append(
                Told(
                    f"{count} peers ask for {QUERIES} answers of 30 kB each and read none: {KINDS[kind]}",
                    f"{fared.rate} over UDP",
                    fared.loss,
                    figures,
                    fared.lost == 0 and most - before < ALL + _ROOM,
                )
            )
    return told


def _resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


@contextlib.contextmanager
def _deaf(kind: str, port: int, count: int) -> Iterator[IO[bytes]]:
    """So many peers of a kind, kept by a process of their own. It writes a line when all have asked."""
    command = [sys.executable, "-m", "tests.faults.deaf", kind, str(port), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield process.stdout
    finally:
        process.communicate(b"")


def _asked() -> bytes:
    name = b"".join(bytes((len(label),)) + label.encode() for label in _BIG.split(".")) + b"\0"
    return b"\0\0\1\0\0\1\0\0\0\0\0\0" + name + b"\0\x10\0\1"


def _said(kind: str) -> bytes:
    """All that one peer says."""
    query = _asked()
    if kind == "http1":
        return f"GET /dns-query?name={_BIG}&type=TXT HTTP/1.1\r\nHost: dns.home.arpa\r\n\r\n".encode() * QUERIES
    if kind != "http2":
        return (len(query).to_bytes(2, "big") + query) * QUERIES
    client = h2.connection.H2Connection(h2.config.H2Configuration())
    client.local_settings[h2.settings.SettingCodes.INITIAL_WINDOW_SIZE] = 0
    client.initiate_connection()
    head = [(":path", f"/dns-query?name={_BIG}&type=TXT"), (":scheme", "https"), (":authority", "dns.home.arpa")]
    for number in range(100):
        client.send_headers(2 * number + 1, [(":method", "GET"), *head], end_stream=True)
    return client.data_to_send()


async def _peer(kind: str, port: int, number: int) -> asyncio.StreamWriter | None:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    context = None
    if kind != "tcp":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols([{"tls": "dot", "http1": "http/1.1", "http2": "h2"}[kind]])
    try:
        sock.bind((f"127.9.{number // 50}.{number % 50 + 1}", 0))
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        host = "dns.home.arpa" if context else None
        _, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname=host)
    except OSError:
        sock.close()
        return None
    writer.transport.pause_reading()  # type: ignore[attr-defined] # it is a transport that reads
    writer.write(_said(kind))
    return writer


async def _main(kind: str, port: int, count: int) -> None:
    peers = [await _peer(kind, port, number) for number in range(count)]
    await asyncio.sleep(1)
    print(flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for writer in filter(None, peers):
        writer.transport.abort()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
