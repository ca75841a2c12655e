"""Equal exchanges of one second become one row, as far as privacy and room allow.

A client is looked at once, and each of its exchanges costs one look-up in a dict of its own, with a hash that the
exchange knows already: there are as many of them in a second as names are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from resolver.journal.frames import Row
from resolver.journal.redaction import WHOLE, Redaction, nameless
from resolver.model import Client, Exchange

Noted = tuple[Exchange, int, int]
"""An exchange, how often, and the longest of them in microseconds."""


class Folding:
    """Takes what clients exchanged; at most `most` rows come of it, and the queries of further ones are `dropped`."""

    def __init__(self, redaction: Redaction, most: int) -> None:
        self._redaction = redaction
        self._most = most
        self._rows = 0
        self._counts: dict[tuple[str, str], dict[Exchange, int]] = {}  # by what rows call a client, and its group
        self._longest: dict[tuple[str, str, Exchange], int] = {}
        self._kinds: Counter[tuple[str, str]] = Counter()
        self.dropped = 0

    def add(self, client: Client, noted: Iterable[Noted]) -> None:
        """Some of what a client exchanged. One of which nothing is kept is in the totals alone."""
        who = client.address
        hides = client.privacy == "no-name"
        keeps = client.privacy != "off"
        if client.privacy != "full" or self._redaction.prefixes != WHOLE:
            who = self._redaction.who(client)
        key = (who, client.group)
        counts = self._counts.get(key) or {}
        room = self._most - self._rows + len(counts)
        kinds = self._kinds
        for exchange, count, took in noted:
            kinds[exchange.verdict, exchange.origin] += count
            if not keeps:
                continue
            kept = nameless(exchange) if hides else exchange
            known = counts.get(kept)
            if known is not None:
                counts[kept] = known + count
            elif len(counts) < room:
                counts[kept] = count
            else:
                self.dropped += count
                continue
            if took:
                at = (*key, kept)
                self._longest[at] = max(self._longest.get(at, 0), took)
        if counts:
            self._counts[key] = counts
            self._rows = self._most - room + len(counts)

    def totals(self) -> dict[str, int]:
        """Every query by "verdict/origin"."""
        return {f"{verdict}/{origin}": count for (verdict, origin), count in self._kinds.items()}

    def rows(self) -> Iterator[Row]:
        """What is kept, client by client."""
        longest = self._longest.get
        for (who, group), counts in self._counts.items():
            for exchange, count in counts.items():
                yield Row(who, group, exchange, count, longest((who, group, exchange), 0))
