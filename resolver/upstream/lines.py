"""A few long-lived connections to one endpoint, each with many queries at once, whatever they speak (RFC 7766 section
6.2, RFC 9250 section 5.5.1).

A `Line` is one connection, a `Call` one query on it. `Lines` puts calls on lines, opens another when all are full,
closes those that are idle, and gives up those that are silent. What a lost line had under way is sent once more on a
new one: a server may close an idle connection at the very moment that it is used again. One that nothing comes of is
not stormed: between two attempts there is a pause, in which queries fail for the reason that is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.line import Call, Line, Spawn
from resolver.upstream.transport import Deliver, Sent

CONNECTIONS = 4  # open at a time to one endpoint
MOST = 1000  # queries on one connection when no other may be opened
_TICK = 0.5  # seconds between two looks at the connections
_PAUSE = 0.25  # seconds without another connection after two of which nothing came, doubled with each
_MOST_PAUSE = 1.0


class Lines:
    """The connections to one endpoint, as its Transport. `make` makes a line, `spawn` owns the tasks that connect;
    `family` are all Lines of a carrier that have connections."""

    def __init__(
        self,
        endpoint: Endpoint,
        hosts: Hosts,
        loop: asyncio.AbstractEventLoop,
        spawn: Spawn,
        make: Callable[[Lines], Line],
        family: set[Lines],
    ) -> None:
        self.endpoint = endpoint
        self.loop = loop
        self.opened = 0  # connections, ever
        self._hosts = hosts
        self._spawn = spawn
        self._make = make
        self._family = family
        self._lines: list[Line] = []
        self._timer: asyncio.TimerHandle | None = None
        self._useless = 0  # connections in a row that nothing came of
        self._closed_until = 0.0
        self._failure = UpstreamError()

    def send(self, query: bytes, deliver: Deliver) -> Sent:
        call = Call(query, deliver)
        self._place(call)
        return call

    def _place(self, call: Call) -> None:
        """Put a call on the first line that has room; on the emptiest when no other may be opened."""
        best: Line | None = None
        for line in self._lines:
            load = len(line.calls) + len(line.waiting)
            if load < line.limit:
                line.put(call)
                return
            if best is None or load < best.load:
                best = line
        paused = self.loop.time() < self._closed_until
        if not paused and len(self._lines) < CONNECTIONS:
            best = self._dial()
        if best is None:
            self.loop.call_soon(call.settle, self._failure)
        elif best.load >= MOST:
            self.loop.call_soon(call.settle, UpstreamError("too many queries wait for this upstream"))
        else:
            best.put(call)

    def _dial(self) -> Line:
        line = self._make(self)
        self.opened += 1
        self._lines.append(line)
        self._family.add(self)
        line.run(self._hosts, self._spawn)
        if self._timer is None:
            self._timer = self.loop.call_later(_TICK, self._look)
        return line

    def _look(self) -> None:
        now = self.loop.time()
        for line in list(self._lines):
            line.check(now)
        self._timer = self.loop.call_later(_TICK, self._look) if self._lines else None

    def lost(self, line: Line, error: UpstreamError, *, again: bool) -> None:
        """A line is over. What was on it is sent once more, if `again`, or fails."""
        if line in self._lines:
            self._lines.remove(line)
        if not self._lines:
            self._family.discard(self)
        self._judge(line, error)
        calls = [call for call in (*line.calls.values(), *line.waiting) if call.deliver is not None]
        line.calls.clear()
        line.waiting.clear()
        for call in calls:
            self.retry(call, error, again=again)

    def _judge(self, line: Line, error: UpstreamError) -> None:
        """Pause when nothing came of this line, and of the one before."""
        if line.useful or not isinstance(error, UpstreamUnreachable):
            self._useless = 0
            return
        self._useless += 1
        self._failure = error
        if self._useless > 1:
            pause = min(_PAUSE * 2 ** min(self._useless - 2, 8), _MOST_PAUSE)
            self._closed_until = self.loop.time() + pause

    def retry(self, call: Call, error: UpstreamError, *, again: bool = True) -> None:
        """Send a call that has left its line once more on another; one that was sent twice already fails."""
        call.line = None
        if again and not call.tries and isinstance(error, UpstreamUnreachable):
            call.tries += 1
            call.sent = call.query
            self._place(call)
        else:
            call.settle(error)

    def close(self) -> None:
        """Close every connection; what is under way is not delivered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        for line in lines:
            for call in (*line.calls.values(), *line.waiting):
                call.deliver = None
            line.fail(None)
        self._family.discard(self)
