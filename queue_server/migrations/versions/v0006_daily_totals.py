"""Keep daily totals of pruned tickets (``daily_totals``)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "daily_totals",
        sa.Column("business_date", sa.String(length=10), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("offline", sa.Integer(), nullable=False),
        sa.Column("void", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "service"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("daily_totals")
