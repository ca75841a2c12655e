"""What Alembic runs around the versions: our connection, and all of them in one transaction or none."""

from __future__ import annotations

from alembic import context

from resolver.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # the connection begins its transactions itself, so SQLite can undo tables as well
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
