"""DNS over QUIC (RFC 9250) with aioquic, which is an extra: `pip install lull-dns[quic]`. A stream a query."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from typing import Any, cast

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import QuicServer
from aioquic.quic import events
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from cryptography.exceptions import UnsupportedAlgorithm

from resolver.listen.certificate import Certificate
from resolver.listen.crowd import IDLE
from resolver.listen.quicname import named
from resolver.listen.stream import IN_FLIGHT, Means
from resolver.model import Transport
from resolver.pipeline.answering import Answer
from resolver.pipeline.identify import peer_key
from resolver.pipeline.later import Later
from resolver.wire.padding import padded

log = logging.getLogger(__name__)

_NO_ERROR, _INTERNAL_ERROR, _PROTOCOL_ERROR, _EXCESSIVE_LOAD = 0, 1, 2, 4  # RFC 9250 section 4.3
_LONG = 0x80  # in the first byte of what opens a connection (RFC 8999 section 5.1)
_HEADER = 12
_LARGEST = 2 + 65_535  # bytes of a stream
_HELD = 256 << 10  # bytes of queries of one connection of which not all is here
_LATE = 100  # datagrams that wait for their turn
_STREAM = 2 << 10  # bytes that a stream takes beside what it says


class Talk(QuicConnectionProtocol):
    """One client's connection. Streams that the client opens are queries; an answer ends its stream. Who it is it may
    say by the name that it asks the `certificate` for."""

    def __init__(self, quic: QuicConnection, means: Means, certificate: Certificate) -> None:
        super().__init__(quic)
        self.peer = ""
        self._named = named(quic)
        self._certificate = certificate
        self.in_flight = 0
        self.active = means.clock.monotonic()
        self._quic_ = quic
        self._means = means
        self._parts: dict[int, bytearray] = {}
        self._over = False

    def datagram_received(self, data: bytes | str, addr: object) -> None:
        """The address of a client may change; what it asks for counts for the one it had when it began."""
        first = not self.peer
        if first:
            self.peer = cast("tuple[str]", addr)[0]
        super().datagram_received(data, addr)
        if first and not self._over:
            self._means.crowd.join(self)
        self._weigh()

    def quic_event_received(self, event: events.QuicEvent) -> None:
        if isinstance(event, events.StreamDataReceived):
            self._part(event.stream_id, event.data, whole=event.end_stream)
        elif isinstance(event, events.StreamReset | events.StopSendingReceived):
            self._parts.pop(event.stream_id, None)
        elif isinstance(event, events.ConnectionTerminated):
            self._leave()

    def _leave(self) -> None:
        self._over = True
        self._parts.clear()
        self._means.crowd.leave(self)
        self._means.shared.held.drop(self)

    def _part(self, stream: int, data: bytes, *, whole: bool) -> None:
        if self._over:
            return
        parts = self._parts.setdefault(stream, bytearray())
        parts += data
        if stream % 4 or len(parts) > _LARGEST:  # not a stream that takes an answer, or no query
            self._end(_PROTOCOL_ERROR)
        elif sum(map(len, self._parts.values())) > _HELD:
            self._end(_EXCESSIVE_LOAD)
        elif whole:
            del self._parts[stream]
            self._query(stream, bytes(parts))

    def _query(self, stream: int, data: bytes) -> None:
        message = data[2:]
        if len(message) < _HEADER or int.from_bytes(data[:2], "big") != len(message) or message[:2] != b"\0\0":
            self._end(_PROTOCOL_ERROR)
            return
        if self.in_flight >= IN_FLIGHT:
            self._quic_.reset_stream(stream, _EXCESSIVE_LOAD)
            self.transmit()
            return
        self.active = self._means.clock.monotonic()
        key = peer_key(self.peer, self._certificate.id_in(self._named.called))
        answer = self._means.answering.answer(message, key, Transport.QUIC)
        if answer is None or isinstance(answer, bytes):
            self._tell(stream, answer)
        else:
            self.in_flight += 1
            self._means.spawn(self._later(stream, answer))

    async def _later(self, stream: int, answer: Later[Answer]) -> None:
        try:
            self._tell(stream, await answer)
        except Exception:
            # Out of its task it would end the worker.
            log.exception("a connection is closed: internal error")
            self._end(_INTERNAL_ERROR)
        finally:
            self.in_flight -= 1
        self.active = self._means.clock.monotonic()
        self._weigh()

    def _tell(self, stream: int, answer: Answer) -> None:
        with contextlib.suppress(ValueError, AssertionError):  # the client took the stream back, or is gone
            if answer is None:
                self._quic_.reset_stream(stream, _NO_ERROR)
            else:
                data = padded(answer)
                self._quic_.send_stream_data(stream, len(data).to_bytes(2, "big") + data, end_stream=True)
            self.transmit()

    def _weigh(self) -> None:
        if not self._over:
            self._means.shared.held.weigh(self, sum(map(len, self._parts.values())) + _kept(self._quic_))

    def _end(self, code: int) -> None:
        self._leave()
        self.close(error_code=code)

    def abort(self) -> None:
        """Close, and leave the crowd."""
        self._end(_NO_ERROR)


def _kept(quic: QuicConnection) -> int:
    """Bytes that aioquic keeps: of answers that a client has not taken yet, and of queries from which something before
    is missing. As it lets a client send ever more, a byte far behind would be enough to have it keep a gigabyte."""
    streams = (*quic._streams.values(), *quic._crypto_streams.values())  # noqa: SLF001 - aioquic tells in no other way
    return sum([len(one.sender._buffer) + len(one.receiver._buffer) + _STREAM for one in streams])  # noqa: SLF001


class _Server(QuicServer):
    """Tells datagrams of one socket apart by connection. Those that begin a handshake wait for their turn: not every
    client sends them again."""

    def __init__(self, listener: QuicListener) -> None:
        super().__init__(configuration=listener.configuration, create_protocol=listener.talk, retry=True)
        self._listener = listener
        self._pace = listener.means.shared.pace
        self._late = 0

    def datagram_received(self, data: bytes | str, addr: Any) -> None:
        if not self._listener.renew():
            return
        packet = cast("bytes", data)
        opens = len(packet) > 6 and packet[0] & _LONG and packet[6 : 6 + packet[5]] not in self._protocols
        if not opens:
            super().datagram_received(data, addr)
        elif not self._pace.due:
            known, began = len(self._protocols), time.perf_counter()
            super().datagram_received(data, addr)
            if len(self._protocols) != known:  # else it was asked to prove its address, which costs next to nothing
                self._pace.spent(time.perf_counter() - began)
        elif self._late < _LATE:
            self._late += 1
            asyncio.get_running_loop().call_later(self._pace.due, self._again, data, addr)

    def _again(self, data: bytes | str, addr: Any) -> None:
        self._late -= 1
        self.datagram_received(data, addr)


class QuicListener:
    """The UDP sockets of this worker that speak QUIC. A client is asked to prove its address first (RFC 9000 8.1.2)."""

    def __init__(self, means: Means, certificate: Certificate) -> None:
        self.means = means
        self._certificate = certificate
        self.configuration = QuicConfiguration(
            is_client=False, alpn_protocols=["doq"], idle_timeout=IDLE, max_data=1 << 20, max_stream_data=_LARGEST
        )
        self._servers: list[QuicServer] = []
        self._version = 0

    async def start(self, sock: socket.socket) -> None:
        """Answer on a bound socket; there may be several."""
        loop = asyncio.get_running_loop()
        _, server = await loop.create_datagram_endpoint(lambda: _Server(self), sock=sock)
        self._servers.append(server)

    def talk(self, quic: QuicConnection, **_: object) -> Talk:
        """The protocol of a new connection."""
        return Talk(quic, self.means, self._certificate)

    def renew(self) -> bool:
        """Take the certificate if there is another one, once; whether there is any. The last good one is kept."""
        if self._version != self._certificate.version:
            self._version = self._certificate.version
            taken = QuicConfiguration(is_client=False)
            try:
                taken.load_cert_chain(*self._certificate.files)
            except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
                log.error("QUIC cannot use the certificate %s: %s", self._certificate.files[0], error)
            else:
                mine = self.configuration
                mine.certificate, mine.certificate_chain = taken.certificate, taken.certificate_chain
                mine.private_key = taken.private_key
        return self.configuration.certificate is not None

    def stop(self) -> None:
        """Take no more; QUIC has no way to read on without answering."""

    def close(self) -> None:
        for server in self._servers:
            server.close()
