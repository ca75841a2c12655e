"""The tables, as SQLAlchemy Core sees them, and the versions of their shape.

A database that is begun anew gets these tables at once; an older one is brought forward by `migrations/`. A test holds
the two equal, and REVISIONS equal to what Alembic finds, so that the control process need not import Alembic.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, text

REVISIONS = ("0001", "0002")
"""Every version of the shape, oldest first."""

HEAD = REVISIONS[-1]

_ID = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY is SQLite's own row number

metadata = MetaData()

SHADOWED = text("shadow <> ''")
"""The rows of the log that a shadow list has something to say about, just as their index has it."""

version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True, nullable=False))

log = Table(
    "log",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", BigInteger, nullable=False),  # Unix second
    Column("client", String, nullable=False),
    Column("group", String, nullable=False),
    Column("name", String, nullable=False),  # as `reverse` makes it
    Column("type", Integer, nullable=False),
    Column("rcode", Integer, nullable=False),
    Column("origin", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("source", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("via", String, nullable=False),
    Column("upstream", String, nullable=False),
    Column("count", Integer, nullable=False),
    Column("took_us", Integer, nullable=False),
    Column("shadow", String, nullable=False, server_default=""),  # "list: rule" of a shadow list, or nothing
    Index("log_at", "at"),
    Index("log_client", "client"),
    Index("log_group", "group"),
    Index("log_name", "name"),
    Index("log_verdict", "verdict"),
    Index(
        "log_shadow", "id", "shadow", sqlite_where=SHADOWED, postgresql_where=SHADOWED
    ),  # as the newest are asked for
)

totals = Table(
    "totals",
    metadata,
    Column("hour", BigInteger, primary_key=True, autoincrement=False),  # Unix second at which the hour begins
    Column("verdict", String, primary_key=True),
    Column("origin", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

feeds = Table(
    "feeds",
    metadata,
    Column("feed", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),  # the highest that is stored
    Column("at", BigInteger, nullable=False),  # Unix second of its batch
)

rules = Table(
    "rules",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("action", String, nullable=False),
    Column("name", String, nullable=False),
    Column("client", String, nullable=False),
    Column("group", String, nullable=False),
    Column("until", Float, nullable=True),  # Unix time; NULL is for good
    Column("comment", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("origin", String, nullable=False),
    sqlite_autoincrement=True,  # an id that was deleted must never name another rule
)

pauses = Table(
    "pauses",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("client", String, nullable=False),
    Column("group", String, nullable=False),
    Column("until", Float, nullable=False),
    Column("created", Float, nullable=False),
    sqlite_autoincrement=True,
)

KEPT = (rules, pauses)
"""What people made: carried over when a damaged database is replaced."""


def reverse(name: str) -> str:
    """A name with its labels in reverse order, "com.example.www", and back: so a name and all that is below it are one
    stretch of an index. Names are presentation text, in which every dot ends a label."""
    return ".".join(name.split(".")[::-1])
