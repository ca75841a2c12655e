"""What every connection does alike, whatever is spoken over it: it is counted, throttled, and ends in time."""

from __future__ import annotations

import abc
import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, cast

from resolver.listen import crowd
from resolver.listen.crowd import Crowd, Member
from resolver.listen.held import Held
from resolver.listen.pace import Pace
from resolver.listen.rota import Rota
from resolver.model import Clock
from resolver.pipeline.answering import Answer, Answering
from resolver.pipeline.later import Later

log = logging.getLogger(__name__)

_READ = 64 << 10  # bytes read at a time
_SEALED = 16 << 10  # bytes of TLS that wait while their client is not read; asyncio's own are 256 KiB
UNREAD = 64 << 10  # bytes of answers waiting from which on a client counts as one that does not read
IN_FLIGHT = 100  # queries of one connection being worked on; then it is not read until some are answered

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class Before(Member, Protocol):
    """Who stands in the crowd for a connection that is being opened. When it is `gone`, so is the connection."""

    gone: bool


class Shared:
    """What all connections of a worker share. What comes is read into `scratch`, whoever it is for."""

    def __init__(self) -> None:
        self.held = Held()
        self.pace = Pace()
        self.rota = Rota()
        self.scratch = memoryview(bytearray(_READ))


class Means:
    """What connections of one kind share. In the `lobby` are those that have not said yet what they must."""

    def __init__(self, answering: Answering, clock: Clock, spawn: Spawn, shared: Shared | None = None) -> None:
        self.answering = answering
        self.clock = clock
        self.spawn = spawn
        self.shared = shared or Shared()
        self.crowd = Crowd(clock, crowd.MAX_CONNECTIONS, crowd.MAX_PER_CLIENT)
        self.lobby = Crowd(clock, crowd.MAX_OPENING, crowd.MAX_OPENING_PER_CLIENT)


class Stream(asyncio.BufferedProtocol, abc.ABC):
    """One client's connection. Whoever inherits takes what is in `buffer` and writes answers.

    `peer` is the client's address, also behind a proxy.
    """

    def __init__(self, means: Means, peer: str) -> None:
        self.means = means
        self.peer = peer
        self.in_flight = 0
        self.active = means.clock.monotonic()
        self.before: Before | None = None  # who stood in the lobby for it until now
        self.buffer = bytearray()
        self.transport: asyncio.Transport | None = None
        self._carrier: asyncio.Transport | None = None  # what is below TLS, and has a buffer of its own
        self.writable = True
        self.eof = False
        self._behind = False
        self._secured = False
        self._reading = True

    @abc.abstractmethod
    def take(self) -> None:
        """Take what is whole in the buffer, for as long as `free`."""

    @property
    def free(self) -> bool:
        """Whether another query may begin: not too many are under way, the client reads answers, and it is its turn."""
        return self.in_flight < IN_FLIGHT and self.writable and not self._behind

    @property
    def weight(self) -> int:
        """Bytes that it holds."""
        size = len(self.buffer)
        for transport in (self.transport, self._carrier):
            size += 0 if transport is None else transport.get_write_buffer_size()
        return size

    def yield_turn(self) -> None:
        """There is more in the buffer than is fair to take at once: the rest is taken when others had their turn."""
        if not self._behind:
            self._behind = True
            self.means.shared.rota.add(self._turn)

    def _turn(self) -> None:
        self._behind = False
        try:
            self._go_on()
        except Exception:
            log.exception("a connection is closed: internal error")
            self.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._secured = transport.get_extra_info("ssl_object") is not None
        if self._secured:
            tls = cast("Any", transport)
            tls.set_read_buffer_limits(_SEALED)
            self._carrier = tls._ssl_protocol._transport  # noqa: SLF001 - asyncio tells in no other way
        self.transport.set_write_buffer_limits(UNREAD)
        if self.before is not None:
            if self.before.gone:
                self.abort()
                return
            self.means.lobby.leave(self.before)
        self.means.crowd.join(self)

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = self._carrier = None
        self.buffer.clear()
        self._leave()

    def _leave(self) -> None:
        self.means.crowd.leave(self)
        self.means.shared.held.drop(self)

    def close(self) -> None:
        """Close once what is written has gone out."""
        if self.transport is not None and not self.transport.is_closing():  # what was closed twice cannot be aborted
            self.transport.close()

    def abort(self) -> None:
        """Close now: whoever does not read may not hold the connection open."""
        self._leave()
        if self.transport is not None:
            self.transport.abort()

    def pause_writing(self) -> None:
        """The client does not read: we do not read either."""
        self.writable = False
        self._throttle()

    def resume_writing(self) -> None:
        self.writable = True
        self._go_on()

    def eof_received(self) -> bool:
        """The client asks no more; what it asked is still answered, but over TLS: asyncio then closes both halves."""
        self.eof = True
        return not self._secured and (self.in_flight > 0 or not self.writable or self._behind)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - it is always the same
        return self.means.shared.scratch

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(self.means.shared.scratch[:nbytes])

    def data_received(self, data: bytes | memoryview) -> None:
        """Take what came."""
        self.buffer += data
        if self.means.shared.rota.busy:
            self.yield_turn()
        else:
            self.take()
        self._throttle()

    def live(self) -> None:
        """Something whole came or went: pieces alone do not keep a connection alive."""
        self.active = self.means.clock.monotonic()

    def write(self, data: bytes) -> None:
        if data and self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def later(self, answer: Later[Answer], deliver: Callable[[Answer], None]) -> None:
        """Have an answer made, and then delivered."""
        self.in_flight += 1
        self.means.spawn(self._later(answer, deliver))

    async def _later(self, answer: Later[Answer], deliver: Callable[[Answer], None]) -> None:
        try:
            try:
                data = await answer
            finally:
                self.in_flight -= 1
            self.live()
            if self.transport is not None:
                deliver(data)
            self._go_on()
        except Exception:
            # A mistake in one answer must cost this connection at most: out of its task it would end the worker.
            log.exception("a connection is closed: internal error")
            self.abort()

    def _go_on(self) -> None:
        """Something has gone out: take what still waits in the buffer, read on, or end."""
        self.take()
        self._throttle()
        if self.eof and self.writable and not self.in_flight and not self._behind:
            self.close()

    def _throttle(self) -> None:
        """Read no more than can be taken; and let it be known what is held."""
        if self.transport is None or self.transport.is_closing():
            return
        self.means.shared.held.weigh(self, self.weight)
        if self.eof or self.free == self._reading:
            return
        self._reading = not self._reading
        if self._reading:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()
