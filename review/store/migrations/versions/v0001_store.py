"""The first tables of the store."""

from __future__ import annotations

from alembic import op

from review.store.schema import READING_PARTS, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    bind = op.get_bind()
    metadata.create_all(bind)
    if bind.dialect.name == "postgresql":
        for part in range(READING_PARTS):
            op.execute(
                f"CREATE TABLE readings_{part} PARTITION OF readings"
                f" FOR VALUES WITH (MODULUS {READING_PARTS}, REMAINDER {part})"
            )
