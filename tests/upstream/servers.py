"""Upstream resolvers on real sockets of this machine, and a count of this process's descriptors."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, NamedTuple, cast

import dns.flags
import dns.message
import dns.rrset


class Address(NamedTuple):
    """Where a server is."""

    host: str
    port: int

    def url(self, scheme: str) -> str:
        return f"{scheme}://[{self.host}]:{self.port}" if ":" in self.host else f"{scheme}://{self.host}:{self.port}"


Replies = Callable[[bytes], Iterable[bytes]]


def right(query: bytes, address: str = "192.0.2.1") -> bytes:
    """The reply that answers a query for A."""
    response = dns.message.make_response(dns.message.from_wire(query), recursion_available=True)
    response.answer.append(dns.rrset.from_text(response.question[0].name, 60, "IN", "A", address))
    return response.to_wire(max_size=65535)


def truncated(query: bytes) -> bytes:
    """The reply that says to ask again over TCP."""
    response = dns.message.make_response(dns.message.from_wire(query))
    response.flags |= dns.flags.TC
    return response.to_wire()


def silent(_: bytes) -> list[bytes]:
    return []


class Server(asyncio.DatagramProtocol):
    """One upstream, UDP and TCP on one port. `udp` and `tcp` make of each query the replies to send."""

    def __init__(self, udp: Replies, tcp: Replies | None) -> None:
        self.udp = udp
        self.tcp = tcp
        self.queries: list[bytes] = []
        self.ports: list[int] = []
        self.ports_now = 0  # where the query that is being answered came from
        self.over_tcp = 0
        self.ended = asyncio.Event()
        self._more = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        assert self._transport is not None
        self._note(data)
        self.ports.append(addr[1])
        self.ports_now = addr[1]
        for reply in self.udp(data):
            self._transport.sendto(reply, addr)

    def _note(self, query: bytes) -> None:
        self.queries.append(query)
        self._more.set()

    async def asked(self, count: int = 1) -> None:
        """Wait until so many queries have come."""
        async with asyncio.timeout(2):
            while len(self.queries) < count:
                self._more.clear()
                await self._more.wait()

    async def serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.over_tcp += 1
        try:
            while True:
                query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                self._note(query)
                for reply in [] if self.tcp is None else self.tcp(query):
                    writer.write(reply)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.ended.set()
        finally:
            writer.close()


def framed(*replies: bytes) -> bytes:
    """Messages as they go over TCP."""
    return b"".join(len(reply).to_bytes(2, "big") + reply for reply in replies)


@contextlib.asynccontextmanager
async def serving(
    udp: Replies = lambda query: [right(query)],
    tcp: Replies | None = lambda query: [framed(right(query))],
    host: str = "127.0.0.1",
) -> AsyncIterator[tuple[Server, Address]]:
    """A server on a free port. Without `tcp` there is nothing on that port's TCP side."""
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(100):
        listening = socket.socket(family, socket.SOCK_STREAM)
        datagrams = socket.socket(family, socket.SOCK_DGRAM)
        listening.bind((host, 0))
        try:
            datagrams.bind((host, listening.getsockname()[1]))
            break
        except OSError:
            listening.close()
            datagrams.close()
    datagrams.settimeout(0)
    port = listening.getsockname()[1]
    transport, server = await loop.create_datagram_endpoint(lambda: Server(udp, tcp), sock=datagrams)
    listener = None
    if tcp is None:
        listening.close()
    else:
        listener = await asyncio.start_server(server.serve_tcp, sock=listening)
    try:
        yield server, Address(host, port)
    finally:
        transport.close()
        if listener is not None:
            listener.close()
        await asyncio.sleep(0.01)


def closed_port() -> Address:
    """A port at which nobody listens, over UDP or TCP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return Address("127.0.0.1", sock.getsockname()[1])


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return sum(1 for _ in pathlib.Path("/proc/self/fd").iterdir())


async def settled(before: int) -> None:
    """Wait until no more descriptors are open than `before`; both ends of a connection take their turns to close."""
    async with asyncio.timeout(2):
        while descriptors() > before:
            await asyncio.sleep(0.002)
