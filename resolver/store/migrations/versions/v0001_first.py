"""The first shape."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False)


def upgrade() -> None:
    op.create_table(
        "log",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        *map(_text, ("client", "group", "name")),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("rcode", sa.Integer, nullable=False),
        *map(_text, ("origin", "verdict", "source", "rule", "via", "upstream")),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("took_us", sa.Integer, nullable=False),
    )
    for column in ("at", "client", "group", "name", "verdict"):
        op.create_index(f"log_{column}", "log", [column])
    op.create_table(
        "totals",
        sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("verdict", sa.String, primary_key=True),
        sa.Column("origin", sa.String, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "feeds",
        sa.Column("feed", sa.String, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "rules",
        sa.Column("id", _ID, primary_key=True),
        *map(_text, ("action", "name", "client", "group")),
        sa.Column("until", sa.Float, nullable=True),
        _text("comment"),
        sa.Column("created", sa.Float, nullable=False),
        _text("origin"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pauses",
        sa.Column("id", _ID, primary_key=True),
        *map(_text, ("client", "group")),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sqlite_autoincrement=True,
    )
