"""UDP: what drains the socket answers hits (`listen/drain.py`); anything else is begun here, not more of it at once
than hits can wait for.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from resolver.journal.journal import Journal
from resolver.listen.drain import DRAIN, Ancillary, MakeDrain
from resolver.listen.draining import BatchDrain
from resolver.listen.turns import Turns
from resolver.model import Clock, Transport
from resolver.pipeline.answering import Answer, Answering
from resolver.pipeline.identify import Peers
from resolver.policy.clients import place
from resolver.process import whereabouts

log = logging.getLogger(__name__)

FEW, MANY = 4, DRAIN  # of them, how many of those that take work: by how long the last ones took
SLICE = 0.001  # seconds that hits may have to wait for them


class UdpListener:
    """One UDP socket. `peers` gives the table of the bundle in force."""

    def __init__(
        self,
        sock: socket.socket,
        answering: Answering,
        peers: Callable[[], Peers],
        journal: Journal,
        clock: Clock,
        drain: MakeDrain = BatchDrain,
    ) -> None:
        self._answering = answering
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self.waiting = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self._refused = 0
        self._turns: Turns[tuple[bytes, Any, Ancillary | None]] = Turns()
        self._share = self._room = MANY // 4
        self._working = False
        self._worked = 0.0  # when (monotonic) some of what waited was done last, while more of it waits
        self._drain = drain(sock, peers, journal, clock, self)

    def stop(self) -> None:
        """Read no more. Answers under way are still sent."""
        self._drain.stop()

    @property
    def dropped(self) -> int:
        """Queries there was no room for, and answers that could not be sent."""
        return self._refused + self._drain.dropped

    def begin(self) -> None:
        self._room = self._share

    def miss(self, data: bytes, source: Any, ancillary: Ancillary | None) -> None:
        """Answer now what can be, within reason; the rest in turn."""
        if not source[1]:
            return  # source port 0 cannot be answered
        if self._room and not self._turns:
            self._room -= 1
            self._answer(data, source, ancillary)
            return
        if not self._turns.add(place(source[0]), (data, source, ancillary)):
            self._refused += 1  # it asks again
        elif not self._working:
            self._working = True
            self.idle.clear()
            self._loop.call_soon(self._work)

    def _work(self) -> None:
        """Some of what waits; then the socket is looked at again. What is begun here goes on in between, so that only
        the time from one time to the next tells how much it is."""
        now = self._clock.monotonic()
        if self._worked:
            slow = now - self._worked > SLICE
            self._share = max(FEW, self._share // 2) if slow else min(MANY, self._share + FEW)
        for _ in range(min(self._share, len(self._turns))):
            self._answer(*self._turns.take())
        self._working = bool(self._turns)
        self._worked = now if self._working else 0.0
        if self._working:
            self._loop.call_soon(self._work)
        elif not self.waiting:
            self.idle.set()

    def _answer(self, data: bytes, source: Any, ancillary: Ancillary | None) -> None:
        try:
            answer = self._answering.answer(data, source[0], Transport.UDP)
        except Exception as error:  # noqa: BLE001 - a mistake in one answer must not cost the others, nor all that waits
            log.error("a query has no answer: internal error: %s", whereabouts(error))
            return
        if isinstance(answer, bytes):
            self._drain.send(answer, source, ancillary)
        elif answer is not None:
            self.waiting += 1
            self.idle.clear()
            answer.then(partial(self._answered, source, ancillary))

    def _answered(self, source: Any, ancillary: Ancillary | None, answer: Answer | Exception) -> None:
        if isinstance(answer, bytes):
            self._drain.send(answer, source, ancillary)
        elif answer is not None:
            log.error("an answer is not sent: internal error: %s", whereabouts(answer))
        self.waiting -= 1
        if not self.waiting and not self._working:
            self.idle.set()
