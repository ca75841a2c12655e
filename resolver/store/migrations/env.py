"""What Alembic runs around the versions. The connection it is given is in a transaction, which holds all or none."""

from __future__ import annotations

from alembic import context

from resolver.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
