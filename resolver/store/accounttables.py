"""The tables of who may use the admin, and of what members ask for."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, String, Table

from resolver.store.columns import made, metadata, number, words


def _time(name: str, *, known: bool = True) -> Column[float]:
    """Unix time; NULL for what has not happened, or never ends."""
    return Column(name, Float, nullable=not known)


users = Table(
    "users",
    metadata,
    made(),
    words("name"),  # lower case
    words("role"),
    words("password"),  # argon2id
    words("totp"),  # the secret, or nothing
    number("step"),  # of the last code that was used (RFC 6238 section 4): none is good twice
    words("device"),
    Column("grants", Boolean, nullable=False),
    _time("created"),
    _time("seen", known=False),
    Index("users_name", "name", unique=True),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),
    number("user"),
    _time("created"),
    _time("seen"),
    _time("ends"),
    words("address"),
    words("agent"),
)

tokens = Table(
    "tokens",
    metadata,
    made(),
    words("name"),
    words("digest"),
    words("scopes"),
    words("who"),
    _time("created"),
    _time("expires", known=False),
    _time("seen", known=False),
    Index("tokens_digest", "digest", unique=True),
    sqlite_autoincrement=True,
)

requests = Table(
    "requests",  # for a name to be allowed for some time, or for more time
    metadata,
    made(),
    _time("at"),
    number("user"),
    words("client"),
    words("name"),  # "" asks for more time before a schedule
    number("seconds"),
    words("state"),
    _time("decided", known=False),
    words("who"),
    sqlite_autoincrement=True,
)
