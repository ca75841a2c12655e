"""How much each client asks, and who is held back. What somebody asks beyond the rate is a debt, paid off at the same
rate (a leaky bucket); who owes too much is wild. Nothing is done on a hit of finished answers: those of a second are
counted when it is over. Only of who is wild every query is counted, and what is over the rate is refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

from resolver.journal.journal import Hits
from resolver.policy.clients import ClientIndex
from resolver.policy.document import Limits

BURST = 10  # seconds' worth of queries that a client may owe
_CALM = BURST - 1  # who owes less than that is not wild any more
_SLICE = 500  # clients looked at before other work gets its turn
_MOST = 10_000  # clients whose debts are known


async def by_client(hits: Hits) -> Counter[str]:
    """How many answers each address had among the hits of a second, which nobody changes any more."""
    found: Counter[str] = Counter()
    for place, (peer, given) in enumerate(hits.items()):
        found[peer.client.address] += sum(given.values())
        if place % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
    return found


class Rates:
    """Of addresses. `count` is called for every query that the hot path does not answer, `turn` once a second."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.refused = 0
        self.wild: set[str] = set()
        self._debts: dict[str, int] = {}
        self._spent: dict[str, int] = {}
        self._errors: dict[str, int] = {}
        self._exempt: ClientIndex[bool] = ClientIndex(())

    def take(self, limits: Limits) -> None:
        """The limits from now on."""
        if limits != self.limits:
            self.limits = limits
            self._exempt = ClientIndex((text, True) for text in limits.exempt)
            self.wild = set()
            self._debts = {}

    def count(self, address: str, *, hit: bool = False) -> int:
        """Count a query, and say what of it: 0 it is answered, 1 refused, 2 not answered at all. Hits of who is not
        wild are left to `turn`."""
        if hit and address not in self.wild:
            return 0
        count = self._spent[address] = self._spent.get(address, 0) + 1
        if address not in self.wild or count <= self.limits.client:
            return 0
        self.refused += 1
        return 1 if count <= 2 * self.limits.client else 2

    def errs(self, address: str) -> bool:
        """Count a query that is none, and say whether it is told so."""
        count = self._errors[address] = self._errors.get(address, 0) + 1
        return count <= self.limits.errors

    def turn(self, hits: Mapping[str, int]) -> bool:
        """A second is over, in which these addresses had so many hits (of who is wild they are counted already);
        whether others are held back from now on."""
        spent, self._spent = self._spent, {}
        self._errors.clear()
        rate, before = self.limits.client, self.wild
        if not rate:
            return False
        for address, count in hits.items():
            if address not in before:
                spent[address] = spent.get(address, 0) + count
        busy = {address: count for address, count in spent.items() if count > rate and address not in self._debts}
        for address in (*self._debts, *busy):
            self._owe(address, spent.get(address, 0) - rate)
        self.wild = {
            address for address, debt in self._debts.items() if debt > rate * (_CALM if address in before else BURST)
        }
        return self.wild != before

    def _owe(self, address: str, more: int) -> None:
        debt = min(self._debts.get(address, 0) + more, self.limits.client * (BURST + 1))
        if debt <= 0:
            self._debts.pop(address, None)
        elif address in self._debts or (len(self._debts) < _MOST and not self._exempt.of(address)):
            self._debts[address] = debt
