"""A scenario's upstream on real sockets: UDP and TCP on one port of a loopback address of its own."""

from __future__ import annotations

import asyncio
import socket

from resolver.listen import sockets
from resolver.model import Transport
from tests.scenarios.double import Upstream

_MAX_QUERY = 4096


class Server:
    """Serves an upstream while that is reachable; the port stays the same when it comes back."""

    def __init__(self, upstream: Upstream, host: str) -> None:
        self.host = host
        self.port = 0
        self._upstream = upstream
        self._loop = asyncio.get_running_loop()
        self._datagrams: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._streams: set[asyncio.StreamWriter] = set()

    async def follow(self) -> None:
        """Open or close, as the upstream is reachable or not."""
        if self._upstream.state == "unreachable":
            self.close()
        elif self._server is None:
            await self.open()

    async def open(self) -> None:
        (self._datagrams,), stream = sockets.bind(self.host, self.port, 1)
        self.port = stream.getsockname()[1]
        self._loop.add_reader(self._datagrams.fileno(), self._receive, self._datagrams)
        self._server = await asyncio.start_server(self._serve, sock=stream)

    def close(self) -> None:
        if self._datagrams is not None:
            self._loop.remove_reader(self._datagrams.fileno())
            self._datagrams.close()
        if self._server is not None:
            self._server.close()
        for writer in self._streams:
            writer.close()
        self._datagrams = self._server = None

    def _receive(self, sock: socket.socket) -> None:
        query, source = sock.recvfrom(_MAX_QUERY)
        answer = self._upstream.answer(query, Transport.UDP)
        if answer is not None:
            sock.sendto(answer, source)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._streams.add(writer)
        try:
            while True:
                query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                answer = self._upstream.answer(query, Transport.TCP)
                if answer is not None:
                    writer.write(len(answer).to_bytes(2, "big") + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._streams.discard(writer)
            writer.close()
