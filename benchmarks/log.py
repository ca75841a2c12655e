#!/usr/bin/env python3
"""How long every page of the log and every figure takes, on a database there is: log.py DATABASE [--rounds 5]

The database (a file; it is opened as the daemon opens it) is asked what is rare in it: a name that was asked for once,
long ago; a device with some fifty rows; a piece of text that thousands of names have; a rule that seldom met anything.
Each question is asked anew each round, by somebody who knows nothing yet. Warm: asked before. Cold: the database was
opened anew, and the system was told to forget the file. Median and worst of the rounds, in milliseconds; then how many
rows the page had, and for how many of the days that there are it was looked through. If it was not full, nor the last:
how many pages it takes until so many rows are there, and how long they take together.
"""

from __future__ import annotations

import argparse
import functools
import os
import pathlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from sqlalchemy import Connection, func, select

from resolver.store.conditions import has_piece
from resolver.store.database import Database
from resolver.store.filters import ANY, LogFilter, LogPage
from resolver.store.queries import Queries
from resolver.store.statistics import BY
from resolver.store.tables import blocks, clients, facets, kinds, names, postings
from resolver.store.terms import Of, term

DAY = 86_400
ROWS = 100
"""Of a page."""


class Question(NamedTuple):
    """What is asked, in words, and the asking."""

    words: str
    ask: Callable[[Queries], object]


class Rare(NamedTuple):
    """What is seldom, or often, in a database."""

    once: str
    tail: str
    few: tuple[str, ...]
    loud: tuple[str, ...]
    piece: str
    pieces: int
    rule: str
    source: str
    slow: float
    first: int
    last: int


def looked(connection: Connection) -> Rare:
    first, last = connection.execute(select(func.min(blocks.c.first), func.max(blocks.c.last))).one()
    once = _once(connection)
    counted = _counted(connection)
    piece, number = _piece(connection)
    rule, source = _rule(connection)
    return Rare(
        once,
        once.partition(".")[2],
        (min(counted, key=lambda client: abs(counted[client] - 50)),),
        (max(counted, key=lambda client: counted[client]),),
        piece,
        number,
        rule,
        source,
        500.0,
        first,
        last,
    )


def _blocks_of(connection: Connection, of: Of, id: int) -> list[int]:
    return list(connection.scalars(select(postings.c.block).where(postings.c.term == term(of, id)).limit(2000)))


def _once(connection: Connection) -> str:
    """A name of an early sixth of the log that is in one block alone."""
    last = connection.scalar(select(func.max(blocks.c.block))) or 0
    highest = connection.scalar(select(func.max(names.c.id))) or 0
    for id in range(highest // 8, highest):
        found = _blocks_of(connection, Of.NAME, id)
        if len(found) == 1 and found[0] < last // 5:
            return str(connection.scalar(select(names.c.name).where(names.c.id == id)))
    raise SystemExit("every name of this log was asked for again and again")


def _counted(connection: Connection) -> dict[str, int]:
    """In how many blocks each client is."""
    found = connection.execute(select(clients.c.id, clients.c.client).where(clients.c.client != "")).all()
    return {client: len(_blocks_of(connection, Of.CLIENT, id)) for id, client in found}


def _piece(connection: Connection) -> tuple[str, int]:
    """A piece of text that some thousand names have."""
    tried: dict[str, int] = {}
    for letters in ("google", "analytics", "metrics", "7a1", "c0d", "e77", "4f", "b5", "tail299"):
        number = connection.scalar(select(func.count()).select_from(names).where(has_piece(letters))) or 0
        tried[letters] = number
    best = min(tried, key=lambda one: abs(tried[one] - 5000))
    return best, tried[best]


def _rule(connection: Connection) -> tuple[str, str]:
    """The rule that is in fewest blocks, of some, and the list that it is of."""
    some = select(kinds.c.id, kinds.c.rule, facets.c.source).join(facets, facets.c.id == kinds.c.facet)
    found = connection.execute(some.where(kinds.c.rule != "").order_by(kinds.c.id.desc()).limit(200)).all()
    _, rule, source = min(found, key=lambda one: len(_blocks_of(connection, Of.KIND, one.id)))
    return rule, source


def pages(rare: Rare) -> Iterator[tuple[str, LogFilter]]:
    day25 = rare.first + 5 * DAY
    yield "everything", LogFilter()
    yield "blocked", LogFilter(verdict="block")
    yield "25 days ago", LogFilter(until=day25)
    yield "an hour, 25 days ago", LogFilter(since=day25, until=day25 + 3600)
    yield "a name asked once, long ago", LogFilter(exact=rare.once)
    yield "it and those below it", LogFilter(name=rare.once)
    yield f"all below {rare.tail}", LogFilter(name=rare.tail)
    yield "all below com", LogFilter(name="com")
    yield "a device with some 50 rows", LogFilter(clients=rare.few)
    yield "the device with most rows", LogFilter(clients=rare.loud)
    yield f'"{rare.piece}" in {rare.pieces:,} names', LogFilter(part=rare.piece)
    yield "the same, 25 days ago", LogFilter(part=rare.piece, until=day25)
    yield "a piece of one name", LogFilter(part=rare.once[2:9])
    yield "a piece of no name", LogFilter(part="no.such.piece")
    yield f"slower than {rare.slow:g} ms", LogFilter(slower=rare.slow)
    yield "a rule", LogFilter(rule=rare.rule)
    yield "a list", LogFilter(source=rare.source)
    yield "a shadow list", LogFilter(shadow=ANY)
    yield "SERVFAIL", LogFilter(rcode=2)
    yield "a group", LogFilter(group="kids")
    yield "HTTPS, of one upstream", LogFilter(type=65, origin="upstream", upstream="udp://192.0.2.53")
    yield "verdict, list and seldom device", LogFilter(verdict="block", source=rare.source, clients=rare.few)
    yield "verdict, list and loud device", LogFilter(verdict="block", source=rare.source, clients=rare.loud)
    yield "piece and seldom device", LogFilter(part=rare.piece, clients=rare.few)
    yield "piece, loud device, slow", LogFilter(part=rare.piece, clients=rare.loud, slower=20.0)
    yield "slow and of a list: nothing", LogFilter(slower=20.0, source=rare.source)


def figures(rare: Rare) -> Iterator[Question]:
    for words, since in (("24 hours", rare.last - DAY), ("7 days", rare.last - 7 * DAY), ("all", rare.first)):
        yield Question(f"totals, {words}", lambda queries, since=since: queries.totals(since))
        for by in BY:
            yield Question(f"by {by}, {words}", lambda queries, by=by, since=since: queries.breakdown(by, since))
        for most in ("names", "blocked", "clients"):
            yield Question(f"top {most}, {words}", lambda queries, most=most, since=since: queries.top(most, since))
        yield Question(f"latency of upstreams, {words}", lambda queries, since=since: queries.latency(since))


def timed(path: pathlib.Path, ask: Callable[[Queries], Any], rounds: int, *, cold: bool) -> tuple[list[float], Any]:
    """Milliseconds, and the last answer."""
    times = []
    database = Database.open(path)
    answer = None if cold else ask(Queries(database))
    for _ in range(rounds):
        if cold:
            database.close()
            _drop(path)
            database = Database.open(path)
            database.read(lambda connection: connection.scalar(select(func.min(blocks.c.block))))
        queries = Queries(database)
        began = time.perf_counter()
        answer = ask(queries)
        times.append(1000 * (time.perf_counter() - began))
    database.close()
    return times, answer


def _drop(path: pathlib.Path) -> None:
    """Tell the system to forget what it remembers of the file."""
    for file in (path, path.with_name(path.name + "-wal")):
        if file.exists():
            descriptor = os.open(file, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _first_page(queries: Queries, filter: LogFilter) -> LogPage:
    return queries.log(filter, None, ROWS)


def _said(path: pathlib.Path, filter: LogFilter, rare: Rare, page: LogPage) -> str:
    days = (rare.last - (page.reached or rare.first)) / DAY
    said = f"{len(page.rows):4} rows; {'the whole log' if page.next is None else f'{days:.1f} days'}"
    if len(page.rows) >= ROWS or page.next is None:
        return said
    database = Database.open(path)
    queries, began = Queries(database), time.perf_counter()
    rows, cursor, turned = 0, None, 0
    while rows < ROWS and (not turned or cursor is not None):
        page = queries.log(filter, cursor, ROWS - rows)
        rows, cursor, turned = rows + len(page.rows), page.next, turned + 1
    took = 1000 * (time.perf_counter() - began)
    database.close()
    return f"{said}; {rows} rows after {turned} pages, {took:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="only what has this in its words")
    arguments = parser.parse_args()
    database = Database.open(arguments.database)
    rare = database.read(looked, 600.0)
    database.close()
    print(f"{'':40} {'warm':>8} {'worst':>8} {'cold':>8} {'worst':>8}")

    def show(words: str, ask: Callable[[Queries], Any], say: Callable[[Any], str]) -> None:
        warm, answer = timed(arguments.database, ask, arguments.rounds, cold=False)
        said = say(answer)
        cold, _ = timed(arguments.database, ask, arguments.rounds, cold=True)
        times = (statistics.median(warm), max(warm), statistics.median(cold), max(cold))
        print(f"{words:40} {' '.join(f'{ms:8.1f}' for ms in times)}  {said}".rstrip(), flush=True)

    for words, filter in pages(rare):
        if arguments.only in words:
            say = functools.partial(_said, arguments.database, filter, rare)
            show(words, functools.partial(_first_page, filter=filter), say)
    for question in figures(rare):
        if arguments.only in question.words:
            show(question.words, question.ask, lambda _: "")


if __name__ == "__main__":
    main()
