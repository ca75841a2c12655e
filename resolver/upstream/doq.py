"""DNS over QUIC (RFC 9250) with aioquic, which is an extra: `pip install lull-dns[quic]`. A stream a query, ID 0."""

from __future__ import annotations

import asyncio
from functools import partial

from aioquic.quic import events

from resolver.errors import UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.line import CLOSED, Call, Spawn
from resolver.upstream.lines import Lines
from resolver.upstream.quicline import QuicLine
from resolver.upstream.quictls import Authorities, Security
from resolver.upstream.streams import Streams
from resolver.upstream.transport import Transport
from resolver.wire.edns import padded

_MAX_MESSAGE = 2 + 65_535  # bytes of a stream
_EXCESSIVE = 4  # DOQ_EXCESSIVE_LOAD (RFC 9250 section 8.4)


class DoqLine(QuicLine):
    """DNS messages with their length before them, each on a stream of its own."""

    def __init__(self, home: Lines, security: Security) -> None:
        super().__init__(home, security)
        self._parts: dict[int, bytearray] = {}

    def transmit(self, call: Call) -> None:
        call.sent = b"\0\0" + call.query[2:]
        data = padded(call.sent)
        number = call.number = self.quic.get_next_available_stream_id()
        self.calls[number] = call
        self._parts[number] = bytearray()
        self.quic.send_stream_data(number, len(data).to_bytes(2, "big") + data, end_stream=True)
        self.leave()

    def received(self, event: events.QuicEvent) -> None:
        if isinstance(event, events.StreamDataReceived):
            self._part(event.stream_id, event.data, whole=event.end_stream)
        elif isinstance(event, events.StreamReset | events.StopSendingReceived):
            self._parts.pop(event.stream_id, None)
            self.refused(event.stream_id, event.error_code)

    def _part(self, number: int, data: bytes, *, whole: bool) -> None:
        part = self._parts.get(number)
        if part is None:
            return
        part += data
        if not whole and len(part) <= _MAX_MESSAGE:
            return
        del self._parts[number]
        if not whole:
            self.quic.stop_stream(number, _EXCESSIVE)
        call = self.take(number)
        if call is None or (len(part) == 2 + int.from_bytes(part[:2], "big") and self.answered(call, bytes(part[2:]))):
            return
        call.settle(UpstreamUnreachable("its reply does not match the query" if part else CLOSED))
        self.pump()

    def forget(self, call: Call) -> None:
        super().forget(call)
        self._parts.pop(call.number, None)


class Quic(Streams):
    """DNS over QUIC."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hosts: Hosts, spawn: Spawn, *, dated: bool = True) -> None:
        super().__init__(loop, hosts, spawn)
        self._authorities = Authorities()
        self._dated = dated

    def to(self, endpoint: Endpoint) -> Transport:
        security = Security(self._authorities, endpoint, "doq", dated=self._dated)
        return self.lines(endpoint, partial(DoqLine, security=security))
