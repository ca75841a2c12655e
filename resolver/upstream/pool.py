"""Choosing upstreams: failover, health, and equal questions asked once (RFC 5452 section 5).

A question goes to the first upstream that is well. If nothing has come after HEDGE seconds the next is asked too, while
the first may still answer; three queries at most, DEADLINE seconds in all. An upstream that failed twice in a row
counts as down; after 1, 2, 4 … 30 seconds it is tried again, beside one that is well, and has DEADLINE seconds to show
that it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Question
from resolver.upstream.asking import Answer, Asking
from resolver.upstream.upstream import Upstream
from resolver.wire.reply import build


class Pool:
    """The upstreams in their order of preference. `random_id` gives unpredictable 16-bit numbers."""

    def __init__(
        self,
        upstreams: Sequence[Upstream],
        loop: asyncio.AbstractEventLoop,
        random_id: Callable[[], int],
    ) -> None:
        self.upstreams = tuple(upstreams)
        self._loop = loop
        self._random_id = random_id
        self._open: set[Asking] = set()
        self._asking: dict[tuple[Question, bool, bool], asyncio.Future[Answer]] = {}

    def ask(self, question: Question, *, do: bool, cd: bool) -> asyncio.Future[Answer]:
        """The answer of some upstream; one future for all who ask the same at the same time.

        It fails with UpstreamTimeout or UpstreamUnreachable when there is none within DEADLINE seconds.
        """
        key = (question, do, cd)
        future = self._asking.get(key)
        if future is None:
            future = self._loop.create_future()
            if not self.upstreams:
                future.set_exception(UpstreamUnreachable("no upstream is configured"))
                return future
            build = partial(self._build, question, do=do, cd=cd)
            asking = Asking(question, future, self._loop, build, self._open.discard)
            asking.start(*self._order())
            self._open.add(asking)
            self._asking[key] = future
            future.add_done_callback(lambda _: self._asking.pop(key, None))
        return future

    @property
    def busy(self) -> bool:
        """Whether anything is being asked."""
        return bool(self._open)

    def _build(self, question: Question, *, do: bool, cd: bool) -> bytes:
        """A query with an ID of its own."""
        return build(question, self._random_id(), do=do, cd=cd)

    def _order(self) -> tuple[list[Upstream], Upstream | None]:
        """Whom to ask, best first; and one that is down and due for a try, beside the first so that nobody waits."""
        order = sorted(self.upstreams, key=lambda upstream: not upstream.up)
        return order, next((upstream for upstream in order[1:] if upstream.due), None)

    def close(self) -> None:
        """Fail what is still being asked."""
        for future in list(self._asking.values()):
            if not future.done():
                future.set_exception(UpstreamError("stopping"))
        for asking in list(self._open):
            asking.close()
