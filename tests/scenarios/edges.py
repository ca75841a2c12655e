"""Where a scenario's packets go: straight into the parts, or over real sockets of this machine.

Both edges carry queries of clients to Lull and Lull's own queries to the upstreams. What is said must not depend on
which of them carries it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.listen.stream import Means
from resolver.listen.tcp import plain
from resolver.listen.udp import UdpListener
from resolver.model import Clock, Transport
from resolver.pipeline.forwarder import Forwarder
from resolver.upstream import transport
from resolver.upstream.carriers import Carriers, Reach
from resolver.upstream.endpoint import Addressed, Endpoint
from resolver.upstream.transport import Deliver, Sent
from resolver.wire.reply import matches
from tests.listen.service import free
from tests.scenarios.double import Upstream
from tests.scenarios.server import Server


class Address(NamedTuple):
    """Where an upstream of the config is."""

    host: str
    port: int


PATIENCE = 10.0
"""For how many seconds a client waits for an answer."""

Upstreams = Mapping[Address, Upstream]


class Edge(Protocol):
    """The way packets go."""

    @property
    def usual(self) -> Transport:
        """What a client asks over when nothing else is said."""
        ...

    async def open(self, upstreams: Upstreams, clock: Clock, tasks: asyncio.TaskGroup) -> Reach:
        """Make the upstreams reachable; returns what a Forwarder reaches them over."""
        ...

    async def serve(self, forwarder: Forwarder) -> None:
        """Have clients' queries answered."""
        ...

    def client(self, source: str) -> str:
        """The client whose packets come from an address."""
        ...

    async def ask(self, query: bytes, client: str, over: Transport) -> bytes | None:
        """The answer to a client's query; None when none came."""
        ...

    async def changed(self) -> None:
        """An upstream came or went."""
        ...

    async def close(self) -> None: ...


class InProcess:
    """No sockets: what one part sends, the other has."""

    usual = Transport.UDP

    def __init__(self) -> None:
        self._forwarder: Forwarder | None = None

    async def open(self, upstreams: Upstreams, clock: Clock, tasks: asyncio.TaskGroup) -> Reach:
        return _Hands(upstreams)

    async def serve(self, forwarder: Forwarder) -> None:
        self._forwarder = forwarder

    def client(self, source: str) -> str:
        return source

    async def ask(self, query: bytes, client: str, over: Transport) -> bytes | None:
        assert self._forwarder is not None
        answer = self._forwarder.answering.answer(query, client, over)
        if answer is None:
            await asyncio.sleep(PATIENCE)
            return None
        return answer if isinstance(answer, bytes) else await answer

    async def changed(self) -> None:
        pass

    async def close(self) -> None:
        pass


class _Hands:
    """What reaches upstreams (carriers.Reach) without sockets."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams

    def to(self, endpoint: Endpoint, *, dated: bool = True) -> Sequence[transport.Transport]:
        upstream = self._upstreams[Address(endpoint.host, endpoint.port)]
        tcp = _Handed(upstream, Transport.TCP)
        return ((_Handed(upstream, Transport.UDP), tcp) if endpoint.transport == "udp" else (tcp,)) if dated else ()


class _Handed:
    """A transport (upstream.transport.Transport) that hands a query to the upstream and its reply back."""

    def __init__(self, upstream: Upstream, over: Transport) -> None:
        self._upstream = upstream
        self._over = over

    def send(self, query: bytes, deliver: Deliver) -> Sent:
        return _Sending(asyncio.get_running_loop().call_soon(self._arrive, query, deliver))

    def _arrive(self, query: bytes, deliver: Deliver) -> None:
        upstream = self._upstream
        failure: UpstreamError = UpstreamUnreachable("Connection refused")
        answer = failure if upstream.state == "unreachable" else upstream.answer(query, self._over)
        if isinstance(answer, UpstreamError) or (answer is not None and matches(answer, query)):
            deliver(answer)


class _Sending:
    def __init__(self, handle: asyncio.Handle) -> None:
        self._handle = handle

    def close(self) -> None:
        self._handle.cancel()


class _Routed:
    """What reaches the upstreams of a config (carriers.Reach) where they really are."""

    def __init__(self, carriers: Carriers, routes: Mapping[Address, Address]) -> None:
        self._carriers = carriers
        self._routes = routes

    def to(self, endpoint: Endpoint, *, dated: bool = True) -> Sequence[transport.Transport]:
        place = self._routes[Address(endpoint.host, endpoint.port)]
        return self._carriers.to(replace(endpoint, host=place.host, port=place.port), dated=dated)


class Sockets:
    """Real sockets on loopback, for clients and upstreams alike. Clients have a loopback address each, in one table."""

    def __init__(self, usual: Transport) -> None:
        self.usual = usual
        self._clients: dict[str, str] = {}
        self._routes: dict[Address, Address] = {}
        self._servers: list[Server] = []

    async def open(self, upstreams: Upstreams, clock: Clock, tasks: asyncio.TaskGroup) -> Reach:
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._tasks = tasks
        for number, (address, upstream) in enumerate(upstreams.items(), 1):
            server = Server(upstream, f"127.88.0.{number}")
            await server.open()
            self._servers.append(server)
            self._routes[address] = Address(server.host, server.port)
        self._out = Carriers(self._loop, Addressed(), tasks.create_task)
        return _Routed(self._out, self._routes)

    async def serve(self, forwarder: Forwarder) -> None:
        (self._datagrams,), stream = free("127.0.0.1")
        self._to = stream.getsockname()
        self._udp = UdpListener(
            self._datagrams,
            forwarder.answering,
            lambda: forwarder.peers,
            forwarder.journal,
            self._clock,
        )
        self._tcp = plain(Means(forwarder.answering, self._clock, self._tasks.create_task))
        await self._tcp.start(stream)

    def _source(self, client: str) -> str:
        return self._clients.setdefault(client, f"127.77.0.{len(self._clients) + 1}")

    def client(self, source: str) -> str:
        return next((client for client, own in self._clients.items() if own == source), source)

    async def ask(self, query: bytes, client: str, over: Transport) -> bytes | None:
        try:
            async with asyncio.timeout(PATIENCE):
                way = self._over_udp if over is Transport.UDP else self._over_tcp
                return await way(query, self._source(client))
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            return None

    async def _over_udp(self, query: bytes, source: str) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
            sock.bind((source, 0))
            sock.connect(self._to)
            sock.send(query)
            return await self._loop.sock_recv(sock, 65_535)

    async def _over_tcp(self, query: bytes, source: str) -> bytes:
        reader, writer = await asyncio.open_connection(*self._to, local_addr=(source, 0))
        try:
            writer.write(len(query).to_bytes(2, "big") + query)
            return await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        finally:
            writer.close()

    async def changed(self) -> None:
        for server in self._servers:
            await server.follow()

    async def close(self) -> None:
        self._udp.stop()
        self._datagrams.close()
        self._tcp.stop()
        self._tcp.close()
        self._out.close()
        for server in self._servers:
            server.close()
