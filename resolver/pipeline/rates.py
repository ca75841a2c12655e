"""How much each client asks, and who is held back. What somebody asks beyond the rate is a debt, paid off at the same
rate (a leaky bucket); who owes too much is wild. Nothing is done on a hit of finished answers: those of a second are
counted when it is over. Only of who is wild every query is counted, and what is over the rate is refused.

A client has two accounts: one of what came over UDP from its address, which anybody could have written there, one of
what it proved to be its own, by a connection or a cookie. Whoever floods Lull in its name uses up the first alone."""

from __future__ import annotations

import asyncio
import enum
from collections import Counter
from collections.abc import Mapping

from resolver.journal.journal import Hits
from resolver.pipeline.identify import Peer
from resolver.policy.document import Limits

BURST = 10  # seconds' worth of queries that a client may owe
_CALM = BURST - 1  # who owes less than that is not wild any more
_SLICE = 500  # clients looked at before other work gets its turn
_MOST = 10_000  # accounts whose debts are known

_Account = tuple[str, bool]
"""A place (`policy.clients.place`), and whether what it asked was proven to come from there."""


class Fate(enum.Enum):
    """What becomes of a query."""

    ANSWERED = enum.auto()
    REFUSED = enum.auto()
    CUT = enum.auto()
    """It is told to come again over TCP: as if its answer had been too long."""
    SILENT = enum.auto()


async def by_client(hits: Hits) -> Counter[str]:
    """How many answers each place had among the hits of a second, which nobody changes any more."""
    found: Counter[str] = Counter()
    for number, (peer, given) in enumerate(hits.items()):
        if isinstance(peer, Peer) and not peer.exempt:
            found[peer.place] += sum(given.values())
        if number % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
    return found


class Rates:
    """Of places. `count` is called for every query that the hot path does not answer, `turn` once a second; for those
    who are exempt, neither."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.refused = 0
        self.wild: set[str] = set()
        self._wild: set[_Account] = set()
        self._debts: dict[_Account, int] = {}
        self._spent: dict[_Account, int] = {}
        self._errors: dict[str, int] = {}

    def take(self, limits: Limits) -> None:
        """The limits from now on."""
        if limits != self.limits:
            self.limits = limits
            self.wild, self._wild = set(), set()
            self._debts = {}

    def count(self, place: str, *, hit: bool = False, proven: bool = False) -> Fate:
        """Count a query, and say what becomes of it. Hits of who is not wild are left to `turn`."""
        if hit and place not in self.wild:
            return Fate.ANSWERED
        account = place, proven
        count = self._spent[account] = self._spent.get(account, 0) + 1
        rate = self.limits.client
        if account not in self._wild or count <= rate:
            return Fate.ANSWERED
        self.refused += 1
        if proven:
            return Fate.REFUSED
        if count > 2 * rate:
            return Fate.SILENT
        slip = self.limits.slip
        return Fate.CUT if slip and not count % slip else Fate.REFUSED

    def errs(self, place: str) -> bool:
        """Count a query that is none, and say whether it is told so."""
        count = self._errors[place] = self._errors.get(place, 0) + 1
        return count <= self.limits.errors

    def turn(self, hits: Mapping[str, int]) -> bool:
        """A second is over, in which these places had so many hits (of who is wild they are counted already); whether
        others are held back from now on."""
        spent, self._spent = self._spent, {}
        self._errors.clear()
        rate, before = self.limits.client, self.wild
        if not rate:
            return False
        for place, count in hits.items():
            if place not in before:
                spent[place, False] = spent.get((place, False), 0) + count
        busy = {account: count for account, count in spent.items() if count > rate and account not in self._debts}
        for account in (*self._debts, *busy):
            self._owe(account, spent.get(account, 0) - rate)
        self._wild = {
            account
            for account, debt in self._debts.items()
            if debt > rate * (_CALM if account in self._wild else BURST)
        }
        self.wild = {place for place, _ in self._wild}
        return self.wild != before

    def _owe(self, account: _Account, more: int) -> None:
        debt = min(self._debts.get(account, 0) + more, self.limits.client * (BURST + 1))
        if debt <= 0:
            self._debts.pop(account, None)
        elif account in self._debts or len(self._debts) < _MOST:
            self._debts[account] = debt
