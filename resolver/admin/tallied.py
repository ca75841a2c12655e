"""What is counted of queries for the metrics: in memory, from the journal's batches as they come, so that whoever
watches learns how things are whatever the database does. Counted since control's start."""

from __future__ import annotations

from collections import Counter

from resolver.journal.frames import Batch, Row
from resolver.store.speeds import LIMITS_MS, speed
from resolver.wire.zone import rcode_text, type_text

LIMITS = tuple(limit / 1000 for limit in LIMITS_MS)
"""The upper bounds of the latency's buckets, in seconds; one more has what took longer."""

OTHER = "other"
"""What is asked by names and numbers of clients' choosing is counted so, beside those below."""

TYPES = frozenset(
    {"A", "AAAA", "HTTPS", "SVCB", "PTR", "TXT", "MX", "SRV", "NS", "SOA", "CNAME", "DS", "DNSKEY", "ANY"}
)
RCODES = frozenset({"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"})
_MOST_SOURCES = 500  # as lists are renamed
_MOST_FEEDS = 1000

_Kind = tuple[int, int, str, str]
"""Type, RCODE, verdict, and where the rule comes from."""


class Latency:
    """How long answers took: how many in each bucket, and the seconds of all."""

    def __init__(self) -> None:
        self.buckets = [0] * (len(LIMITS) + 1)
        self.seconds = 0.0


class Tallied:
    """`queries` has every query by verdict and origin; `dropped` are those whose rows workers gave up. Of those with a
    row: `types`, `rcodes`, `blocked` by the id of the list or another word for where the rule comes from, and `latency`
    by origin."""

    def __init__(self) -> None:
        self.queries: Counter[tuple[str, str]] = Counter()
        self.dropped = 0
        self.types: Counter[str] = Counter()
        self.rcodes: Counter[str] = Counter()
        self.blocked: Counter[str] = Counter()
        self.latency: dict[str, Latency] = {}
        self._seen: dict[str, int] = {}

    def take(self, batch: Batch) -> None:
        """Count a batch, unless it was counted before: a worker sends again what it does not know to be safe."""
        if batch.seq <= self._seen.get(batch.feed, -1):
            return
        self._seen.pop(batch.feed, None)
        self._seen[batch.feed] = batch.seq
        if len(self._seen) > _MOST_FEEDS:
            del self._seen[next(iter(self._seen))]
        for kind, count in batch.totals.items():
            verdict, _, origin = kind.partition("/")
            self.queries[verdict, origin] += count
        self.dropped += batch.dropped
        self._add(batch.rows)

    def _add(self, rows: list[Row]) -> None:
        """There may be thousands of rows: what they have in common is looked at once."""
        counts: dict[_Kind, int] = {}
        latency = self.latency
        for row in rows:
            exchange, count, took = row.exchange, row.count, row.took_us
            origin = exchange.origin
            kind = (exchange.type, exchange.rcode, exchange.verdict, exchange.source)
            counts[kind] = counts.get(kind, 0) + count
            spent = latency.get(origin)
            if spent is None:
                spent = latency[origin] = Latency()
            spent.buckets[speed(took)] += count
            spent.seconds += took * count / 1e6
        for (type, rcode, verdict, source), count in counts.items():
            self.types[_one_of(TYPES, type_text(type) if type else OTHER)] += count
            self.rcodes[_one_of(RCODES, rcode_text(rcode))] += count
            if verdict == "block":
                known = source in self.blocked or len(self.blocked) < _MOST_SOURCES
                self.blocked[source if known else OTHER] += count


def _one_of(words: frozenset[str], word: str) -> str:
    return word if word in words else OTHER
