"""The tables, as SQLAlchemy Core sees them, and the versions of their shape.

A database that is begun anew gets these tables at once; an older one is brought forward by `migrations/`. A test holds
the two equal, and REVISIONS equal to what Alembic finds, so that the control process need not import Alembic.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, false

from resolver.store.accounttables import requests, sessions, tokens, users
from resolver.store.columns import ID, metadata
from resolver.store.logtables import (
    blocks,
    clients,
    day_clients,
    day_facets,
    day_names,
    drops,
    facets,
    hour_clients,
    hour_facets,
    hour_names,
    kinds,
    log,
    names,
    postings,
    totals,
)

__all__ = [
    "HEAD",
    "KEPT",
    "REVISIONS",
    "addresses",
    "blocks",
    "changes",
    "choices",
    "clients",
    "clock",
    "day_clients",
    "day_facets",
    "day_names",
    "devices",
    "drops",
    "facets",
    "feeds",
    "hits",
    "hour_clients",
    "hour_facets",
    "hour_names",
    "kinds",
    "log",
    "metadata",
    "names",
    "overrides",
    "pauses",
    "postings",
    "repairs",
    "requests",
    "reverse",
    "rules",
    "sessions",
    "sites",
    "tokens",
    "totals",
    "users",
    "version",
]

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every version of the shape, oldest first."""

HEAD = REVISIONS[-1]

version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True, nullable=False))

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
    Column("id", ID, primary_key=True),
    Column("action", String, nullable=False),
    Column("name", String, nullable=False),
    Column("client", String, nullable=False),
    Column("group", String, nullable=False),
    Column("until", Float, nullable=True),  # Unix time; NULL is for good
    Column("comment", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("origin", String, nullable=False),
    Column("exact", Boolean, nullable=False, server_default=false()),  # without the names below it
    Column("text", String, nullable=False, server_default=""),  # a line of a list, where the rule is no plain name
    Column("who", String, nullable=False, server_default=""),  # who made it
    sqlite_autoincrement=True,  # an id that was deleted must never name another rule
)

pauses = Table(
    "pauses",
    metadata,
    Column("id", ID, primary_key=True),
    Column("client", String, nullable=False),
    Column("group", String, nullable=False),
    Column("until", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("who", String, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

sites = Table(
    "sites",
    metadata,
    Column("id", ID, primary_key=True),
    Column("site", String, nullable=False),
    Column("allow", String, nullable=False),  # names, one a line
    Column("everything", Boolean, nullable=False),
    Column("window", Integer, nullable=True),  # seconds; NULL is always
    Column("client", String, nullable=False),
    Column("group", String, nullable=False),
    Column("until", Float, nullable=True),
    Column("comment", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("who", String, nullable=False),
    sqlite_autoincrement=True,
)

overrides = Table(
    "overrides",  # changes of schedules, for once
    metadata,
    Column("id", ID, primary_key=True),
    Column("schedule", String, nullable=False),
    Column("on", Boolean, nullable=False),
    Column("begins", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("client", String, nullable=False),
    Column("group", String, nullable=False),
    Column("why", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("who", String, nullable=False),
    sqlite_autoincrement=True,
)

devices = Table(
    "devices",  # seen, and perhaps named
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String, nullable=False),  # "" until somebody names it
    Column("group", String, nullable=False),  # "" as its address says
    Column("mac", String, nullable=False),  # "" while unknown
    Column("host", String, nullable=False),  # what the router or a lease calls it
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("privacy", String, nullable=False, server_default=""),  # what the log keeps of it; "" as its group says
    sqlite_autoincrement=True,
)

addresses = Table(
    "addresses",  # where devices were seen
    metadata,
    Column("address", String, primary_key=True),
    Column("device", BigInteger, nullable=False),
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    Index("addresses_device", "device"),
)

hits = Table(
    "hits",  # of people's own rules and site rules, by the key of the rule
    metadata,
    Column("key", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),  # Unix second
)

changes = Table(
    "changes",  # what people changed, to be shown and taken back
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Float, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),  # in words: "allow cdn.example.com for tv"
    Column("items", String, nullable=False),  # JSON: rows before and after
    Column("undone", BigInteger, nullable=True),  # the change that took it back
    sqlite_autoincrement=True,
)

repairs = Table(
    "repairs",  # tries to repair a site, one at a time for a site and a device
    metadata,
    Column("site", String, primary_key=True),
    Column("client", String, primary_key=True),
    Column("state", String, nullable=False),  # JSON
    Column("until", Float, nullable=False),
)

choices = Table(
    "choices",  # what people chose in place of what the config file says
    metadata,
    Column("path", String, primary_key=True),
    Column("value", String, nullable=False),  # JSON
    Column("who", String, nullable=False),
    Column("at", Float, nullable=False),
)

clock = Table(
    "clock",  # one row: how Unix time stood to the machine's own clock, and when that was last seen
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("boot", String, nullable=False),
    Column("offset", Float, nullable=False),
    Column("seen", Float, nullable=False),
)

KEPT = (rules, pauses, sites, overrides, devices, addresses, users, tokens, choices)
"""What people made, what names their devices, and who may do so: carried over when a damaged database is replaced."""


def reverse(name: str) -> str:
    """A name with its labels in reverse order, "com.example.www", and back: so a name and all that is below it are one
    stretch of an index. Names are presentation text, in which every dot ends a label."""
    return ".".join(name.split(".")[::-1])
