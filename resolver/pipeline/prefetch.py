"""Asking ahead: what people ask often is asked anew before it is too old, so that nobody waits for it.

Most hits are in finished answers and pass no stage, so a look is taken once a second at those of the second before.
What is asked ahead is bounded to a share of what was answered, and never competes with a household whose upstreams are
silent. After a start the names that the log says are popular are asked in the same way.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import ItemsView, Iterable, Iterator
from typing import cast

from resolver.cache.packets import Packet
from resolver.cache.rrsets import RRsetCache
from resolver.errors import DomainError
from resolver.journal.journal import Hits
from resolver.model import Client, Clock, Exchange, Origin, Question
from resolver.pipeline.fetching import Fetching, Outcome
from resolver.wire.name import from_text

POPULAR = 3  # hits in the life of an answer
_BURST = 100.0  # questions that may be saved up
_AT_ONCE = 8  # questions asked at the same time to warm up
_PAUSE = 5.0  # seconds between questions to warm up while nobody answers
_SLICE = 2000  # hits looked at before other work gets its turn


class Budget:
    """How many questions may be asked ahead now; one for all sources."""

    def __init__(self) -> None:
        self._left = 0.0

    def earn(self, answered: int, share: float) -> None:
        """So many questions were answered, and for 100 of them `share` may be asked ahead."""
        self._left = min(self._left + answered * share / 100, _BURST)

    def spend(self) -> bool:
        """Whether one may be asked."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


async def popular(hits: Hits, clock: Clock) -> tuple[int, list[tuple[Client, Exchange]]]:
    """How many answers a second's hits were, and those that are popular and about to end, with one who asked. Nobody
    may change `hits` meanwhile."""
    answered, left = 0, _SLICE
    due: list[tuple[Client, Exchange]] = []
    for peer, given in hits.items():
        answered += sum(given.values())
        rest = iter(cast("ItemsView[Packet, int]", given.items()))
        while part := list(itertools.islice(rest, left)):
            due += [(peer.client, packet.exchange) for packet in _due(part, clock.monotonic())]
            left -= len(part)
            if not left:
                left = _SLICE
                await asyncio.sleep(0)
    return answered, due


def _due(given: Iterable[tuple[Packet, int]], now: float) -> Iterator[Packet]:
    for packet, count in given:
        packet.hits += count
        if packet.due <= now and packet.hits >= POPULAR:
            packet.due = math.inf
            yield packet


class Prefetch:
    """Asks ahead of one source, as far as the `budget` of all goes."""

    def __init__(self, fetching: Fetching, rrsets: RRsetCache, budget: Budget) -> None:
        self._fetching = fetching
        self._rrsets = rrsets
        self._budget = budget
        self._misses = 0
        self.asked = 0

    def misses(self) -> int:
        """How many questions were asked since the last time."""
        before, self._misses = self._misses, self._fetching.asked
        return self._misses - before

    def refresh(self, exchange: Exchange) -> None:
        """Ask again for what a finished answer was made of, if that is about to end."""
        # What came from upstream is of the cache when it is given again.
        if exchange.origin == Origin.CACHE and exchange.verdict != "block":
            question = Question(from_text(exchange.name), exchange.type)
            for do, cd in self._rrsets.ending(question):
                self.want(question, do=do, cd=cd)

    def want(self, question: Question, *, do: bool, cd: bool) -> None:
        """Ask for a popular answer that is about to end, as far as the share of traffic goes."""
        fetching = self._fetching
        if fetching.dark or fetching.failing(question, do=do, cd=cd) is not None or not self._budget.spend():
            return
        self.asked += 1
        fetching.fetch(question, do=do, cd=cd)

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
            under_way.add(self._fetching.fetch(question, do=False, cd=False).future())
