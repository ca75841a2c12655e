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
DEADLINE = 5.0  # seconds for everything
ATTEMPTS = 3  # queries sent for one question, those over TCP after a truncated reply apart

_USABLE = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})


class Answer(msgspec.Struct, frozen=True):
    """A reply, and the URL of the upstream that gave it."""

    reply: wire.Reply
    upstream: str


class Asking:
    """Settles `future` with an Answer, or with UpstreamTimeout or UpstreamUnreachable; then every socket is closed."""

    def __init__(
        self,
        question: Question,
        future: asyncio.Future[Answer],
        loop: asyncio.AbstractEventLoop,
        random_id: Callable[[], int],
        *,
        do: bool,
        cd: bool,
    ) -> None:
        self._question = question
        self._future = future
        self._loop = loop
        self._random_id = random_id
        self._do = do
        self._cd = cd
        self._began = loop.time()
        self._left: list[Upstream] = []
        self._open: dict[int, tuple[Upstream, Sent]] = {}
        self._sent = 0
        self._timer: asyncio.TimerHandle | None = None
        self._failure: UpstreamError | None = None
        self._unusable: Answer | None = None

    def start(self, order: Sequence[Upstream], probe: Upstream | None) -> None:
        """Ask the first of `order` now, and `probe` beside it; the others when their time comes."""
        self._left = [order[n % len(order)] for n in range(ATTEMPTS - (probe is not None))]
        self._next()
        if probe is not None:
            self._send(probe, 0)

    def _next(self) -> None:
        """Ask the next upstream and set the timer: for the one after it, or for the end."""
        if self._left:
            self._send(self._left.pop(0), 0)
        if self._timer is not None:
            self._timer.cancel()
        wait = HEDGE if self._left else max(self._began + DEADLINE - self._loop.time(), 0)
        self._timer = self._loop.call_later(wait, self._late)

    def _send(self, upstream: Upstream, transport: int) -> None:
        query = wire.build(self._question, self._random_id(), do=self._do, cd=self._cd)
        self._sent += 1
        number = self._sent
        upstream.asked += 1
        deliver = partial(self._deliver, upstream, number, transport, self._loop.time())
        self._open[number] = (upstream, upstream.transports[transport].send(upstream.address, query, deliver))

    def _late(self) -> None:
        """Nothing has come: whoever was asked last counts as failing, and the next is asked beside them."""
        if self._left:
            number = max(self._open, default=0)
            if number:
                self._open[number][0].failing("no answer in time")
            self._next()
        else:
            for upstream, _ in self._open.values():
                upstream.failing("no answer in time")
            self._finish()

    def _deliver(
        self, upstream: Upstream, number: int, transport: int, began: float, result: bytes | UpstreamError
    ) -> None:
        self._open.pop(number, None)
        if self._future.done():
            return
        if isinstance(result, UpstreamError):
            self._failed(upstream, str(result), result)
            return
        try:
            reply = wire.parse(result, self._question)
        except WireError as error:
            self._failed(upstream, f"a malformed answer: {error}", UpstreamUnreachable("malformed answers"))
            return
        if reply.truncated and transport + 1 < len(upstream.transports):
            self._send(upstream, transport + 1)
        elif reply.rcode in _USABLE and not reply.truncated:
            upstream.succeeded(self._loop.time() - began)
            self._future.set_result(Answer(reply, upstream.url))
            self._close()
        else:
            # It did answer, so it is not down; SERVFAIL may well be the truth about a broken zone.
            self._unusable = self._unusable or Answer(reply, upstream.url)
            self._go_on()

    def _failed(self, upstream: Upstream, reason: str, failure: UpstreamError) -> None:
        upstream.failing(reason)
        self._failure = failure
        self._go_on()

    def _go_on(self) -> None:
        """One attempt came to nothing: ask the next at once, or end when nobody is left who might answer."""
        if self._left:
            self._next()
        elif not self._open:
            self._finish()

    def _finish(self) -> None:
        if self._future.done():
            return
        if self._unusable is not None:
            self._future.set_result(self._unusable)
        elif self._failure is not None and not self._open:
            self._future.set_exception(self._failure)
        else:
            self._future.set_exception(UpstreamTimeout("no upstream answered in time"))
        self._close()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for _, sent in self._open.values():
            sent.close()
        self._open.clear()
