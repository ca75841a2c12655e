"""The log as lines of JSON: rows and sums by day in words, as the ids that stand for these are one database's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from sqlalchemy import Connection, Select, Table, select

from resolver.errors import BackupError
from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.store.face import Store
from resolver.store.filters import LogFilter, LogRow
from resolver.store.queries import Queries
from resolver.store.tables import clients, day_clients, day_facets, day_names, facets, names

ROWS = "rows"
"""What stands for the table in the names of members with rows of the log."""

_PAGE = 10_000

_Text = Annotated[str, msgspec.Meta(max_length=100_000, pattern=r"^[^\0]*\Z")]
_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]
_Small = Annotated[int, msgspec.Meta(ge=0, lt=1 << 31)]

T = TypeVar("T", bound=msgspec.Struct)


class LogLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A row of the log, as `LogRow` has it."""

    at: _Count
    name: _Text
    type: _Small
    client: _Text = ""
    group: _Text = ""
    rcode: _Small = 0
    origin: _Text = ""
    verdict: _Text = ""
    source: _Text = ""
    rule: _Text = ""
    via: _Text = ""
    upstream: _Text = ""
    count: _Small = 1
    took_us: _Small = 0
    shadow: _Text = ""

    def row(self) -> Row:
        """As a worker tells it."""
        exchange = Exchange(
            self.name,
            self.type,
            self.rcode,
            self.origin,
            self.verdict,
            self.source,
            self.rule,
            self.via,
            self.upstream,
            self.shadow,
        )
        return Row(self.client, self.group, exchange, self.count, self.took_us)


class DayFacet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many queries of a kind there were on a day (the Unix second of its beginning, UTC)."""

    day: _Count
    group: _Text
    type: _Small
    rcode: _Small
    origin: _Text
    verdict: _Text
    source: _Text
    upstream: _Text
    speed: Annotated[int, msgspec.Meta(ge=0, le=100)]
    count: _Count


class DayCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many queries of a client, or for a name, there were on a day."""

    day: _Count
    of: _Text
    count: _Count
    blocked: _Count


DAYS: dict[str, type[DayFacet | DayCount]] = {
    day_facets.name: DayFacet,
    day_clients.name: DayCount,
    day_names.name: DayCount,
}
"""The sums by day: the table, and what its lines hold."""


def lines(store: Store, newest: int) -> Iterator[bytes]:
    """The rows up to the id `newest`, newest first, a page at a time. Raises StoreError."""
    queries, encoder = Queries(store), msgspec.json.Encoder()
    cursor: int | None = newest + 1
    while cursor is not None:
        page = queries.log(LogFilter(), cursor, _PAGE)
        for row in page.rows:
            yield encoder.encode(_line(row)) + b"\n"
        cursor = page.next


def days(store: Store) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The lines of each table of sums by day, a day at a time. Raises StoreError."""
    for table in (day_facets, day_clients, day_names):
        yield table.name, _days(store, table)


def read(given: Iterable[bytes], kind: type[T], name: str) -> Iterator[T]:
    """What the lines of the member `name` hold. Raises BackupError."""
    decoder = msgspec.json.Decoder(kind)
    for number, line in enumerate(given, 1):
        try:
            yield decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BackupError(f"{name}:{number}: {error}") from None


def _line(row: LogRow) -> LogLine:
    return LogLine(
        row.at,
        row.name,
        row.type,
        row.client,
        row.group,
        row.rcode,
        row.origin,
        row.verdict,
        row.source,
        row.rule,
        row.via,
        row.upstream,
        row.count,
        row.took_us,
        row.shadow,
    )


def _days(store: Store, table: Table) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    day = table.c.day
    there = store.read(lambda connection: connection.execute(select(day).distinct().order_by(day)).scalars().all())
    for one in there:
        for values in store.read(lambda connection, one=one: _day(connection, table, one)):  # type: ignore[misc]
            yield encoder.encode(DAYS[table.name](*values)) + b"\n"


def _day(connection: Connection, table: Table, day: int) -> Sequence[Any]:
    return connection.execute(_in_words(table).where(table.c.day == day)).all()


def _in_words(table: Table) -> Select[Any]:
    if table is day_facets:
        words = [column for column in facets.c if column is not facets.c.id]
        return select(table.c.day, *words, table.c.count).join(facets, facets.c.id == table.c.facet)
    if table is day_clients:
        return select(table.c.day, clients.c.client, table.c["count"], table.c.blocked).join(
            clients, clients.c.id == table.c.client
        )
    return select(table.c.day, names.c.name, table.c["count"], table.c.blocked).join(names, names.c.id == table.c.name)
