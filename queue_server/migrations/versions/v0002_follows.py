"""Record which quarantined journal a new journal follows (``journals.follows``)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. It stays NULL for existing journals: their predecessor is unknown."""
    op.add_column("journals", sa.Column("follows", sa.String(length=64), nullable=True))
    op.create_index("ix_journals_follows", "journals", ["follows"], unique=False)


def downgrade() -> None:
    """Drop the column and its index."""
    op.drop_index("ix_journals_follows", "journals")
    op.drop_column("journals", "follows")
