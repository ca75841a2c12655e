"""What a question on its way is made of: the queries sent for it, and whom it asks what to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from resolver.errors import UpstreamError
from resolver.model import Question
from resolver.upstream.alarms import Alarm
from resolver.upstream.transport import Sent, Transport
from resolver.upstream.upstream import Upstream
from resolver.wire.reply import Reply


class Answer(msgspec.Struct, frozen=True):
    """A reply, and the URL of the upstream that gave it."""

    reply: Reply
    upstream: str


Tell = Callable[[Answer | UpstreamError], None]
"""Hears what came of a question, once."""


class Attempt:
    """One query: to whom, over which of its transports, since when. It is `late` once its silence was counted."""

    __slots__ = ("began", "late", "sent", "spare", "transport", "transports", "upstream")

    def __init__(
        self, upstream: Upstream, transports: Sequence[Transport], transport: int, began: float, *, spare: bool
    ) -> None:
        self.upstream = upstream
        self.transports = transports
        self.transport = transport
        self.began = began
        self.spare = spare
        self.sent: Sent | None = None
        self.late = False


Key = tuple[Question, bool, bool]
"""What is asked, with DO and CD."""


class Home(Protocol):
    """Who asks: the pool."""

    def build(self, key: Key) -> bytes:
        """A query with an ID of its own."""
        ...

    def alarm(self, at: float, call: Callable[[], None]) -> Alarm:
        """Have `call` called at a time of the loop."""
        ...

    def transports(self, upstream: Upstream, question: Question) -> Sequence[Transport]:
        """Over what an upstream is asked."""
        ...

    def pause(self, first: Upstream, following: Upstream, passed: float, *, again: bool) -> float:
        """Seconds until `following` is asked, too; `passed` have since the beginning. `again`: it is not the second."""
        ...

    def late(self, passed: float) -> float:
        """So many seconds after the beginning it is time to ask another: now (0), or in so many seconds after all."""
        ...

    def doubt(self, upstream: Upstream) -> None:
        """It should be looked at whether an upstream is there."""
        ...

    def settled(self, key: Key) -> bool:
        """The answer, or the failure, is there; whether others may be listened to."""
        ...

    def ended(self, asking: object) -> None:
        """Nothing is open any more."""
        ...

    def is_fallback(self, upstream: Upstream) -> bool: ...
