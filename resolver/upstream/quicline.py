"""A line over a QUIC connection (RFC 9000) with aioquic, whatever is spoken inside; `doq` and `doh3` are what is."""

from __future__ import annotations

import asyncio
import contextlib
from abc import abstractmethod
from collections.abc import Callable
from typing import cast

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic import events
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicErrorCode
from aioquic.tls import SessionTicket

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.do53 import unreachable
from resolver.upstream.line import Call, Line
from resolver.upstream.lines import Lines
from resolver.upstream.quictls import Security


class _Talk(QuicConnectionProtocol):
    """The QUIC side of a line; every event goes to the line until the `end`."""

    def __init__(self, quic: QuicConnection, heard: Callable[[events.QuicEvent | OSError], None]) -> None:
        super().__init__(quic)
        self.quic = quic
        self._heard = heard
        self._socket: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast("asyncio.DatagramTransport", transport)
        super().connection_made(cast("asyncio.DatagramTransport", _Peer(self._socket)))

    def begin(self) -> None:
        assert self._socket is not None
        self.connect(self._socket.get_extra_info("peername"))

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError) and self._socket is not None:
            self._heard(exc)

    def quic_event_received(self, event: events.QuicEvent) -> None:
        if self._socket is not None:  # else it may be long ago: QUIC tells of an end when a while has passed
            self._heard(event)

    def transmit(self) -> None:
        if self._socket is not None and not self._socket.is_closing():
            super().transmit()

    def end(self) -> None:
        """Say goodbye and close the socket; the peer's answer to that is not waited for."""
        if self._socket is not None:
            self.close(error_code=QuicErrorCode.NO_ERROR)
            self._socket.close()
            self._socket = None


class _Peer:
    """The socket as aioquic may use it: datagrams to anybody else, to whom a server may want to move, are not sent."""

    def __init__(self, socket: asyncio.DatagramTransport) -> None:
        self._socket = socket
        self._peer = socket.get_extra_info("peername")

    def sendto(self, data: bytes, addr: object) -> None:
        if addr == self._peer:
            self._socket.sendto(data)


class QuicLine(Line):
    """A line over a QUIC connection: a call is a stream."""

    def __init__(self, home: Lines, security: Security) -> None:
        super().__init__(home)
        self._security = security
        self._talk: _Talk | None = None
        self._quic: QuicConnection | None = None
        self._done: asyncio.Future[None] | None = None
        self._leaving = False
        self._checked = False

    @property
    def quic(self) -> QuicConnection:
        """That which calls are sent on."""
        assert self._quic is not None
        return self._quic

    async def connect(self, host: str) -> None:
        configuration = self._security.configuration()
        quic = self._quic = QuicConnection(configuration=configuration, session_ticket_handler=self._keep)
        self._done = self.loop.create_future()
        remote = (host, self.endpoint.port)
        _, talk = await self.loop.create_datagram_endpoint(lambda: _Talk(quic, self._heard_of), remote_addr=remote)
        with contextlib.ExitStack() as unless_open:
            unless_open.callback(talk.end)
            talk.begin()
            await self._done
            self._security.check(quic.tls)
            unless_open.pop_all()
        self._checked = True
        self._talk = talk
        self.opened()

    def begin(self) -> None:
        """The handshake is over; who the peer is will be seen in a moment."""

    def _keep(self, ticket: SessionTicket) -> None:
        """What comes before the peer was checked may be of anybody."""
        if self._checked:
            self._security.keep(ticket)

    def failure(self, error: OSError) -> UpstreamError:
        return unreachable(error)

    def _heard_of(self, event: events.QuicEvent | OSError) -> None:
        if self._done is not None and not self._done.done():
            self._handshake(self._done, event)
        elif isinstance(event, events.ConnectionTerminated):
            self.fail(self._security.failure(event) if event.error_code else None)
        elif isinstance(event, OSError):
            self.fail(unreachable(event))
        else:
            self.received(event)

    def _handshake(self, done: asyncio.Future[None], event: events.QuicEvent | OSError) -> None:
        if isinstance(event, events.HandshakeCompleted):
            self.begin()  # before anything is read: what the server says may have come along with its handshake
            done.set_result(None)
        elif isinstance(event, events.ConnectionTerminated):
            done.set_exception(self._security.failure(event))
        elif isinstance(event, OSError):
            done.set_exception(event)

    @abstractmethod
    def received(self, event: events.QuicEvent) -> None:
        """Something happened on a stream."""

    def leave(self) -> None:
        """Send with all else that is written in this turn of the loop."""
        if not self._leaving:
            self._leaving = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._leaving = False
        if self._talk is not None:
            self._talk.transmit()

    def take(self, number: int) -> Call | None:
        """The call of a stream of which nothing more is wanted."""
        call = self.calls.pop(number, None)
        if call is not None:
            self.heard()
        return call

    def refused(self, number: int, code: int) -> None:
        """The server has reset a stream, or wants no more of the query on it."""
        call = self.take(number)
        if call is not None:
            call.settle(UpstreamUnreachable(f"the server refused the query (QUIC error {code})"))
            self.pump()

    def hang_up(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.end()
