"""Sites, changes of schedules, devices, hits of rules, and the trail of what people changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_SCOPE = ("client", "group")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False)


def _time(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float, nullable=False)


def upgrade() -> None:
    """New columns have constant defaults, new tables are empty: nothing is copied."""
    op.add_column("rules", sa.Column("exact", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("rules", sa.Column("text", sa.String, nullable=False, server_default=""))
    op.add_column("rules", sa.Column("who", sa.String, nullable=False, server_default=""))
    op.add_column("pauses", sa.Column("who", sa.String, nullable=False, server_default=""))
    op.create_table(
        "sites",
        sa.Column("id", _ID, primary_key=True),
        *map(_text, ("site", "allow")),
        sa.Column("everything", sa.Boolean, nullable=False),
        sa.Column("window", sa.Integer, nullable=True),
        *map(_text, _SCOPE),
        sa.Column("until", sa.Float, nullable=True),
        _text("comment"),
        _time("created"),
        _text("who"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "overrides",
        sa.Column("id", _ID, primary_key=True),
        _text("schedule"),
        sa.Column("on", sa.Boolean, nullable=False),
        *map(_time, ("begins", "until")),
        *map(_text, (*_SCOPE, "why")),
        _time("created"),
        _text("who"),
        sqlite_autoincrement=True,
    )
    _devices()
    _rest()


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", _ID, primary_key=True),
        *map(_text, ("name", "group", "mac", "host")),
        *map(_time, ("first", "last")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "addresses",
        sa.Column("address", sa.String, primary_key=True),
        sa.Column("device", sa.BigInteger, nullable=False),
        *map(_time, ("first", "last")),
    )
    op.create_index("addresses_device", "addresses", ["device"])


def _rest() -> None:
    op.create_table(
        "hits",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("id", _ID, primary_key=True),
        _time("at"),
        *map(_text, ("who", "what", "items")),
        sa.Column("undone", sa.BigInteger, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "repairs",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("client", sa.String, primary_key=True),
        _text("state"),
        _time("until"),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        _text("boot"),
        *map(_time, ("offset", "seen")),
    )
