"""Every encrypted listener on real sockets, with a certificate of the tests' own authority."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator

from resolver.listen.doors import Doors
from resolver.listen.sockets import bind_datagrams, bind_stream
from resolver.model import Clock
from resolver.pipeline.forwarder import Forwarder
from resolver.policy.bundle import Bundle
from resolver.policy.document import Doors as Said
from resolver.process import SystemClock
from tests.listen.service import URL, ZONE
from tests.support import MemoryReach, MemoryUpstream, bundle
from tests.upstream.authority import NAME, Authority, Issued


class Encrypted:
    """The listeners, and the ports that they are on."""

    def __init__(self, doors: Doors, upstream: MemoryUpstream, forwarder: Forwarder, clock: Clock) -> None:
        self.doors = doors
        self.upstream = upstream
        self.forwarder = forwarder
        self.clock = clock
        self.ports: dict[str, int] = {}

    async def open(self, kind: str) -> None:
        sock = bind_datagrams("127.0.0.1", 0, 1)[0] if kind == "quic" else bind_stream("127.0.0.1", 0)
        self.ports[kind] = sock.getsockname()[1]
        await self.doors.open(kind, sock)


@contextlib.asynccontextmanager
async def encrypted(
    issued: Issued, *kinds: str, policy: Bundle | None = None, clock: Clock | None = None, said: Said | None = None
) -> AsyncIterator[Encrypted]:
    """Listeners of these kinds, closed in the end."""
    upstream = MemoryUpstream(ZONE)
    files = str(issued.path)
    said = said or Said(files, files, (NAME,))
    clock = clock or SystemClock()
    async with asyncio.TaskGroup() as tasks:
        forwarder = Forwarder(policy or bundle(upstreams=(URL,)), clock, MemoryReach(udp=(upstream, upstream)), "feed")
        doors = Doors(forwarder.answering, clock, tasks.create_task, said)
        service = Encrypted(doors, upstream, forwarder, clock)
        for kind in kinds:
            await service.open(kind)
        try:
            yield service
        finally:
            doors.stop()
            doors.close()
            forwarder.close()


def trusting(authority: Authority, *protocols: str) -> ssl.SSLContext:
    """A client that trusts the authority."""
    context = ssl.create_default_context(cafile=str(authority.path))
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def connected(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setblocking(False)
    return sock
