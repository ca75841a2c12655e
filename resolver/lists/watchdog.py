"""The watchdog: when a new version of a list blocks much of what was answered before, it says to take it back.

Pure: it is fed with what the journal says and told which lists came into force in another version. A name counts as
answered before when it last was, for the same group, before the new version; a name that is asked for over and over
counts a few times only, as programs do not give up asking for what is blocked. One blocked name alone is no reason:
lists are made to block more each day.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import msgspec

from resolver.journal.frames import Row

WINDOW = 600.0
"""Seconds after a new version in which it is watched."""

NAMES = 20_000
"""How many names are remembered, the longest unused forgotten first."""

QUERIES = 50
"""How many queries for names that were answered before it takes to judge."""

BLOCKED = 3
"""How many of these names must be blocked."""

REPEATS = 10
"""How many queries of one client for one name count."""

LATE = 10.0
"""Seconds by which the journal may know of a new version sooner than whoever tells of it."""

_ANSWERED = ("pass", "allow")
_STOPPED = ("block", "rewrite")
_BY_PEOPLE = ("rules", "pause")  # what they want says nothing of what lists do
_SHOWN = 3

_Key = tuple[str, str]  # group and name


class Bite(msgspec.Struct, frozen=True):
    """A list that is to go back to its version before, and why."""

    id: str
    note: str


class _Watch:
    """The lists that came into force together, and what was seen of the names answered before."""

    def __init__(self, lists: Collection[str], since: float) -> None:
        self.lists = set(lists)
        self.since = since
        self.begin()

    def begin(self) -> None:
        """Count from nothing."""
        self.asked = 0
        self.blocked: dict[str, Counter[str]] = {id: Counter() for id in self.lists}
        self._counted: Counter[tuple[str, str]] = Counter()

    def count(self, row: Row, name: str) -> None:
        """Count the queries of a row for a name that was answered before."""
        key = (row.client, name)
        if len(self._counted) >= NAMES:
            self._counted.clear()  # then a program that does not give up counts a few times more
        times = min(row.count, REPEATS - self._counted[key])
        if times > 0:
            self._counted[key] += times
            self.asked += times
            if row.exchange.verdict in _STOPPED and row.exchange.source in self.lists:
                self.blocked[row.exchange.source][name] += times

    def judge(self, percent: float) -> Bite | None:
        """The list that blocks most, if all of them together block too much."""
        blocked = Counter({id: names.total() for id, names in self.blocked.items()})
        if self.asked < QUERIES or blocked.total() * 100 <= percent * self.asked:
            return None
        id, queries = blocked.most_common(1)[0]
        names = self.blocked[id]
        if len(names) < BLOCKED:
            return None
        such = ", ".join(name for name, _ in names.most_common(_SHOWN))
        share = round(100 * queries / self.asked)
        return Bite(id, f"it blocked {share} % of the queries for names that were answered before, such as {such}")


class _Lost(NamedTuple):
    """A name that was blocked just now: since when it had been answered, and which list blocked it when."""

    key: _Key
    first: float
    source: str
    second: float


class Watchdog:
    """Remembers what was answered, and watches new versions. Times are Unix times."""

    def __init__(self) -> None:
        self._answered: dict[_Key, float] = {}  # since when, the longest unused first
        self._lost: deque[_Lost] = deque()
        self._watches: list[_Watch] = []

    def seed(self, names: Iterable[_Key], now: float) -> None:
        """Names, with the group, that are known to have been answered until now."""
        for key in names:
            self._remember(key, now)

    def swapped(self, lists: Collection[str], now: float) -> None:
        """These lists are in force in another version from now on."""
        for watch in self._watches:  # what was seen of the version before says nothing of this one
            watch.lists.difference_update(lists)
        self._watches = [watch for watch in self._watches if watch.lists]
        for watch in self._watches:
            watch.blocked = {id: names for id, names in watch.blocked.items() if id in watch.lists}
        self._watches.append(_Watch(lists, now))
        for lost in self._lost:
            if lost.source in lists and lost.second >= now - LATE:  # the new version may have blocked it already
                self._remember(lost.key, lost.first)

    def take(self, rows: Iterable[Row], second: float, percent: float) -> list[Bite]:
        """What was asked from a second on, until the next batch: which lists are to be taken back for it, each once.
        `percent` is how much of what was answered before a new version may block; 0: whatever it likes."""
        self._watches = [watch for watch in self._watches if second < watch.since + WINDOW]
        watches = [watch for watch in self._watches if watch.since < second]
        while self._lost and self._lost[0].second < second - LATE:
            self._lost.popleft()
        for row in rows:
            if row.exchange.name and row.exchange.source not in _BY_PEOPLE:
                self._take(row, second, watches)
        return list(self._bites(watches, percent)) if percent else []

    def _take(self, row: Row, second: float, watches: list[_Watch]) -> None:
        exchange = row.exchange
        key = (row.group, exchange.name)
        first = self._answered.get(key)
        if first is not None:
            for watch in watches:
                if first <= watch.since:
                    watch.count(row, exchange.name)
        if exchange.verdict in _ANSWERED:
            self._answered.pop(key, None)
            self._remember(key, second if first is None else first)
        elif exchange.verdict in _STOPPED and first is not None and not self._watched(exchange.source):
            self._lost.append(_Lost(key, first, exchange.source, second))
            self._answered.pop(key, None)

    def _watched(self, source: str) -> bool:
        return any(source in watch.lists for watch in self._watches)

    def _remember(self, key: _Key, first: float) -> None:
        self._answered[key] = first
        if len(self._answered) > NAMES:
            del self._answered[next(iter(self._answered))]

    def _bites(self, watches: list[_Watch], percent: float) -> Iterator[Bite]:
        for watch in watches:
            bite = watch.judge(percent)
            if bite is not None:
                watch.lists.discard(bite.id)
                watch.begin()
                yield bite
