"""DNS over TCP, and over TLS, which is the same inside it (RFC 7766, RFC 7858): pipelined, replies in any order."""

from __future__ import annotations

import asyncio
import ssl
from abc import abstractmethod
from collections.abc import Callable
from functools import partial

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.do53 import unreachable
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.line import CLOSED, CONNECT, Call, Line, Spawn
from resolver.upstream.lines import Lines
from resolver.upstream.tls import Contexts, Security
from resolver.upstream.transport import Transport
from resolver.wire.edns import padded

_HEADER = 12  # bytes; nothing shorter is a DNS message
_GOODBYE = 1.0  # seconds that a peer has to answer the end of TLS


class Stream(Line, asyncio.Protocol):
    """A line over a TCP connection, in TLS if there is `security`. What is written in one turn of the loop goes out
    together: in one segment, and one TLS record (RFC 7766 section 8)."""

    def __init__(self, home: Lines, security: Security | None) -> None:
        super().__init__(home)
        self._security = security
        self._transport: asyncio.Transport | None = None
        self._ssl: ssl.SSLObject | None = None
        self._out: list[bytes] = []

    async def connect(self, host: str) -> None:
        security = self._security
        await self.loop.create_connection(
            lambda: self,
            host,
            self.endpoint.port,
            ssl=None if security is None else security.context,
            server_hostname=None if security is None else self.endpoint.name,
            ssl_handshake_timeout=None if security is None else CONNECT,
            ssl_shutdown_timeout=None if security is None else _GOODBYE,
        )
        assert self._transport is not None
        try:
            if security is not None and self._ssl is not None:
                security.check(self._ssl)
            if self._transport.is_closing():
                raise UpstreamUnreachable(CLOSED)
        except UpstreamError:
            self._transport.abort()
            raise
        self.ready()

    def ready(self) -> None:
        """The handshake is over and the peer is who it should be."""
        self.opened()

    def failure(self, error: OSError) -> UpstreamError:
        if self._security is not None and (found := self._security.failure(error)) is not None:
            return found
        return unreachable(error, "" if self._security is not None else "over TCP: ")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ssl = transport.get_extra_info("ssl_object")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._security is not None and self._ssl is not None:
            self._security.keep(self._ssl)
        if self.open:
            reason = str(exc) if isinstance(exc, OSError) and exc.strerror is None else getattr(exc, "strerror", None)
            self.fail(UpstreamUnreachable(f"the connection was lost: {reason}") if reason else None)

    def write(self, data: bytes) -> None:
        """Write with all else that is written in this turn of the loop."""
        if not self._out:
            self.loop.call_soon(self._flush)
        self._out.append(data)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self._transport is not None and not self.over:
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))

    def hang_up(self) -> None:
        if self._transport is not None:
            if self.calls:
                self._transport.abort()
            else:
                self._transport.close()

    @abstractmethod
    def data_received(self, data: bytes) -> None: ...


class Framed(Stream):
    """DNS messages with their length before them."""

    def __init__(self, home: Lines, security: Security | None) -> None:
        super().__init__(home, security)
        self._rest = bytearray()
        self._padded = security is not None

    def transmit(self, call: Call) -> None:
        number = int.from_bytes(call.query[:2], "big")
        if number in self.calls:
            while number in self.calls:
                number = (number + 1) & 0xFFFF
            call.sent = number.to_bytes(2, "big") + call.query[2:]
        call.number = number
        self.calls[number] = call
        data = padded(call.sent) if self._padded else call.sent
        self.write(len(data).to_bytes(2, "big") + data)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            self._rest += data
            data = bytes(self._rest) if self._complete() else b""
        offset = 0
        while len(data) - offset > 1:
            end = offset + 2 + (data[offset] << 8 | data[offset + 1])
            if end - offset < 2 + _HEADER:
                self.fail(UpstreamUnreachable("what it sends is not DNS"))
                return
            if end > len(data):
                break
            self._message(data[offset + 2 : end])
            offset = end
        if data:
            self._rest = bytearray(data[offset:])

    def _complete(self) -> bool:
        """Whether the first message of what is left over is whole: only then is it worth a copy."""
        rest = self._rest
        return len(rest) > 1 and len(rest) >= 2 + (rest[0] << 8 | rest[1])

    def _message(self, data: bytes) -> None:
        number = data[0] << 8 | data[1]
        call = self.calls.get(number)
        if call is None:
            self.stray()
            return
        del self.calls[number]
        if not self.answered(call, data):
            self.calls[number] = call  # as the youngest; the right reply may still come
            self.stray()


class Streams:
    """A carrier whose transports are Lines."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hosts: Hosts, spawn: Spawn) -> None:
        self._loop = loop
        self._hosts = hosts
        self._spawn = spawn
        self._open: set[Lines] = set()

    def lines(self, endpoint: Endpoint, make: Callable[[Lines], Line]) -> Lines:
        """The connections to an endpoint; `make` makes one."""
        return Lines(endpoint, self._hosts, self._loop, self._spawn, make, self._open)

    def close(self) -> None:
        for lines in list(self._open):
            lines.close()


class Tcp(Streams):
    """DNS over plain TCP."""

    def to(self, endpoint: Endpoint) -> Transport:
        return self.lines(endpoint, partial(Framed, security=None))


class Tls(Streams):
    """DNS over TLS."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, hosts: Hosts, spawn: Spawn, contexts: Contexts, *, dated: bool = True
    ) -> None:
        super().__init__(loop, hosts, spawn)
        self._contexts = contexts
        self._dated = dated

    def to(self, endpoint: Endpoint) -> Transport:
        security = Security(self._contexts, endpoint, "dot", dated=self._dated)
        return self.lines(endpoint, partial(Framed, security=security))
