"""Servers of DNS over TCP and TLS that do as they are told, and carriers to reach them with a check of what is left."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, Hosts, read
from resolver.upstream.transport import Transport
from tests.upstream.asked import Delivered, asked
from tests.upstream.servers import Address, descriptors, framed, right, settled

BOTH = pytest.mark.parametrize("scheme", ["tcp", "tls"])


class Peer:
    """One connection at the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._reader = reader
        self._writer = writer
        self.number = number  # of the connection, from 1
        self.sizes: list[int] = []

    async def query(self) -> bytes:
        """The next query."""
        size = int.from_bytes(await self._reader.readexactly(2), "big")
        self.sizes.append(size)
        return await self._reader.readexactly(size)

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    def answer(self, query: bytes, address: str = "192.0.2.1") -> None:
        self.say(framed(right(query, address)))

    @property
    def tls(self) -> ssl.SSLObject:
        found: ssl.SSLObject = self._writer.get_extra_info("ssl_object")
        return found


Behaviour = Callable[[Peer], Awaitable[None]]


class StreamServer:
    """Where it is, and the connections there were."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self.address = Address("127.0.0.1", 0)
        self.peers: list[Peer] = []
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer, len(self.peers) + 1)
        self.peers.append(peer)
        self.open += 1
        try:
            await self._behaviour(peer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            self.open -= 1
            writer.close()


async def answering(peer: Peer) -> None:
    """Answers everything, in order."""
    while True:
        peer.answer(await peer.query())


async def mute(peer: Peer) -> None:
    """Reads and says nothing."""
    while True:
        await peer.query()


@contextlib.asynccontextmanager
async def streaming(
    behaviour: Behaviour = answering, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[StreamServer]:
    server = StreamServer(behaviour)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(asyncio.CancelledError):
            await server.serve(reader, writer)
        tasks.discard(task)

    listener = await asyncio.start_server(serve, host, 0, ssl=tls)
    server.address = Address(host, listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def carrying(hosts: Hosts | None = None) -> AsyncIterator[Carriers]:
    """Carriers, and a check that they leave nothing open."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    before = descriptors()
    async with asyncio.TaskGroup() as tasks:
        carriers = Carriers(loop, hosts or Addressed(), tasks.create_task)
        try:
            yield carriers
        finally:
            carriers.close()
    await settled(before)


class Sending:
    """One transport, for many queries."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __call__(self, query: bytes | None = None) -> Delivered:
        delivered = Delivered()
        self._transport.send(query or asked(), delivered)
        return delivered


def over(carriers: Carriers, url: str, *, dated: bool = True) -> Sending:
    """The first transport to a URL."""
    return Sending(carriers.to(read(url), dated=dated)[0])


def sent(carriers: Carriers, url: str, query: bytes | None = None, *, dated: bool = True) -> Delivered:
    """What comes of a query to a URL, over a new transport."""
    return over(carriers, url, dated=dated)(query)
