"""What people ask of the log and the totals. Reads only, each within a time limit; every function may block."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from resolver.store import statistics
from resolver.store.face import Store
from resolver.store.filters import LogFilter, LogPage, LogRow
from resolver.store.pages import BUDGET, Pager
from resolver.store.pieces import Pieces
from resolver.store.statistics import By, Counted, Latency, Most, Top, Totals
from resolver.store.upstreamhours import AnsweredHour, upstream_hours

MAX_LIMIT = 10_000  # rows of one page

_AT_ONCE = 2_000  # rows of one read, of those that go through all of the log
_WHILE = 1.0  # seconds that such a read takes, more or less


class Queries:
    """Everything here raises StoreError when the database cannot be read now, or not in time.

    `since` and `until` are Unix time; without `until` it is until now.
    """

    def __init__(self, database: Store) -> None:
        self._database = database
        self._pieces = Pieces()

    def log(self, filter: LogFilter, cursor: int | None, limit: int) -> LogPage:
        """The rows before `cursor` (None: from the newest), at most `limit`. Rows that are written while somebody
        turns pages come on no later page, and none comes twice."""
        return self._page(filter, cursor, _some(limit), BUDGET)

    def each(self, filter: LogFilter) -> Iterator[LogRow]:
        """All rows that there are at the beginning, newest first: as many as one read gives are held at a time."""
        cursor = None
        while True:
            page = self._page(filter, cursor, _AT_ONCE, _WHILE)
            yield from page.rows
            cursor = page.next
            if cursor is None:
                return

    def totals(self, since: float, until: float | None = None) -> Totals:
        """Counts of every query, from the hour that `since` lies in."""
        return self._database.read(lambda connection: statistics.totals_of(connection, since, until))

    def breakdown(self, by: By, since: float, until: float | None = None, limit: int = MAX_LIMIT) -> list[Counted]:
        """The queries by one of their properties, most first."""
        return self._database.read(lambda connection: statistics.breakdown(connection, by, since, until, _some(limit)))

    def top(self, most: Most, since: float, until: float | None = None, limit: int = 10) -> list[Top]:
        """The names blocked most, the names or the clients with most queries."""
        return self._database.read(lambda connection: statistics.top(connection, most, since, until, _some(limit)))

    def latency(self, since: float, until: float | None = None) -> list[Latency]:
        """How long the upstreams took."""
        return self._database.read(lambda connection: statistics.latency(connection, since, until))

    def upstream_hours(self, since: float, until: float | None = None) -> list[AnsweredHour]:
        """How many queries the upstreams answered, failed at, and how long they took, hour by hour."""
        return self._database.read(lambda connection: upstream_hours(connection, since, until))

    def _page(self, filter: LogFilter, cursor: int | None, limit: int, budget: float) -> LogPage:
        def work(connection: Connection) -> LogPage:
            return Pager(connection, self._pieces, self._database.generation, budget).page(filter, cursor, limit)

        return self._database.read(work)


def _some(limit: int) -> int:
    return max(1, min(limit, MAX_LIMIT))
