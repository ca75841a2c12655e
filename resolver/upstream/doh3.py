"""DNS over HTTPS with HTTP/3 (RFC 8484, RFC 9114), with aioquic: `doh` and `doq` in one."""

from __future__ import annotations

import asyncio
from functools import partial

from aioquic.h3 import events as h3
from aioquic.h3.connection import ErrorCode, H3Connection
from aioquic.quic import events

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.line import Call, Spawn
from resolver.upstream.lines import Lines
from resolver.upstream.quicline import QuicLine
from resolver.upstream.quictls import Authorities, Security
from resolver.upstream.request import authority, headers, with_query
from resolver.upstream.response import MAX_BODY, UNUSED, USELESS, Response
from resolver.upstream.streams import Streams
from resolver.upstream.transport import Transport
from resolver.wire.edns import padded


class Http3Line(QuicLine):
    """A line that speaks HTTP/3. Every query has the ID 0 (RFC 8484 section 4.1)."""

    def __init__(self, home: Lines, security: Security) -> None:
        super().__init__(home, security)
        self._h3: H3Connection | None = None
        self._responses: dict[int, Response] = {}
        self._headers = headers(self.endpoint, authority(self.endpoint))
        self._unused = 0  # bytes since some were of a response

    def begin(self) -> None:
        self._h3 = H3Connection(self.quic)

    def transmit(self, call: Call) -> None:
        assert self._h3 is not None
        call.sent = b"\0\0" + call.query[2:]
        data = padded(call.sent)
        number = call.number = self.quic.get_next_available_stream_id()
        self.calls[number] = call
        self._responses[number] = Response()
        if self.endpoint.method == "get":
            path = (b":path", with_query(self.endpoint, data))
            self._h3.send_headers(number, [path, *self._headers], end_stream=True)
        else:
            length = (b"content-length", str(len(data)).encode())
            self._h3.send_headers(number, [*self._headers, length])
            self._h3.send_data(number, data, end_stream=True)
        self.leave()

    def received(self, event: events.QuicEvent) -> None:
        assert self._h3 is not None
        if isinstance(event, events.StreamDataReceived):
            self._unused += len(event.data)
        for one in self._h3.handle_event(event):
            if isinstance(one, h3.HeadersReceived | h3.DataReceived):
                self._read(one)
        if isinstance(event, events.StreamReset | events.StopSendingReceived):
            self._was_reset(event.stream_id, event.error_code)
        if self._unused > UNUSED:
            self.fail(UpstreamUnreachable(USELESS))

    def _read(self, event: h3.HeadersReceived | h3.DataReceived) -> None:
        number = event.stream_id
        response = self._responses.get(number)
        if response is None:
            return
        self._unused = 0
        failure: UpstreamError | None = None
        if isinstance(event, h3.DataReceived):
            if not response.add(event.data):
                failure = UpstreamUnreachable(f"a response longer than {MAX_BODY} bytes")
        elif event.headers[0][0] == b":status":  # and no trailers
            failure = response.head(event.headers[0][1], event.headers)
        if failure is not None or event.stream_ended:
            self._end(number, response, failure, whole=event.stream_ended)

    def _end(self, number: int, response: Response, failure: UpstreamError | None, *, whole: bool) -> None:
        """A response is whole, or nothing more is wanted of it."""
        del self._responses[number]
        if not whole:
            self.quic.stop_stream(number, ErrorCode.H3_REQUEST_CANCELLED)
        call = self.take(number)
        if call is None:
            return
        result = failure or response.message()
        if isinstance(result, UpstreamError):
            call.settle(result)
        elif not self.answered(call, result):
            call.settle(UpstreamUnreachable("its reply does not match the query"))
        self.pump()

    def _was_reset(self, number: int, code: int) -> None:
        self._responses.pop(number, None)
        if code == ErrorCode.H3_REQUEST_REJECTED and number in self.calls:
            self.fail(None)  # it takes no more here (RFC 9114 section 5.2): all is sent once more
        else:
            self.refused(number, code)

    def forget(self, call: Call) -> None:
        super().forget(call)
        self._responses.pop(call.number, None)


class Http3(Streams):
    """DNS over HTTPS with HTTP/3."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hosts: Hosts, spawn: Spawn, *, dated: bool = True) -> None:
        super().__init__(loop, hosts, spawn)
        self._authorities = Authorities()
        self._dated = dated

    def to(self, endpoint: Endpoint) -> Transport:
        security = Security(self._authorities, endpoint, "h3", dated=self._dated)
        return self.lines(endpoint, partial(Http3Line, security=security))
