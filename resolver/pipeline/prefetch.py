"""Asking ahead: what people ask often is asked anew before it is too old, so that nobody waits for it.

Most hits are in finished answers and pass no stage, so a look is taken once a second at those of that second. What is
asked ahead is bounded to a share of what was answered, and never competes with a household whose upstreams are silent.
After a start the names that the log says are popular are asked in the same way.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable

from resolver.cache.packets import Packet
from resolver.cache.rrsets import RRsetCache
from resolver.errors import DomainError
from resolver.journal.journal import Hits
from resolver.model import Clock, Origin, Question
from resolver.pipeline.fetching import Fetching, Outcome
from resolver.policy.truth import Truth
from resolver.wire.name import from_text

POPULAR = 3  # hits in the life of an answer
_BURST = 100.0  # questions that may be saved up
_AT_ONCE = 8  # questions asked at the same time to warm up
_PAUSE = 5.0  # seconds between questions to warm up while nobody answers


class Prefetch:
    """`look` is to be called once a second."""

    def __init__(self, fetching: Fetching, rrsets: RRsetCache, truth: Callable[[], Truth], clock: Clock) -> None:
        self._fetching = fetching
        self._rrsets = rrsets
        self._truth = truth
        self._clock = clock
        self._budget = 0.0
        self._misses = 0
        self.asked = 0

    def look(self, hits: Hits) -> None:
        """Take note of this second's hits, and ask for what is popular and about to end."""
        now = self._clock.monotonic()
        due = []
        for (_, packet), count in hits.items():
            assert isinstance(packet, Packet)
            packet.hits += count
            if packet.due <= now and packet.hits >= POPULAR:
                packet.due = math.inf
                due.append(packet)
        misses, self._misses = self._fetching.asked - self._misses, self._fetching.asked
        self._earn(sum(hits.values()) + misses)
        for packet in due:
            exchange = packet.exchange
            # What came from upstream is of the cache when it is given again.
            if exchange.origin == Origin.CACHE and exchange.verdict != "block":
                question = Question(from_text(exchange.name), exchange.type)
                for do, cd in self._rrsets.ending(question):
                    self.want(question, do=do, cd=cd)

    def _earn(self, answered: int) -> None:
        self._budget = min(self._budget + answered * self._truth().prefetch / 100, _BURST)

    def want(self, question: Question, *, do: bool, cd: bool) -> None:
        """Ask for a popular answer that is about to end, as far as the share of traffic goes."""
        fetching = self._fetching
        if self._budget < 1 or fetching.dark or fetching.failing(question, do=do, cd=cd) is not None:
            return
        self._budget -= 1
        self.asked += 1
        fetching.start(question, do=do, cd=cd)

    async def warm(self, questions: Iterable[tuple[str, int]]) -> None:
        """Ask what is not known of these names (presentation text) and types, a few at a time. In the dark one is asked
        now and then, until somebody answers."""
        under_way: set[asyncio.Future[Outcome]] = set()
        for name, type in questions:
            try:
                question = Question(from_text(name), type)
            except DomainError:
                continue
            if self._rrsets.holds(question, do=False, cd=False):
                continue
            if self._fetching.dark:
                await asyncio.sleep(_PAUSE)
            if len(under_way) >= _AT_ONCE:
                _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            under_way.add(self._fetching.fetch(question, do=False, cd=False))
