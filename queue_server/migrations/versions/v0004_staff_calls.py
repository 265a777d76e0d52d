"""Keep visitors' calls for staff (``staff_calls``)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "staff_calls",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kiosk", _SERIAL, nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.Column("answered_us", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["kiosk"], ["principals.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("staff_calls_kiosk", "staff_calls", ["kiosk", "ended_us"], unique=False)


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("staff_calls")
