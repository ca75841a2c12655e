"""Asking upstreams: equal questions once (RFC 5452 section 5), each of them within bounds, and none for nothing.

A question goes to whom `strategy` says. When the answer is later than 95 of 100 of that upstream's are (or of the next
one's, if that is quicker), the next is asked as well, while the first may still answer: ATTEMPTS queries at most,
DEADLINE seconds in all. How often that may happen is bounded to a share of all questions, so that upstreams that are
slow because there is too much to do are not given twice as much; beyond it the next is asked after PATIENCE, as a query
may just have been lost.

When every encrypted upstream fails for nothing but the dates of its certificate, it may be the clock of this machine
that is wrong, and a machine without a clock of its own can set it only by the network. The names of time servers, and
no others, are then asked for without a look at dates; everything else of the certificates is checked as always.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Question
from resolver.upstream.alarms import Alarms
from resolver.upstream.asking import Asking
from resolver.upstream.attempt import Answer, Key, Tell
from resolver.upstream.breaker import Breaker
from resolver.upstream.strategy import Chooser, Strategy
from resolver.upstream.transport import Transport
from resolver.upstream.upstream import Upstream
from resolver.wire.name import within
from resolver.wire.reply import build

PATIENCE = 0.4  # seconds until the next is asked, whatever is known of the first
SOONEST = 0.02  # seconds; a machine that is busy for a moment is no reason to ask twice
FALLBACK = 0.8  # seconds that the upstreams have before their fallback is asked
_SHARE = 0.1  # of questions that may be asked twice before PATIENCE
_SAVED = 20.0  # questions that may be, after none was for a while
_LINGERING = 64  # questions that are listened to after they were answered


class Pool:
    """The upstreams in their order of preference. `random_id` gives unpredictable 16-bit numbers."""

    def __init__(
        self,
        upstreams: Sequence[Upstream],
        loop: asyncio.AbstractEventLoop,
        random_id: Callable[[], int],
        clocks: Collection[bytes] = (),
        *,
        strategy: Strategy = "fastest",
        fallback: Sequence[Upstream] = (),
        breaker: Breaker | None = None,
    ) -> None:
        """`clocks` are names of time servers (wire form): they and all below them may be asked for undated. Pools that
        share upstreams should share the `breaker`."""
        self.upstreams = tuple(upstreams)
        self.fallback = tuple(fallback)
        self._clocks = clocks
        self._encrypted = tuple(upstream for upstream in upstreams if upstream.undated)
        self._loop = loop
        self._random_id = random_id
        self._chooser = Chooser(upstreams, fallback, strategy)
        self._hedges = strategy == "fastest"
        self._saved = _SAVED
        self._breaker = breaker or Breaker(loop, random_id)
        self._open: set[Asking] = set()
        self._asking: dict[Key, Asking] = {}
        self._alarms = Alarms(loop)
        self.alarm = self._alarms.set

    def ask(self, question: Question, *, do: bool, cd: bool) -> asyncio.Future[Answer]:
        """The answer of some upstream, or UpstreamTimeout or UpstreamUnreachable when there is none within DEADLINE
        seconds."""
        future: asyncio.Future[Answer] = self._loop.create_future()

        def tell(result: Answer | UpstreamError) -> None:
            if future.done():
                return
            if isinstance(result, Answer):
                future.set_result(result)
            else:
                future.set_exception(result)

        def ended(_: object) -> None:
            if future.cancelled() and asking is not None:
                asking.leave(tell)

        asking = self.inquire(question, tell, do=do, cd=cd)
        future.add_done_callback(ended)
        return future

    def inquire(self, question: Question, tell: Tell, *, do: bool, cd: bool) -> Asking | None:
        """The same, without a future: `tell` hears of it, later. Who asks what is being asked waits for that."""
        key = (question, do, cd)
        asking = self._asking.get(key)
        if asking is not None:
            asking.join(tell)
            return asking
        if not self.upstreams:
            self._loop.call_soon(tell, UpstreamUnreachable("no upstream is configured"))
            return None
        if self._saved < _SAVED:
            self._saved += _SHARE
        for upstream in self.upstreams:
            if upstream.state:
                self._look_at(upstream)
        asking = Asking(key, tell, self._loop, self)
        asking.start(self._chooser.order(question.name), self._chooser.ahead)
        self._open.add(asking)
        self._asking[key] = asking
        return asking

    def transports(self, upstream: Upstream, question: Question) -> Sequence[Transport]:
        """What an upstream is asked over: undated where a clock cannot be set otherwise."""
        if upstream.undated and self.untimely and any(within(question.name, clock) for clock in self._clocks):
            return upstream.undated
        return upstream.transports

    @property
    def untimely(self) -> bool:
        """Whether every encrypted upstream, and there is one, fails for nothing but the dates of its certificate."""
        return bool(self._encrypted) and all(upstream.untimely for upstream in self._encrypted)

    @property
    def busy(self) -> bool:
        """Whether anything is being asked."""
        return bool(self._open)

    def _look_at(self, upstream: Upstream) -> None:
        """Find out how one is that is not well, though it may not be asked."""
        upstream.wanted = self._loop.time()
        self._breaker.watch(upstream)

    # What an Asking needs (asking.Home)

    def build(self, key: Key) -> bytes:
        """A query with an ID of its own."""
        question, do, cd = key
        return build(question, self._random_id(), do=do, cd=cd)

    def pause(self, first: Upstream, following: Upstream, passed: float, *, again: bool) -> float:
        """Seconds until the next is asked as well."""
        if self.fallback and following in self.fallback and first not in self.fallback:
            return max(FALLBACK - passed, 0)
        if again or not self._hedges:
            return PATIENCE
        # One that is slow is asked now and then, to see whether it still is: nobody shall wait for that.
        usual = min(first.latency.p95 or PATIENCE, following.latency.p95 or PATIENCE)
        return min(max(usual, SOONEST), PATIENCE)

    def late(self, passed: float) -> float:
        """Whether it is time to ask another (0), or too many were asked already, and in how many seconds it is."""
        if not self._hedges or passed >= PATIENCE:
            return 0
        if self._saved < 1:
            return PATIENCE - passed
        self._saved -= 1
        return 0

    def doubt(self, upstream: Upstream) -> None:
        """It should be looked at whether an upstream is there."""
        self._breaker.watch(upstream)

    def settled(self, key: Key) -> bool:
        """A question has its answer; whether it may go on listening: some show enough."""
        self._asking.pop(key, None)
        return len(self._open) - len(self._asking) <= _LINGERING

    def ended(self, asking: object) -> None:
        """Nothing of a question is open any more."""
        if isinstance(asking, Asking):
            self._open.discard(asking)

    def is_fallback(self, upstream: Upstream) -> bool:
        return self._chooser.is_fallback(upstream)

    def close(self) -> None:
        """Fail what is still being asked."""
        for asking in list(self._open):
            asking.stop()
        self._alarms.close()
        self._breaker.close()
