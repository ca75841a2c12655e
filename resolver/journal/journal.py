"""What a worker remembers of its exchanges until control has them: folded per second, bounded, nothing uncounted."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Protocol

from resolver.journal.frames import Batch, Row
from resolver.journal.redaction import WHOLE, Redaction, nameless
from resolver.model import Client, Exchange

MAX_ROWS = 20_000  # rows of one second; the queries of further rows are counted as dropped
MAX_WAITING = 200_000  # rows that wait for control; then the oldest go, and only their totals stay
MAX_BATCHES = 7200  # batches that wait: two hours of control being away
_SLICE = 500  # rows made before other work gets its turn


class HasClient(Protocol):
    """Who a hit was for."""

    @property
    def client(self) -> Client: ...


class HasExchange(Protocol):
    """What a hit was."""

    @property
    def exchange(self) -> Exchange: ...


Hits = defaultdict[tuple[HasClient, HasExchange], int]
_Noted = dict[tuple[Client, Exchange], list[int]]
_Folded = dict[tuple[str, str, Exchange], list[int]]  # what rows call the client, and its group


class Journal:
    """Exchanges in, batches out. `feed` is an id unique to this worker's life. What is kept of a client is as its
    privacy says, as it was when it asked; `redaction` knows how that is done.

    `hits` is for the hot path, which counts in it directly: (peer, packet) → answers given.
    """

    def __init__(self, feed: str) -> None:
        self.feed = feed
        self.hits: Hits = defaultdict(int)
        self.waiting: deque[Batch] = deque()
        self.waiting_rows = 0
        self.all_safe = asyncio.Event()
        self.all_safe.set()
        self.answered = 0
        self.dropped = 0
        self.redaction = Redaction()
        self._notes: _Noted = {}
        self._seq = 0

    def note(self, client: Client, exchange: Exchange, took_us: int) -> None:
        """Record one exchange that did not come from the packet cache."""
        known = self._notes.get((client, exchange))
        if known is None:
            self._notes[client, exchange] = [1, took_us]
        else:
            known[0] += 1
            known[1] = max(known[1], took_us)

    async def roll(self, second: int) -> Batch | None:
        """End a second: all since the last call becomes a batch, which also waits until acknowledged; None if empty."""
        hits, self.hits = self.hits, defaultdict(int)
        notes, self._notes = self._notes, {}
        if not hits and not notes:
            return None
        totals: dict[str, int] = {}
        dropped = 0
        folded: _Folded = {}
        self.redaction.begin(second)
        everything = itertools.chain(_hits(hits), notes.items())
        while part := list(itertools.islice(everything, _SLICE)):
            for (client, exchange), (count, took) in part:
                self.answered += count
                kind = f"{exchange.verdict}/{exchange.origin}"
                totals[kind] = totals.get(kind, 0) + count
                dropped += self._fold(folded, client, exchange, count, took)
            await asyncio.sleep(0)
        rows = [Row(*key, *counts) for key, counts in folded.items()]
        self.dropped += dropped
        self._seq += 1
        batch = Batch(self.feed, self._seq, second, rows, totals, dropped)
        self._keep(batch)
        return batch

    def _fold(self, folded: _Folded, client: Client, exchange: Exchange, count: int, took: int) -> int:
        """Put an exchange into a row, as far as privacy and room allow; returns how many queries had no room."""
        who, redaction = client.address, self.redaction
        if client.privacy != "full" or redaction.prefixes != WHOLE:
            if client.privacy == "off":
                return 0
            who = redaction.who(client)
            exchange = nameless(exchange) if client.privacy == "no-name" else exchange
        known = folded.get((who, client.group, exchange))
        if known is not None:
            known[0] += count
            known[1] = max(known[1], took)
        elif len(folded) < MAX_ROWS:
            folded[who, client.group, exchange] = [count, took]
        else:
            return count
        return 0

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


def _hits(hits: Hits) -> Iterator[tuple[tuple[Client, Exchange], list[int]]]:
    for (peer, packet), count in hits.items():
        yield (peer.client, packet.exchange), [count, 0]
