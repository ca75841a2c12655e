"""DNS over QUIC (RFC 9250) with aioquic, which is an extra: `pip install lull-dns[quic]`. A stream a query, ID 0."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import cast

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic import events
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicErrorCode

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.do53 import unreachable
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.line import CLOSED, Call, Line, Spawn
from resolver.upstream.lines import Lines
from resolver.upstream.quictls import Security
from resolver.upstream.streams import Streams
from resolver.upstream.transport import Transport
from resolver.wire.edns import padded

_MAX_MESSAGE = 2 + 65_535  # bytes of a stream


class _Talk(QuicConnectionProtocol):
    """The QUIC side of a line; every event goes to the line."""

    def __init__(self, quic: QuicConnection, heard: Callable[[events.QuicEvent | OSError], None]) -> None:
        super().__init__(quic)
        self.quic = quic
        self._heard = heard
        self._socket: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._socket = cast("asyncio.DatagramTransport", transport)

    def begin(self) -> None:
        assert self._socket is not None
        self.connect(self._socket.get_extra_info("peername"))

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self._heard(exc)

    def quic_event_received(self, event: events.QuicEvent) -> None:
        self._heard(event)

    def transmit(self) -> None:
        if self._socket is not None and not self._socket.is_closing():
            super().transmit()

    def end(self) -> None:
        """Say goodbye and close the socket; the peer's answer to that is not waited for."""
        if self._socket is not None:
            self.close(error_code=QuicErrorCode.NO_ERROR)
            self._socket.close()


class QuicLine(Line):
    """A line over a QUIC connection."""

    def __init__(self, home: Lines, security: Security) -> None:
        super().__init__(home)
        self._security = security
        self._talk: _Talk | None = None
        self._done: asyncio.Future[None] | None = None
        self._parts: dict[int, bytearray] = {}
        self._leaving = False

    async def connect(self, host: str) -> None:
        quic = QuicConnection(configuration=self._security.configuration(), session_ticket_handler=self._security.keep)
        self._done = self.loop.create_future()
        remote = (host, self.endpoint.port)
        _, talk = await self.loop.create_datagram_endpoint(lambda: _Talk(quic, self._heard_of), remote_addr=remote)
        try:
            talk.begin()
            await self._done
            self._security.check(quic.tls)
        except BaseException:
            talk.end()
            raise
        self._talk = talk
        self.opened()

    def failure(self, error: OSError) -> UpstreamError:
        return unreachable(error)

    def _heard_of(self, event: events.QuicEvent | OSError) -> None:
        if self._done is not None and not self._done.done():
            self._handshake(self._done, event)
        elif isinstance(event, events.StreamDataReceived):
            self._part(event.stream_id, event.data, whole=event.end_stream)
        elif isinstance(event, events.StreamReset | events.StopSendingReceived):
            self._refused(event.stream_id, event.error_code)
        elif isinstance(event, events.ConnectionTerminated):
            self.fail(self._security.failure(event) if event.error_code else None)
        elif isinstance(event, OSError):
            self.fail(unreachable(event))

    def _handshake(self, done: asyncio.Future[None], event: events.QuicEvent | OSError) -> None:
        if isinstance(event, events.HandshakeCompleted):
            done.set_result(None)
        elif isinstance(event, events.ConnectionTerminated):
            done.set_exception(self._security.failure(event))
        elif isinstance(event, OSError):
            done.set_exception(event)

    def transmit(self, call: Call) -> None:
        assert self._talk is not None
        call.sent = b"\0\0" + call.query[2:]
        data = padded(call.sent)
        number = call.number = self._talk.quic.get_next_available_stream_id()
        self.calls[number] = call
        self._parts[number] = bytearray()
        self._talk.quic.send_stream_data(number, len(data).to_bytes(2, "big") + data, end_stream=True)
        self._leave()

    def _leave(self) -> None:
        """Send with all else that is written in this turn of the loop."""
        if not self._leaving:
            self._leaving = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._leaving = False
        if self._talk is not None:
            self._talk.transmit()

    def _part(self, number: int, data: bytes, *, whole: bool) -> None:
        part = self._parts.get(number)
        if part is None:
            return
        part += data
        if not whole and len(part) <= _MAX_MESSAGE:
            return
        del self._parts[number]
        call = self.calls.pop(number, None)
        if call is not None and not (len(part) == 2 + int.from_bytes(part[:2], "big") and self._taken(call, part)):
            call.settle(UpstreamUnreachable("its reply does not match the query" if part else CLOSED))
            self.pump()

    def _taken(self, call: Call, part: bytearray) -> bool:
        return self.answered(call, bytes(part[2:]))

    def _refused(self, number: int, code: int) -> None:
        self._parts.pop(number, None)
        call = self.calls.pop(number, None)
        if call is not None:
            call.settle(UpstreamUnreachable(f"the server refused the query (QUIC error {code})"))
            self.pump()

    def forget(self, call: Call) -> None:
        self._parts.pop(call.number, None)

    def hang_up(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.end()


class Quic(Streams):
    """DNS over QUIC."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hosts: Hosts, spawn: Spawn, *, dated: bool = True) -> None:
        super().__init__(loop, hosts, spawn)
        self._dated = dated

    def to(self, endpoint: Endpoint) -> Transport:
        return self.lines(endpoint, partial(QuicLine, security=Security(endpoint, dated=self._dated)))
