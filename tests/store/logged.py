"""A log to put rows in and to ask, for the tests of what reads it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete

from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.store.face import Store
from resolver.store.filters import LogFilter, LogPage
from resolver.store.interning import Interner
from resolver.store.queries import Queries
from resolver.store.tables import metadata
from tests.store.making import NOON, store_all, waiting

NAMES = ("a.example", "www.a.example", "b.example", "a.example.net", "xa.example", "example", "ads-1.net", "")
CLIENTS = ("192.0.2.1", "192.0.2.2", "2001:db8::7", "")
RULES = ("||a.example^", "||b.example^", "")
SHADOWS = ("", "", "trial: ||x^", "trial-2: x", "trial")


class Log:
    """Every `put` is a batch of its own."""

    def __init__(self, database: Store) -> None:
        self.database = database
        self.queries = Queries(database)
        self._seq = itertools.count(1)
        self._interner = Interner()

    def put(self, *rows: Row, second: int = NOON) -> None:
        store_all(self.database, [waiting(next(self._seq), list(rows), second=second)], self._interner)

    def names(self, **conditions: Any) -> list[str]:
        return [found.name for found in self.queries.log(LogFilter(**conditions), None, 1000).rows]

    def pages(self, filter: LogFilter, limit: int) -> list[LogPage]:
        """All pages of a filter, one after the other."""
        pages = [self.queries.log(filter, None, limit)]
        while (cursor := pages[-1].next) is not None:
            pages.append(self.queries.log(filter, cursor, limit))
        return pages


def emptied(database: Store, *names: str) -> None:
    """Delete the rows of some tables."""

    def work(connection: Connection) -> None:
        for name in names:
            connection.execute(delete(metadata.tables[name]))

    database.run(work)


def any_row(chance: random.Random, names: Sequence[str] = NAMES) -> Row:
    """A row with values of which every other row may have some."""
    verdict = chance.choice(("pass", "block", "allow"))
    exchange = Exchange(
        chance.choice(names),
        chance.choice((1, 28, 65)),
        chance.choice((0, 3)),
        chance.choice(("upstream", "cache", "local")),
        verdict,
        "" if verdict == "pass" else chance.choice(("ads", "mine")),
        "" if verdict == "pass" else chance.choice(RULES),
        "",
        chance.choice(("", "udp://192.0.2.53")),
        chance.choice(SHADOWS),
    )
    took = chance.choice((10, 1_000, 1_001, 30_000, 6_000_000))
    return Row(chance.choice(CLIENTS), chance.choice(("default", "kids")), exchange, chance.randint(1, 3), took)


def any_filter(chance: random.Random, since: int, until: int) -> LogFilter:
    """A filter with a few conditions, some of which are for what no row has."""
    choices: dict[str, Sequence[Any]] = {
        "clients": ((), CLIENTS[:1], CLIENTS[1:3], ("192.0.2.9",), ("", "192.0.2.9")),
        "group": ("default", "kids", "none"),
        "name": (".", "example", "a.example", "net", "none"),
        "exact": NAMES,
        "part": ("a", "A.EX", ".", "ads-", "%", "xa.example"),
        "type": (1, 28, 5),
        "verdict": ("pass", "block", "rewrite"),
        "source": ("ads", "mine", "none"),
        "rule": (*RULES, "none"),
        "origin": ("upstream", "cache", "stale"),
        "upstream": ("udp://192.0.2.53", "none"),
        "rcode": (0, 3, 2),
        "since": range(since - 2, until + 3),
        "until": range(since - 2, until + 3),
        "slower": (0.0, 1.0, 29.9, 5000.0, 1e7),
        "shadow": ("*", "trial", "trial-2", "tria", ""),
    }
    wanted = chance.sample(sorted(choices), chance.choice((0, 1, 1, 2, 2, 3)))
    return LogFilter(**{field: chance.choice(choices[field]) for field in wanted})
