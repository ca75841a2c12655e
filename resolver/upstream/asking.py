"""One question on its way through the upstreams: a small state machine with one timer and no task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable, WireError
from resolver.model import Rcode
from resolver.upstream.alarms import Alarm
from resolver.upstream.attempt import Answer, Attempt, Home, Key, Tell
from resolver.upstream.transport import Transport
from resolver.upstream.upstream import State, Upstream
from resolver.wire import reply as wire
from resolver.wire.zone import rcode_text

SILENT = 0.6  # seconds without a reply that raise a doubt
SPARE = 1.9  # seconds for the last query, over TCP; then a connection is given up, and what is on it asked once more
LINGER = 2.0  # seconds that one who should have answered before is listened to after another has
DEADLINE = 5.0  # seconds for everything

_USABLE = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})
_SOON = 1e-6  # seconds by which a timer may be early


class Asking:
    """Tells all who asked an Answer, or UpstreamTimeout or UpstreamUnreachable; then every socket is closed, but for
    those of upstreams that were asked before the one that answered: they are listened to until LINGER, since how late
    they are, or that they say nothing, is what is known of them."""

    __slots__ = (
        "_began", "_done", "_failure", "_home", "_key", "_left", "_loop", "_next_at", "_open", "_question", "_tells",
        "_timer", "_unusable", "_useless",
    )  # fmt: skip

    def __init__(self, key: Key, tell: Tell, loop: asyncio.AbstractEventLoop, home: Home) -> None:
        self._key = key
        self._question = key[0]
        self._tells = [tell]
        self._done = False
        self._loop = loop
        self._home = home
        self._began = loop.time()
        self._left: list[Upstream] = []
        self._open: list[Attempt] = []  # oldest first
        self._next_at = 0.0
        self._timer: Alarm | None = None
        self._failure: UpstreamError | None = None
        self._unusable: Answer | None = None
        self._useless: list[tuple[Upstream, str]] = []

    def start(self, order: Sequence[Upstream], ahead: int) -> None:
        """Ask the first of `order` now, `ahead` of them at once if they are different ones; the others later."""
        first, *self._left = order
        self._send(first)
        for _ in range(ahead - 1):
            if not self._left or any(one.upstream is self._left[0] for one in self._open):
                break
            self._send(self._left.pop(0))
        self._plan(self._began)

    def _send(self, upstream: Upstream) -> None:
        """Ask an upstream. The last query to one that has been asked over UDP already goes over TCP, which repeats
        what is lost on the way by itself, and which passes where datagrams do not."""
        transports = self._home.transports(upstream, self._question)
        asked = not self._left and any(one.upstream is upstream for one in self._open)
        over = 1 if asked and len(transports) > 1 else 0
        upstream.asked += 1
        self._attempt(upstream, transports, over, spare=over > 0)

    def _attempt(self, upstream: Upstream, transports: Sequence[Transport], over: int, *, spare: bool) -> None:
        now = upstream.wanted = self._loop.time()
        attempt = Attempt(upstream, transports, over, now, spare=spare)
        attempt.sent = transports[over].send(self._home.build(self._key), partial(self._deliver, attempt))
        self._open.append(attempt)
        if upstream.state != State.WELL:
            self._home.doubt(upstream)

    def _plan(self, now: float) -> None:
        """Decide when the next is asked, and set the timer for whatever comes first."""
        if self._left:
            again = len(self._open) > 1
            first = self._open[0].upstream if self._open else self._left[0]
            self._next_at = now + self._home.pause(first, self._left[0], now - self._began, again=again)
        self._set_timer()

    def _set_timer(self) -> None:
        """For the next query, the next silence to be counted, or the end."""
        done = self._done
        at = self._began + (LINGER if done else DEADLINE)
        if self._left and not done:
            at = min(at, self._next_at)
        for attempt in self._open:
            if not attempt.late:
                at = min(at, attempt.began + (SPARE if attempt.spare else SILENT))
                break
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._home.alarm(at, self._late)

    def _late(self) -> None:
        now = self._loop.time() + _SOON
        for attempt in list(self._open):
            if attempt.spare:
                if now >= attempt.began + SPARE and attempt in self._open:
                    self._drop(attempt)
                    self._go_on()
            elif not attempt.late and now >= attempt.began + SILENT:
                attempt.late = True
                attempt.upstream.silent(attempt.began)
                self._home.doubt(attempt.upstream)
        if self._done:
            if now >= self._began + LINGER or not self._open:
                self.close()
                return
        elif now >= self._began + DEADLINE:
            self._finish()
            self.close()
            return
        elif self._left and now >= self._next_at:
            wait = self._home.late(now - self._began)
            if not wait:
                self._send(self._left.pop(0))
                self._plan(self._loop.time())
                return
            self._next_at = now + wait
        self._set_timer()

    def _deliver(self, attempt: Attempt, result: bytes | UpstreamError) -> None:
        if attempt in self._open:
            self._open.remove(attempt)
        if self._done and not self._open:
            self.close()
        upstream = attempt.upstream
        try:
            reply = self._read(result)
        except UpstreamError as error:
            if isinstance(error, UpstreamUnreachable) and not attempt.spare:  # and not a want of our own
                upstream.failing(error, attempt.began)
                self._home.doubt(upstream)
            self._failure = type(error)(f"{upstream.url}: {error}")
            self._go_on()
            return
        if reply.truncated:
            upstream.heard()
            if attempt.transport + 1 == len(attempt.transports):
                self._failure = UpstreamUnreachable(f"{upstream.url}: a truncated answer")
                self._pass(upstream, "it cuts short what others answer")
            elif not self._done:
                self._attempt(upstream, attempt.transports, attempt.transport + 1, spare=False)
        elif reply.rcode in _USABLE:
            self._answered(attempt, reply)
        else:
            upstream.heard()
            self._unusable = self._unusable or Answer(reply, upstream.url)
            # SERVFAIL may be the truth about a zone.
            self._left = [one for one in self._left if not self._home.is_fallback(one)]
            self._pass(upstream, f"it answers {rcode_text(reply.rcode)} to what others answer")

    def _pass(self, upstream: Upstream, why: str) -> None:
        """It did answer, so it is not down, and would say the same again."""
        self._useless.append((upstream, why))
        self._left = [one for one in self._left if one is not upstream]
        self._go_on()

    def _answered(self, attempt: Attempt, reply: wire.Reply) -> None:
        upstream = attempt.upstream
        if attempt.transports is not upstream.undated:  # which would say nothing of how it is for all other names
            upstream.succeeded(self._loop.time() - attempt.began, measured=not attempt.transport)
        if self._done:
            return
        for other, why in self._useless:
            other.useless(why)
            self._home.doubt(other)
        # Those asked later were not late yet.
        while self._open and self._open[-1].began > attempt.began:
            self._drop(self._open[-1])
        self._settle(Answer(reply, upstream.url))

    def _read(self, result: bytes | UpstreamError) -> wire.Reply:
        if isinstance(result, UpstreamError):
            raise result
        try:
            return wire.parse(result, self._question)
        except WireError as error:
            raise UpstreamUnreachable(f"a malformed answer: {error}") from error

    def _go_on(self) -> None:
        """One attempt came to nothing: ask the next at once, or end when nobody is left who might answer."""
        if self._done:
            return
        if self._left:
            self._send(self._left.pop(0))
            self._plan(self._loop.time())
        elif not self._open:
            self._finish()

    def _finish(self) -> None:
        if self._unusable is not None:
            self._settle(self._unusable)
        elif self._failure is not None and not self._open:
            self._settle(self._failure)
        else:
            self._settle(UpstreamTimeout("no upstream answered in time"))

    def _settle(self, result: Answer | UpstreamError) -> None:
        """Close what nothing can be learnt from, and tell."""
        self._done = True
        tells, self._tells = self._tells, []
        if self._home.settled(self._key) and self._open:
            self._set_timer()
        else:
            self.close()
        for tell in tells:
            tell(result)

    def join(self, tell: Tell) -> None:
        """Somebody else asks the same."""
        self._tells.append(tell)

    def leave(self, tell: Tell) -> None:
        """One gives up; when all have, nothing more is asked."""
        if tell in self._tells:
            self._tells.remove(tell)
            if not self._tells:
                self.stop()

    def stop(self) -> None:
        """End it without an answer."""
        if not self._done:
            self._settle(UpstreamError("stopping"))
        self.close()

    def _drop(self, attempt: Attempt) -> None:
        self._open.remove(attempt)
        if attempt.sent is not None:
            attempt.sent.close()

    def close(self) -> None:
        """Stop waiting for anything."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._open:
            self._drop(self._open[-1])
        self._home.ended(self)
