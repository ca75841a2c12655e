"""One question on its way through the upstreams: a small state machine with one timer and no task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable, WireError
from resolver.model import Question, Rcode
from resolver.upstream.do53 import Sent
from resolver.upstream.upstream import Upstream
from resolver.wire import reply as wire

HEDGE = 0.8  # seconds without a reply after which the next upstream is asked as well
LINGER = 2.0  # seconds that one who has been silent for HEDGE is listened to after another has answered
DEADLINE = 5.0  # seconds for everything
ATTEMPTS = 3  # queries sent for one question, those over TCP after a truncated reply apart

_USABLE = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})


class Answer(msgspec.Struct, frozen=True):
    """A reply, and the URL of the upstream that gave it."""

    reply: wire.Reply
    upstream: str


class Asking:
    """Settles `future` with an Answer, or with UpstreamTimeout or UpstreamUnreachable; then every socket is closed.

    Only what has been silent for HEDGE, and the probe of an upstream that is down, may outlast that, until LINGER: the
    one may be a name that is slow everywhere, which a late answer shows, and the other could not come back if it had to
    be the fastest. `ended` is called when nothing is open any more.
    """

    def __init__(
        self,
        question: Question,
        future: asyncio.Future[Answer],
        loop: asyncio.AbstractEventLoop,
        build: Callable[[], bytes],
        ended: Callable[[Asking], None],
    ) -> None:
        self._question = question
        self._future = future
        self._loop = loop
        self._build = build
        self._ended = ended
        self._began = loop.time()
        self._left: list[Upstream] = []
        self._open: dict[int, tuple[Upstream, Sent, float]] = {}  # by number of attempt: whom, the query, since when
        self._sent = 0
        self._probe = 0
        self._blamed: set[int] = set()  # attempts whose silence was counted as a failure of their upstreams
        self._timer: asyncio.TimerHandle | None = None
        self._failure: UpstreamError | None = None
        self._unusable: Answer | None = None
        future.add_done_callback(self._settled)

    def start(self, order: Sequence[Upstream], probe: Upstream | None) -> None:
        """Ask the first of `order` now, and `probe` beside it; the others when their time comes."""
        self._left = [order[n % len(order)] for n in range(ATTEMPTS - (probe is not None))]
        self._next()
        if probe is not None:
            self._send(probe, 0)
            self._probe = self._sent

    def _next(self) -> None:
        """Ask the next upstream and set the timer: for the one after it, or for the end."""
        if self._left:
            self._send(self._left.pop(0), 0)
        self._set_timer(HEDGE if self._left else self._began + DEADLINE - self._loop.time())

    def _set_timer(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(max(seconds, 0), self._late)

    def _send(self, upstream: Upstream, transport: int) -> None:
        self._sent += 1
        number = self._sent
        upstream.asked += 1
        now = self._loop.time()
        deliver = partial(self._deliver, upstream, number, transport, now)
        sent = upstream.transports[transport].send(upstream.address, self._build(), deliver)
        self._open[number] = (upstream, sent, now)

    def _late(self) -> None:
        """Nothing has come: whoever is silent counts as failing, once, and the next is asked beside them."""
        for number, (silent, _, _) in self._open.items():
            if number not in self._blamed:
                self._blamed.add(number)
                silent.failing("no answer in time")
        if self._left and not self._future.done():
            self._next()
            return
        if not self._future.done():
            self._finish()
        self.close()

    def _deliver(
        self, upstream: Upstream, number: int, transport: int, began: float, result: bytes | UpstreamError
    ) -> None:
        self._open.pop(number, None)
        if self._future.done() and not self._open:
            self.close()
        try:
            reply = self._read(result)
            if reply.truncated and transport + 1 == len(upstream.transports):
                raise UpstreamUnreachable("a truncated answer")
        except UpstreamError as error:
            if number not in self._blamed and isinstance(error, UpstreamUnreachable):  # and not a want of our own
                upstream.failing(str(error))
            self._failure = type(error)(f"{upstream.url}: {error}")
            self._go_on()
            return
        if reply.truncated and not self._future.done():
            self._send(upstream, transport + 1)
        elif reply.rcode in _USABLE:
            upstream.succeeded(self._loop.time() - began)
            if not self._future.done():
                self._future.set_result(Answer(reply, upstream.url))
        else:
            # It did answer, so it is not down, and would say the same again: SERVFAIL may be the truth about a zone.
            self._left = [other for other in self._left if other is not upstream]
            self._unusable = self._unusable or Answer(reply, upstream.url)
            self._go_on()

    def _read(self, result: bytes | UpstreamError) -> wire.Reply:
        if isinstance(result, UpstreamError):
            raise result
        try:
            return wire.parse(result, self._question)
        except WireError as error:
            raise UpstreamUnreachable(f"a malformed answer: {error}") from error

    def _go_on(self) -> None:
        """One attempt came to nothing: ask the next at once, or end when nobody is left who might answer."""
        if self._future.done():
            return
        if self._left:
            self._next()
        elif not self._open:
            self._finish()

    def _finish(self) -> None:
        if self._unusable is not None:
            self._future.set_result(self._unusable)
        elif self._failure is not None and not self._open:
            self._future.set_exception(self._failure)
        else:
            self._future.set_exception(UpstreamTimeout("no upstream answered in time"))

    def _settled(self, _: asyncio.Future[Answer]) -> None:
        """However it was settled: what was asked a moment ago is of no use any more."""
        now = self._loop.time()
        for number, (_whom, sent, since) in list(self._open.items()):
            if number != self._probe and now - since < HEDGE:
                sent.close()
                del self._open[number]
        if self._open:
            self._set_timer(self._began + LINGER - now)
        else:
            self.close()

    def close(self) -> None:
        """Stop waiting for anything."""
        if self._timer is not None:
            self._timer.cancel()
        for _, sent, _ in self._open.values():
            sent.close()
        self._open.clear()
        self._ended(self)
