"""DoH servers that do as they are told: over HTTP/2 by h2's own server side, over HTTP/1.1 byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

from tests.upstream.authority import NAME, Issued
from tests.upstream.servers import Address, right
from tests.upstream.streamed import carrying, sent

DNS = "application/dns-message"


class Request:
    """One HTTP/2 request."""

    def __init__(self, stream: int, headers: dict[str, str]) -> None:
        self.stream = stream
        self.headers = headers
        self.body = b""


class Web(asyncio.Protocol):
    """One HTTP/2 connection at the server."""

    def __init__(self, server: WebServer) -> None:
        self._server = server
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self._open: dict[int, Request] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.number = len(self._server.webs) + 1
        self._server.webs.append(self)
        self._server.live += 1
        if self._server.settings:
            self.h2.local_settings = h2.settings.Settings(client=False, initial_values=self._server.settings)
        self.h2.initiate_connection()
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.live -= 1

    def data_received(self, data: bytes) -> None:
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                headers = {str(name): str(value) for name, value in event.headers}
                self._open[event.stream_id] = Request(event.stream_id, headers)
            elif isinstance(event, h2.events.DataReceived):
                self._open[event.stream_id].body += event.data
                if self._server.acknowledges:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                request = self._open.pop(event.stream_id)
                self._server.requests.append(request)
                self._server.behaviour(self, request)
        self.flush()

    def flush(self) -> None:
        self.transport.write(self.h2.data_to_send())

    def respond(
        self,
        request: Request,
        body: bytes,
        status: int = 200,
        kind: str | None = DNS,
        more: dict[str, str] | None = None,
    ) -> None:
        headers = [(":status", str(status)), *([("content-type", kind)] if kind else []), *(more or {}).items()]
        self.h2.send_headers(request.stream, headers)
        room = self.h2.local_flow_control_window(request.stream)
        for start in range(0, min(len(body), room), 16_000):
            self.h2.send_data(request.stream, body[start : min(start + 16_000, room)])
        if len(body) > room:  # the rest when there is room
            self.flush()
            asyncio.get_running_loop().call_later(0.005, self._rest, request.stream, body[room:])
        else:
            self.h2.end_stream(request.stream)

    def _rest(self, stream: int, body: bytes) -> None:
        with contextlib.suppress(h2.exceptions.ProtocolError):
            self.h2.send_data(stream, body)
        self.flush()


Behaviour = Callable[[Web, Request], None]


class WebServer:
    def __init__(self, behaviour: Behaviour, settings: dict[h2.settings.SettingCodes, int]) -> None:
        self.behaviour = behaviour
        self.settings = settings
        self.address = Address("127.0.0.1", 0)
        self.webs: list[Web] = []
        self.requests: list[Request] = []
        self.live = 0
        self.acknowledges = True  # what it has read, so that the client may send more

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.address.port}/q#{NAME}"


def answering(web: Web, request: Request) -> None:
    web.respond(request, right(request.body))


@contextlib.asynccontextmanager
async def web_serving(
    tls: ssl.SSLContext, behaviour: Behaviour = answering, settings: dict[h2.settings.SettingCodes, int] | None = None
) -> AsyncIterator[WebServer]:
    server = WebServer(behaviour, settings or {})
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Web(server), "127.0.0.1", 0, ssl=tls)
    server.address = Address("127.0.0.1", listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()
        for web in server.webs:
            web.transport.abort()
        await asyncio.sleep(0.01)


def raw(data: bytes) -> Behaviour:
    return lambda web, _: web.transport.write(data)


def came(issued: Issued, behaviour: Behaviour, more: str = "") -> tuple[str, int, int]:
    """What comes of one query: "answered" or the failure; the requests and the connections there were."""

    async def main() -> tuple[str, int, int]:
        async with web_serving(issued.server("h2"), behaviour) as server, carrying() as carriers:
            delivered = sent(carriers, server.url + more)
            said = "answered" if isinstance(await delivered.result(), bytes) else await delivered.failure()
            return said, len(server.requests), len(server.webs)

    return asyncio.run(main())


class Old:
    """One HTTP/1.1 connection at the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._reader = reader
        self._writer = writer
        self.number = number

    async def request(self) -> tuple[str, bytes]:
        """Head and body of the next request."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        length = [line for line in head.lower().split("\r\n") if line.startswith("content-length: ")]
        return head, await self._reader.readexactly(int(length[0].split()[1])) if length else b""

    def say(self, *parts: bytes | str) -> None:
        for part in parts:
            self._writer.write(part.encode() if isinstance(part, str) else part)

    def respond(self, body: bytes, status: str = "200 OK", kind: str = DNS, more: str = "") -> None:
        self.say(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n", body)


OldBehaviour = Callable[[Old], Awaitable[None]]


@contextlib.asynccontextmanager
async def old_serving(tls: ssl.SSLContext, behaviour: OldBehaviour) -> AsyncIterator[tuple[str, list[Old]]]:
    """A server that has nothing but HTTP/1.1: its URL, and the connections there were."""
    olds: list[Old] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        old = Old(reader, writer, len(olds) + 1)
        olds.append(old)
        try:
            await behaviour(old)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/q#{NAME}", olds
    finally:
        listener.close()
        await asyncio.sleep(0.01)
