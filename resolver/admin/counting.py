"""The one figure that is asked of the database past `store.queries`: all queries of all time, for the metrics."""

from __future__ import annotations

from sqlalchemy import func, select

from resolver.store.database import Database
from resolver.store.tables import totals


def counted(database: Database) -> dict[tuple[str, str], int]:
    """Every query ever counted, by verdict and origin. Totals are never deleted, so it only grows, but for a database
    that was begun anew. Blocking. Raises StoreError."""
    by = (totals.c.verdict, totals.c.origin)
    statement = select(*by, func.sum(totals.c.count)).group_by(*by)
    rows = database.read(lambda connection: connection.execute(statement).all())
    return {(verdict, origin): int(count) for verdict, origin, count in rows}
