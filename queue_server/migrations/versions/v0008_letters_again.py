"""Record what is needed to give a letter again: the ends of journals, and days of the server."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table. No end of an existing journal is known: its letter stays."""
    op.add_column(
        "journals",
        sa.Column("ended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("journals", sa.Column("first_day", sa.Integer(), nullable=True))
    op.add_column("journals", sa.Column("last_day", sa.Integer(), nullable=True))
    op.add_column("letters", sa.Column("since", sa.String(length=10), nullable=True))
    op.create_table(
        "former_letters",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("journal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["journal"], ["journals.id"]),
        sa.ForeignKeyConstraint(["ordinal"], ["letters.ordinal"]),
        sa.PrimaryKeyConstraint("ordinal", "journal"),
    )
    op.create_index("ix_former_letters_journal", "former_letters", ["journal"], unique=False)


def downgrade() -> None:
    """Drop all."""
    op.drop_table("former_letters")
    op.drop_column("letters", "since")
    op.drop_column("journals", "last_day")
    op.drop_column("journals", "first_day")
    op.drop_column("journals", "ended")
