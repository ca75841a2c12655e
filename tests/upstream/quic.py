"""A DoQ server (aioquic's) that does as it is told."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import HandshakeCompleted, QuicEvent, StreamDataReceived
from aioquic.tls import SessionTicket

from tests.upstream.authority import NAME, Issued
from tests.upstream.servers import framed, right


class Talk(QuicConnectionProtocol):
    """One connection at the server."""

    def __init__(self, quic: QuicConnection, server: QuicServer) -> None:
        super().__init__(quic)
        self.quic = quic
        self._server = server
        self._parts: dict[int, bytes] = {}
        self.number = len(server.talks) + 1
        server.talks.append(self)

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, HandshakeCompleted):
            self._server.resumed.append(event.session_resumed)
        if isinstance(event, StreamDataReceived):
            data = self._parts[event.stream_id] = self._parts.get(event.stream_id, b"") + event.data
            if event.end_stream:
                assert int.from_bytes(data[:2], "big") == len(data) - 2
                self._server.queries.append(data[2:])
                self._server.behaviour(self, event.stream_id, data[2:])
                self.transmit()

    def say(self, stream: int, data: bytes, *, end: bool = True) -> None:
        self.quic.send_stream_data(stream, data, end_stream=end)


Behaviour = Callable[[Talk, int, bytes], None]


def answering(talk: Talk, stream: int, query: bytes) -> None:
    talk.say(stream, framed(right(query)))


class QuicServer:
    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.port = 0
        self.talks: list[Talk] = []
        self.queries: list[bytes] = []
        self.resumed: list[bool] = []
        self._tickets: dict[bytes, SessionTicket] = {}

    @property
    def url(self) -> str:
        return f"quic://127.0.0.1:{self.port}#{NAME}"

    def add(self, ticket: SessionTicket) -> None:
        self._tickets[ticket.ticket] = ticket

    def pop(self, label: bytes) -> SessionTicket | None:
        return self._tickets.pop(label, None)


@contextlib.asynccontextmanager
async def quic_serving(
    issued: Issued, behaviour: Behaviour = answering, protocol: str = "doq"
) -> AsyncIterator[QuicServer]:
    server = QuicServer(behaviour)
    configuration = QuicConfiguration(is_client=False, alpn_protocols=[protocol])
    configuration.load_cert_chain(issued.path)
    listener = await serve(
        "127.0.0.1",
        0,
        configuration=configuration,
        create_protocol=lambda quic, stream_handler=None: Talk(quic, server),
        session_ticket_fetcher=server.pop,
        session_ticket_handler=server.add,
    )
    assert listener._transport is not None
    server.port = listener._transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        listener.close()
