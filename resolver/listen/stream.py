"""What every connection does alike, whatever is spoken over it: it is counted, throttled, and ends in time."""

from __future__ import annotations

import abc
import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, cast

from resolver.listen.crowd import Crowd, Member
from resolver.model import Clock
from resolver.pipeline.answering import Answer, Answering

log = logging.getLogger(__name__)

IN_FLIGHT = 100  # queries of one connection being worked on; then it is not read until some are answered

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class Before(Member, Protocol):
    """Who stands in the crowd for a connection that is being opened. When it is `gone`, so is the connection."""

    gone: bool


class Means:
    """What connections of one kind share."""

    def __init__(self, answering: Answering, clock: Clock, spawn: Spawn) -> None:
        self.answering = answering
        self.clock = clock
        self.spawn = spawn
        self.crowd = Crowd(clock)


class Stream(asyncio.Protocol, abc.ABC):
    """One client's connection. Whoever inherits takes what is in `buffer` and writes answers.

    `peer` is the client's address, also behind a proxy.
    """

    def __init__(self, means: Means, peer: str) -> None:
        self.means = means
        self.peer = peer
        self.in_flight = 0
        self.active = means.clock.monotonic()
        self.before: Before | None = None  # who stood in the crowd for it until now
        self.buffer = bytearray()
        self.transport: asyncio.Transport | None = None
        self.writable = True
        self.eof = False
        self._behind = False
        self._secured = False

    @abc.abstractmethod
    def take(self) -> None:
        """Take what is whole in the buffer, for as long as `free`."""

    @property
    def free(self) -> bool:
        """Whether another query may begin: not too many are under way, the client reads answers, and it is its turn."""
        return self.in_flight < IN_FLIGHT and self.writable and not self._behind

    def yield_turn(self) -> None:
        """There is more in the buffer than is fair to take at once: the rest is taken when others had their turn."""
        self._behind = True
        asyncio.get_running_loop().call_soon(self._turn)

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
        if self.before is not None:
            if self.before.gone:
                self.abort()
                return
            self.means.crowd.leave(self.before)
        self.means.crowd.join(self)

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        self.buffer.clear()
        self.means.crowd.leave(self)

    def close(self) -> None:
        """Close once what is written has gone out."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Close now: whoever does not read may not hold the connection open."""
        self.means.crowd.leave(self)
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

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.take()
        self._throttle()

    def live(self) -> None:
        """Something whole came or went: pieces alone do not keep a connection alive."""
        self.active = self.means.clock.monotonic()

    def write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def later(self, answer: Coroutine[Any, Any, Answer], deliver: Callable[[Answer], None]) -> None:
        """Have an answer made, and then delivered."""
        self.in_flight += 1
        self.means.spawn(self._later(answer, deliver))

    async def _later(self, answer: Coroutine[Any, Any, Answer], deliver: Callable[[Answer], None]) -> None:
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
        if self.transport is None or self.transport.is_closing() or self.eof:
            return
        if self.free:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()
