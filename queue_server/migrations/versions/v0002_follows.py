"""Which journal was set aside for which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the column; of journals that are here already it is not known."""
    op.add_column("journals", sa.Column("follows", sa.String(length=64), nullable=True))
    op.create_index("ix_journals_follows", "journals", ["follows"], unique=False)


def downgrade() -> None:
    """Takes it away."""
    op.drop_index("ix_journals_follows", "journals")
    op.drop_column("journals", "follows")
