"""One client's HTTPS connection, HTTP/2 or HTTP/1.1 as the handshake settled (RFC 7301), and its queries."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from resolver.listen import doh
from resolver.listen.certificate import Certificate
from resolver.listen.doh import Asked, Reply, Request
from resolver.listen.http1 import Http1
from resolver.listen.http2 import Http2
from resolver.listen.stream import Means, Stream
from resolver.model import Transport
from resolver.pipeline.answering import Answer
from resolver.pipeline.identify import peer_key

PROTOCOLS = ("h2", "http/1.1")
_AT_ONCE = 256  # bytes of one connection that are looked at at once: 20 requests, when they are made to be short
_SLICE = 0.001  # seconds, likewise


class Version(Protocol):
    """A version of HTTP without sockets. Streams are numbers."""

    def feed(self, data: bytes) -> list[tuple[int, Request | Reply]]:
        """What came: requests that are whole, and what to reply to those that cannot be."""
        ...

    def reply(self, stream: int, reply: Reply, *, bare: bool) -> None:
        """Answer a stream, if it is still open; `bare` leaves the body out (HEAD)."""
        ...

    def out(self) -> bytes:
        """What is to be sent now."""
        ...

    @property
    def held(self) -> int:
        """Bytes of requests that are not whole, and of replies that wait for the client's windows."""
        ...

    @property
    def busy(self) -> bool:
        """Whether something has to be answered before more is read."""
        ...

    @property
    def over(self) -> bool:
        """Whether nothing more can come of this connection."""
        ...


class Web(Stream):
    """Requests in, answers out."""

    def __init__(self, means: Means, peer: str, certificate: Certificate) -> None:
        super().__init__(means, peer)
        self._certificate = certificate
        self._id = ""
        self._found: deque[tuple[int, Request | Reply]] = deque()  # whole, and not answered yet
        self._version: Version

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        secured = transport.get_extra_info("ssl_object")
        self._id = self._certificate.id(secured)
        self._version = Http2() if secured.selected_alpn_protocol() == "h2" else Http1()
        self.write(self._version.out())

    def connection_lost(self, error: Exception | None) -> None:
        self._found.clear()
        super().connection_lost(error)

    @property
    def free(self) -> bool:
        return super().free and not self._version.busy

    @property
    def weight(self) -> int:
        return super().weight + self._version.held + sum([_size(found) for _, found in self._found])

    def take(self) -> None:
        """Answer what is whole, for as long as others can wait: an answer may be large, and there may be a hundred."""
        end = self.means.clock.monotonic() + _SLICE
        while (self._found and not self._behind) or self.free:
            if not self._found:
                data = bytes(self.buffer[:_AT_ONCE])
                del self.buffer[:_AT_ONCE]
                self._found += self._version.feed(data)
            if self._found:
                self._one(*self._found.popleft())
                self._found += self._version.feed(b"")  # what waited for that answer
            elif not self.buffer:
                break
            if self.means.clock.monotonic() >= end:
                break
        self._flush()
        if self._found or (self.buffer and self.free):
            self.yield_turn()

    def _one(self, stream: int, request: Request | Reply) -> None:
        self.live()
        if isinstance(request, Reply):
            self._version.reply(stream, request, bare=False)
        else:
            self._ask(stream, request)

    def _ask(self, stream: int, request: Request) -> None:
        asked = doh.read(request)
        bare = request.method == "HEAD"
        if isinstance(asked, Reply):
            self._version.reply(stream, asked, bare=bare)
            return
        key = peer_key(self.peer, asked.id or self._id)
        answer = self.means.answering.answer(asked.query, key, Transport.HTTPS)
        if answer is None or isinstance(answer, bytes):
            self._version.reply(stream, doh.told(asked, answer), bare=bare)
            return

        def deliver(made: Answer) -> None:
            self._told(stream, asked, made, bare=bare)

        self.later(answer, deliver)

    def _told(self, stream: int, asked: Asked, answer: Answer, *, bare: bool) -> None:
        self._version.reply(stream, doh.told(asked, answer), bare=bare)
        self._flush()

    def _flush(self) -> None:
        self.write(self._version.out())
        if self._version.over:
            self.close()


def _size(found: Request | Reply) -> int:
    """Bytes of what is not answered yet."""
    return len(found.body) + (sum(map(len, found.headers.values())) if isinstance(found, Request) else 0)
