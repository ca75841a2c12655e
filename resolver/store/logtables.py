"""The tables of the log: rows that are nothing but numbers, what the numbers stand for, by which blocks a row is found,
and the sums by hour and day from which every figure is shown.

The writer gives every id. "" is a name and a client too: what privacy left out.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table, text

from resolver.store.columns import BYTEWISE, given, metadata, number, part, small, words

names = Table(
    "names",
    metadata,
    given(),
    Column("key", BYTEWISE, nullable=False),  # as `tables.reverse` makes it
    words("name"),  # presentation text
    Index("names_key", "key", unique=True),
)

clients = Table(
    "clients",
    metadata,
    given(),
    words("client"),  # an address, or what privacy made of it
    Index("clients_client", "client", unique=True),
)

_SHADOWED = text("shadow <> ''")

_FACET = ("group", "type", "rcode", "origin", "verdict", "source", "upstream", "speed")

facets = Table(
    "facets",  # what queries have in common by the thousand: a few hundred rows
    metadata,
    given(),
    words("group"),
    small("type"),
    small("rcode"),
    words("origin"),
    words("verdict"),
    words("source"),
    words("upstream"),
    small("speed"),  # as `speeds.speed` makes it
    Index("facets_values", *_FACET, unique=True),
)

kinds = Table(
    "kinds",
    metadata,
    given(),
    number("facet"),
    words("rule"),
    words("via"),
    words("shadow"),  # "list: rule" of a shadow list, or nothing
    Column("digest", LargeBinary(16), nullable=False),  # of the four, as `interning.digest` makes it
    Index("kinds_digest", "digest", unique=True),
    Index("kinds_facet", "facet"),
    Index("kinds_rule", "rule", postgresql_using="hash"),  # whose B-trees refuse long ones
    Index("kinds_shadow", "id", sqlite_where=_SHADOWED, postgresql_where=_SHADOWED),
)

log = Table(
    "log",
    metadata,
    given(),  # one more than the row before
    number("at"),  # Unix second
    number("name"),
    number("client"),
    number("kind"),
    small("count"),
    small("took_us"),
)

blocks = Table(
    "blocks",
    metadata,
    part("block"),  # as `terms.block` makes it
    number("first"),  # Unix seconds: the earliest and the latest of its rows
    number("last"),
)

postings = Table(
    "postings",  # in which blocks a term is
    metadata,
    part("term"),  # as `terms.term` makes it
    part("block"),
    sqlite_with_rowid=False,
)

totals = Table(
    "totals",  # of every query, also of those without a row
    metadata,
    part("hour"),  # Unix second at which the hour begins
    Column("verdict", String, primary_key=True),
    Column("origin", String, primary_key=True),
    number("count"),
)

drops = Table(
    "drops",  # queries whose rows were given up
    metadata,
    part("hour"),
    number("count"),
)


def _facets_of(span: str) -> Table:
    return Table(f"{span}_facets", metadata, part(span), part("facet"), number("count"), sqlite_with_rowid=False)


def _counts_of(span: str, what: str) -> Table:
    """How many queries, and how many of them were blocked."""
    columns = (part(span), part(what), number("count"), number("blocked"))
    return Table(f"{span}_{what}s", metadata, *columns, sqlite_with_rowid=False)


hour_facets, hour_clients, hour_names = _facets_of("hour"), _counts_of("hour", "client"), _counts_of("hour", "name")
day_facets, day_clients, day_names = _facets_of("day"), _counts_of("day", "client"), _counts_of("day", "name")
