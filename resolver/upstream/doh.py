"""DNS over HTTPS (RFC 8484): HTTP/2, with many requests on one connection, or HTTP/1.1 where a server has only that."""

from __future__ import annotations

import asyncio
from functools import partial

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.http1 import Http1
from resolver.upstream.http2 import Http2
from resolver.upstream.line import Call, Spawn
from resolver.upstream.lines import Lines
from resolver.upstream.request import authority
from resolver.upstream.response import Response
from resolver.upstream.streams import Stream, Streams
from resolver.upstream.tls import Contexts, Security
from resolver.upstream.transport import Transport
from resolver.wire.edns import padded


class HttpLine(Stream):
    """A line that speaks what the server chose: HTTP/2 or HTTP/1.1. Every query has the ID 0 (RFC 8484 section 4.1)."""

    def __init__(self, home: Lines, security: Security) -> None:
        super().__init__(home, security)
        self._speaks: Http2 | Http1 | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        chosen = transport.get_extra_info("ssl_object").selected_alpn_protocol()
        speaks = Http2 if chosen == "h2" else Http1
        self._speaks = speaks(self, authority(self.endpoint), self._responded)
        self._speaks.begin()  # before anything is read: what the server says may have come along with its handshake

    def transmit(self, call: Call) -> None:
        assert self._speaks is not None
        call.sent = b"\0\0" + call.query[2:]
        try:
            sent = self._speaks.transmit(call, padded(call.sent))
        except UpstreamUnreachable as error:
            sent = False
            self.limit = self.at_once = 0  # nothing more is sent here
            self.loop.call_soon(self.fail, error)
        if not sent:
            self.waiting.appendleft(call)

    def forget(self, call: Call) -> None:
        super().forget(call)
        if self._speaks is not None:
            self._speaks.forget(call)

    def _responded(self, call: Call, response: Response) -> None:
        """A response is whole."""
        result = response.message()
        self.heard()
        if isinstance(result, UpstreamError):
            call.settle(result)
        elif not self.answered(call, result):
            call.settle(UpstreamUnreachable("its reply does not match the query"))
        self.pump()

    def data_received(self, data: bytes) -> None:
        assert self._speaks is not None
        if self.over:
            return
        try:
            self._speaks.receive(data)
        except UpstreamUnreachable as error:
            self.fail(error)


class Https(Streams):
    """DNS over HTTPS."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, hosts: Hosts, spawn: Spawn, contexts: Contexts, *, dated: bool = True
    ) -> None:
        super().__init__(loop, hosts, spawn)
        self._contexts = contexts
        self._dated = dated

    def to(self, endpoint: Endpoint) -> Transport:
        security = Security(self._contexts, endpoint, "h2", "http/1.1", dated=self._dated)
        return self.lines(endpoint, partial(HttpLine, security=security))
