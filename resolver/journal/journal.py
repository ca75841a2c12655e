"""What a worker remembers of its exchanges until control has them: folded per second, bounded, nothing uncounted."""

from __future__ import annotations

import asyncio
import itertools
import operator
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Protocol

from resolver.journal.folding import Folding, Noted
from resolver.journal.frames import Batch, Row
from resolver.journal.redaction import Redaction
from resolver.model import Client, Exchange

MAX_ROWS = 20_000  # rows of one second; the queries of further rows are counted as dropped
MAX_WAITING = 200_000  # rows that wait for control; then the oldest go, and only their totals stay
MAX_BATCHES = 7200  # batches that wait: two hours of control being away
_SLICE = 500  # exchanges folded before other work gets its turn


class HasClient(Protocol):
    """Who a hit was for."""

    @property
    def client(self) -> Client: ...


class HasExchange(Protocol):
    """What a hit was."""

    @property
    def exchange(self) -> Exchange: ...


Hits = defaultdict[HasClient, defaultdict[HasExchange, int]]
"""Who was given which answer, and how often. Two small steps for the hot path, which makes nothing new by them; one key
of both would be a tuple for each answer of a second, and the garbage collector would go through all of them."""

_Notes = dict[Client, dict[Exchange, list[int]]]


def no_hits() -> Hits:
    """Hits to count in."""
    return defaultdict(_no_answers)


def _no_answers() -> defaultdict[HasExchange, int]:
    return defaultdict(int)


class Journal:
    """Exchanges in, batches out. `feed` is an id unique to this worker's life. What is kept of a client is as its
    privacy says, as it was when it asked; `redaction` knows how that is done.

    `hits` is for the hot path, which counts in it directly: `hits[peer][packet] += 1`. Who counts elsewhere has a
    function in `counting`, which adds to the hits it is given what was counted since the last time.
    """

    def __init__(self, feed: str) -> None:
        self.feed = feed
        self.hits = no_hits()
        self.counting: list[Callable[[Hits], None]] = []
        self.waiting: deque[Batch] = deque()
        self.waiting_rows = 0
        self.all_safe = asyncio.Event()
        self.all_safe.set()
        self.answered = 0
        self.dropped = 0
        self.redaction = Redaction()
        self._notes: _Notes = {}
        self._seq = 0

    def note(self, client: Client, exchange: Exchange, took_us: int) -> None:
        """Record one exchange that did not come from the packet cache."""
        notes = self._notes.setdefault(client, {})
        known = notes.get(exchange)
        if known is None:
            notes[exchange] = [1, took_us]
        else:
            known[0] += 1
            known[1] = max(known[1], took_us)

    async def roll(self, second: int) -> Batch | None:
        """End a second: all since the last call becomes a batch, which also waits until acknowledged; None if empty."""
        for pour in self.counting:
            pour(self.hits)
        hits, self.hits = self.hits, no_hits()
        notes, self._notes = self._notes, {}
        if not hits and not notes:
            return None
        self.redaction.begin(second)
        folding = Folding(self.redaction, MAX_ROWS)
        left = _SLICE
        for client, noted in _by_client(hits, notes):
            while part := list(itertools.islice(noted, left)):
                folding.add(client, part)
                left -= len(part)
                if not left:
                    left = _SLICE
                    await asyncio.sleep(0)
        rows: list[Row] = []
        made = folding.rows()
        while some := list(itertools.islice(made, _SLICE)):
            rows += some
            await asyncio.sleep(0)
        totals = folding.totals()
        self.answered += sum(totals.values())
        self.dropped += folding.dropped
        self._seq += 1
        batch = Batch(self.feed, self._seq, second, rows, totals, folding.dropped)
        self._keep(batch)
        return batch

    def _keep(self, batch: Batch) -> None:
        self.all_safe.clear()
        self.waiting.append(batch)
        self.waiting_rows += len(batch.rows)
        if self.waiting_rows > MAX_WAITING:
            self._strip()
        if len(self.waiting) > MAX_BATCHES:
            self._join_oldest()

    def _join_oldest(self) -> None:
        """Give up the oldest batch: what it counted goes to the next, which is sent again only when control was away
        and has neither. Where control has them, and only cannot say so yet, nothing is counted twice."""
        gone, heir = self.waiting.popleft(), self.waiting[0]
        lost = sum(row.count for row in gone.rows)
        self.waiting_rows -= len(gone.rows)
        self.dropped += lost
        totals = {kind: gone.totals.get(kind, 0) + heir.totals.get(kind, 0) for kind in gone.totals | heir.totals}
        dropped = gone.dropped + heir.dropped + lost
        self.waiting[0] = Batch(heir.feed, heir.seq, heir.second, heir.rows, totals, dropped)

    def _strip(self) -> None:
        """Give up the rows of the oldest batches, keeping their totals, until the rest fits."""
        for place, batch in enumerate(self.waiting):
            if self.waiting_rows <= MAX_WAITING:
                return
            lost = sum(row.count for row in batch.rows)
            self.waiting_rows -= len(batch.rows)
            self.dropped += lost
            self.waiting[place] = Batch(batch.feed, batch.seq, batch.second, [], batch.totals, batch.dropped + lost)

    def acknowledge(self, seq: int) -> None:
        """Control has every batch up to `seq`."""
        while self.waiting and self.waiting[0].seq <= seq:
            self.waiting_rows -= len(self.waiting.popleft().rows)
        if not self.waiting:
            self.all_safe.set()


def _by_client(hits: Hits, notes: _Notes) -> list[tuple[Client, Iterator[Noted]]]:
    """What each exchanged. Where there is more than there is room for, those first who asked for little: a flood takes
    the rows of itself."""
    lots = [(len(given), peer.client, _given(given)) for peer, given in hits.items()]
    lots += [(len(noted), client, _noted(noted)) for client, noted in notes.items()]
    if sum(lot[0] for lot in lots) > MAX_ROWS:
        lots.sort(key=operator.itemgetter(0))
    return [lot[1:] for lot in lots]


def _given(given: dict[HasExchange, int]) -> Iterator[Noted]:
    return ((packet.exchange, count, 0) for packet, count in given.items())


def _noted(noted: dict[Exchange, list[int]]) -> Iterator[Noted]:
    return ((exchange, count, took) for exchange, (count, took) in noted.items())
