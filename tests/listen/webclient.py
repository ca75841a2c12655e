"""A client of HTTP/2 by h2, and one of HTTP/1.1 of nothing but text: what comes back, as it is."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import h2.config
import h2.connection
import h2.events
import h2.exceptions


class Got(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Http2Client:
    """One connection. Requests are sent together, and answered in any order."""

    def __init__(self, port: int, context: ssl.SSLContext, name: str) -> None:
        self._where = port, context, name
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.seen: list[h2.events.Event] = []
        self.left: dict[int, bytes] = {}  # bodies that are not sent yet

    async def __aenter__(self) -> Self:
        port, context, name = self._where
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
        self.h2.initiate_connection()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    def send(self, method: str, path: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> int:
        stream = self.h2.get_next_available_stream_id()
        pseudo = [(":method", method), (":path", path), (":scheme", "https"), (":authority", "dns.example")]
        self.h2.send_headers(stream, [*pseudo, *headers], end_stream=not body)
        self.left[stream] = body
        self.flush()
        return stream

    def flush(self) -> None:
        """Send what the server's windows take."""
        for stream in self.left:
            with contextlib.suppress(h2.exceptions.StreamClosedError):
                while body := self.left[stream]:
                    room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
                    if room <= 0:
                        break
                    self.left[stream] = body[room:]
                    self.h2.send_data(stream, body[:room], end_stream=len(body) <= room)
        self.writer.write(self.h2.data_to_send())

    async def events(self) -> None:
        """The next bytes, as events."""
        data = await asyncio.wait_for(self.reader.read(65_536), 3)
        if not data:
            raise EOFError
        self.seen += self.h2.receive_data(data)
        self.flush()

    async def got(self, stream: int) -> Got:
        while True:
            mine = [event for event in self.seen if getattr(event, "stream_id", None) == stream]
            if any(isinstance(event, h2.events.StreamEnded) for event in mine):
                break
            await self.events()
        head = next(event for event in mine if isinstance(event, h2.events.ResponseReceived))
        headers = {str(name): str(value) for name, value in head.headers}
        body = b"".join(event.data for event in mine if isinstance(event, h2.events.DataReceived))
        return Got(int(headers.pop(":status")), headers, body)


class Http1Client:
    """One connection, kept."""

    def __init__(self, port: int, context: ssl.SSLContext, name: str) -> None:
        self._where = port, context, name

    async def __aenter__(self) -> Self:
        port, context, name = self._where
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    def send(self, method: str, path: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> None:
        more = [*headers, ("content-length", str(len(body)))] if body else headers
        lines = [f"{method} {path} HTTP/1.1", "host: dns.example", *(f"{name}: {value}" for name, value in more)]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def got(self, method: str = "GET") -> Got:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 3)).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        size = 0 if method == "HEAD" else int(headers.get("content-length", "0"))
        return Got(int(head[0].split()[1]), headers, await self.reader.readexactly(size))
