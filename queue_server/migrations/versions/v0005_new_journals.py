"""Record when a journal was first seen, and index the conflicts that staff must resolve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_CONFLICT = sa.text("conflict")


def upgrade() -> None:
    """Add the column; it stays NULL for existing journals, which are not counted as new."""
    op.add_column("journals", sa.Column("created_us", sa.BigInteger(), nullable=True))
    op.create_index(
        "tickets_conflict",
        "tickets",
        ["settled_us"],
        unique=False,
        sqlite_where=_CONFLICT,
        postgresql_where=_CONFLICT,
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_index("tickets_conflict", "tickets")
    op.drop_column("journals", "created_us")
