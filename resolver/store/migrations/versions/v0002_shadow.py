"""Shadow lists: what would have been blocked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is copied: a column with a constant default costs no more on a log of millions of rows."""
    op.add_column("log", sa.Column("shadow", sa.String, nullable=False, server_default=""))
    some = sa.text("shadow <> ''")
    op.create_index("log_shadow", "log", ["id", "shadow"], sqlite_where=some, postgresql_where=some)
