"""TCP: pipelined queries, answers in whatever order they are ready (RFC 7766, RFC 9210)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, cast

from resolver.listen.sockets import BACKLOG
from resolver.model import Clock, Transport
from resolver.pipeline.answering import Answer, Answering

MAX_CONNECTIONS = 1000
MAX_PER_CLIENT = 100
IN_FLIGHT = 100  # queries of one connection being worked on; then it is not read until some are answered
IDLE = 10.0  # seconds (RFC 7766 section 6.2.3)
_HEADER = 12

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class Connection(asyncio.Protocol):
    """One client's stream: two bytes of length, then a message, as often as it likes."""

    def __init__(self, listener: TcpListener) -> None:
        self._listener = listener
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.peer = ""
        self._writable = True
        self._eof = False
        self.in_flight = 0
        self.active = listener.clock.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.peer = transport.get_extra_info("peername")[0]
        self._listener.opened(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._buffer.clear()
        self._listener.connections.discard(self)

    def close(self) -> None:
        """Close once what is written has gone out."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now: whoever does not read may not hold the connection open."""
        self._listener.connections.discard(self)
        if self._transport is not None:
            self._transport.abort()

    def pause_writing(self) -> None:
        """The client does not read: we do not read either."""
        self._writable = False
        self._throttle()

    def resume_writing(self) -> None:
        self._writable = True
        self._go_on()

    def _go_on(self) -> None:
        """Something has gone out: take what still waits in the buffer, read on, or end."""
        self._take()
        self._throttle()
        if self._eof and self._writable and not self.in_flight:
            self.close()

    def _throttle(self) -> None:
        if self._transport is None or self._transport.is_closing() or self._eof:
            return
        if self._writable and self.in_flight < IN_FLIGHT:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """The client asks no more; what it asked is still answered."""
        self._eof = True
        return self.in_flight > 0 or not self._writable

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._take()
        self._throttle()

    def _take(self) -> None:
        """Answer every whole message in the buffer, as far as the limit of queries in flight and the client allow."""
        while len(self._buffer) >= 2 and self.in_flight < IN_FLIGHT and self._writable:
            size = int.from_bytes(self._buffer[:2], "big")
            if size < _HEADER:
                self.close()
                return
            if len(self._buffer) < 2 + size:
                return
            message = bytes(self._buffer[2 : 2 + size])
            del self._buffer[: 2 + size]
            self.active = self._listener.clock.monotonic()  # pieces of a message do not keep a connection alive
            answer = self._listener.answering.answer(message, self.peer, Transport.TCP)
            if isinstance(answer, bytes):
                self._write(answer)
            elif answer is not None:
                self.in_flight += 1
                self._listener.spawn(self._answer_later(answer))

    async def _answer_later(self, answer: Coroutine[Any, Any, Answer]) -> None:
        try:
            data = await answer
            if data is not None:
                self._write(data)
        finally:
            self.in_flight -= 1
        self.active = self._listener.clock.monotonic()
        self._go_on()

    def _write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(len(answer).to_bytes(2, "big") + answer)


class TcpListener:
    """The listening TCP sockets, shared with the other workers, and the connections this worker took."""

    def __init__(self, answering: Answering, clock: Clock, spawn: Spawn) -> None:
        self.answering = answering
        self.clock = clock
        self.spawn = spawn
        self.connections: set[Connection] = set()
        self._servers: list[asyncio.Server] = []

    async def start(self, sock: socket.socket) -> None:
        """Accept on a listening socket; there may be several."""
        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(lambda: Connection(self), sock=sock, backlog=BACKLOG))

    def opened(self, connection: Connection) -> None:
        """Make room for a new connection by closing the one that has been idle for longest, of this client first."""
        self.connections.add(connection)
        mates = [other for other in self.connections if other.peer == connection.peer]
        for crowd, most in ((mates, MAX_PER_CLIENT), (self.connections, MAX_CONNECTIONS)):
            if len(crowd) > most and connection in self.connections:
                idle = [other for other in crowd if not other.in_flight and other is not connection]
                min(idle, key=lambda other: other.active, default=connection).abort()

    def sweep(self) -> None:
        """Close connections that have been idle for too long; to be called every second or so."""
        limit = self.clock.monotonic() - IDLE
        for connection in [c for c in self.connections if not c.in_flight and c.active < limit]:
            connection.abort()

    def stop(self) -> None:
        """Accept no more."""
        for server in self._servers:
            server.close()

    def close(self) -> None:
        for connection in list(self.connections):
            connection.close()
