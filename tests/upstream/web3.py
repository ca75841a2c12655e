"""A DoH server over HTTP/3 (aioquic's) that does as it is told."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import QuicEvent

from tests.upstream.authority import NAME, Issued
from tests.upstream.servers import right
from tests.upstream.web import DNS


class Request3:
    """One request."""

    def __init__(self, talk: Talk3, stream: int, headers: dict[str, str]) -> None:
        self.talk = talk
        self.stream = stream
        self.headers = headers
        self.body = b""

    def head(self, status: int, **more: str) -> None:
        headers = {":status": str(status), **{name.replace("_", "-"): value for name, value in more.items()}}
        self.talk.h3.send_headers(self.stream, [(name.encode(), value.encode()) for name, value in headers.items()])

    def respond(self, body: bytes, status: int = 200, **more: str) -> None:
        self.head(status, **{"content_type": DNS} | more)
        self.talk.h3.send_data(self.stream, body, end_stream=True)

    def reset(self, code: int) -> None:
        self.talk.quic.reset_stream(self.stream, code)


class Talk3(QuicConnectionProtocol):
    """One connection at the server."""

    def __init__(self, quic: QuicConnection, server: Web3Server) -> None:
        super().__init__(quic)
        self.quic = quic
        self.h3 = H3Connection(quic)
        self._server = server
        self._open: dict[int, Request3] = {}
        server.talks.append(self)
        self.number = len(server.talks)

    def quic_event_received(self, event: QuicEvent) -> None:
        for one in self.h3.handle_event(event):
            if isinstance(one, HeadersReceived):
                headers = {name.decode(): value.decode() for name, value in one.headers}
                self._open[one.stream_id] = Request3(self, one.stream_id, headers)
            elif isinstance(one, DataReceived):
                self._open[one.stream_id].body += one.data
            if isinstance(one, HeadersReceived | DataReceived) and one.stream_ended:
                request = self._open.pop(one.stream_id)
                self._server.requests.append(request)
                self._server.behaviour(request)
                self.transmit()


Behaviour = Callable[[Request3], None]


def answering(request: Request3) -> None:
    request.respond(right(request.body))


class Web3Server:
    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.port = 0
        self.talks: list[Talk3] = []
        self.requests: list[Request3] = []

    @property
    def url(self) -> str:
        return f"h3://127.0.0.1:{self.port}/q#{NAME}"


@contextlib.asynccontextmanager
async def web3_serving(issued: Issued, behaviour: Behaviour = answering) -> AsyncIterator[Web3Server]:
    server = Web3Server(behaviour)
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
    configuration.load_cert_chain(issued.path)
    listener = await serve(
        "127.0.0.1",
        0,
        configuration=configuration,
        create_protocol=lambda quic, stream_handler=None: Talk3(quic, server),
    )
    assert listener._transport is not None
    server.port = listener._transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        listener.close()
