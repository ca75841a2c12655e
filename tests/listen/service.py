"""Listeners on real sockets of this machine, before a forwarder whose upstream is in memory."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Self

from resolver.errors import LullError
from resolver.listen.accepting import Listener
from resolver.listen.sockets import bind
from resolver.listen.stream import Means
from resolver.listen.tcp import plain
from resolver.listen.udp import UdpListener
from resolver.model import Clock, Transport
from resolver.pipeline.forwarder import Forwarder
from resolver.policy.bundle import Bundle
from resolver.process import SystemClock
from tests.support import MemoryReach, MemoryUpstream, bundle, query

URL = "udp://192.0.2.53"
ZONE = """
www.example. 300 A 192.0.2.1
slow.example. 300 A 192.0.2.2
"""
BIG = "big.example. 300 TXT " + " ".join(["x" * 250] * 120)


class Service:
    """One UDP and one TCP listener on one port."""

    def __init__(self, forwarder: Forwarder, upstream: MemoryUpstream, host: str, clock: Clock) -> None:
        self.forwarder = forwarder
        self.upstream = upstream
        self.host = host
        self.clock = clock
        self.port = 0
        self.udp: UdpListener
        self.tcp: Listener

    async def open(self, tasks: asyncio.TaskGroup) -> list[socket.socket]:
        forwarder = self.forwarder
        datagrams, stream = free(self.host)
        self.port = stream.getsockname()[1]
        self.udp = UdpListener(
            datagrams[0], forwarder.answering, lambda: forwarder.peers, forwarder.journal, self.clock
        )
        self.tcp = plain(Means(forwarder.answering, self.clock, tasks.create_task))
        await self.tcp.start(stream)
        return datagrams

    async def answer(self, name: str, type: str) -> bytes:
        """The answer as it is over TCP, without a socket."""
        answer = self.forwarder.answering.answer(query(name, type), "127.0.0.1", Transport.TCP)
        assert answer is not None
        data = answer if isinstance(answer, bytes) else await answer
        assert data is not None
        return data

    def client(self, host: str = "") -> Client:
        """A UDP client that hears only what comes from where it asked."""
        return Client(host or self.host, self.port)

    @contextlib.asynccontextmanager
    async def connection(self, host: str = "") -> AsyncIterator[Stream]:
        """A TCP client."""
        reader, writer = await asyncio.open_connection(host or self.host, self.port, limit=1 << 24)
        try:
            yield Stream(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def free(host: str, workers: int = 1) -> tuple[list[socket.socket], socket.socket]:
    """Sockets on a port that is free for UDP and TCP."""
    while True:
        with contextlib.suppress(LullError):
            return bind(host, 0, workers)


class Client:
    """A connected UDP socket, of any address or of `source`."""

    def __init__(self, host: str, port: int, source: str = "") -> None:
        self.sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.settimeout(0)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        if source:
            self.sock.bind((source, 0))
        self.sock.connect((host, port))

    def send(self, data: bytes) -> None:
        self.sock.send(data)

    async def receive(self, seconds: float = 2.0) -> bytes:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().sock_recv(self.sock, 65_535)

    async def exchange(self, data: bytes) -> bytes:
        self.send(data)
        return await self.receive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()


class Stream:
    """A TCP connection: messages with their lengths."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *messages: bytes) -> None:
        self.writer.write(b"".join(len(message).to_bytes(2, "big") + message for message in messages))

    async def receive(self) -> bytes:
        async with asyncio.timeout(3):
            return await self.reader.readexactly(int.from_bytes(await self.reader.readexactly(2), "big"))

    async def ended(self) -> bytes:
        """Whatever else comes, until the other side closes."""
        async with asyncio.timeout(3):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


@contextlib.asynccontextmanager
async def serving(
    host: str = "127.0.0.1", policy: Bundle | None = None, clock: Clock | None = None, zone: str = ZONE
) -> AsyncIterator[Service]:
    """A service, closed in the end."""
    clock = clock or SystemClock()
    upstream = MemoryUpstream(zone)
    async with asyncio.TaskGroup() as tasks:
        forwarder = Forwarder(policy or bundle(upstreams=(URL,)), clock, MemoryReach(udp=(upstream, upstream)), "feed")
        service = Service(forwarder, upstream, host, clock)
        datagrams = await service.open(tasks)
        try:
            yield service
        finally:
            service.udp.stop()
            service.tcp.stop()
            service.tcp.close()
            forwarder.pool.close()
            await asyncio.sleep(0.01)
            for sock in datagrams:
                sock.close()
