"""What Alembic runs: migrations on the connection that `review.store.migrating` gives."""

from __future__ import annotations

from alembic import context

from review.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
