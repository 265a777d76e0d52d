"""Record when each menu became the live one (``live_menus``), for the reports of past months."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, with the first publication of each menu: later ones were not recorded."""
    made = op.create_table(
        "live_menus",
        sa.Column("since_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["etag"], ["catalogues.etag"]),
        sa.PrimaryKeyConstraint("since_us"),
    )
    first = sa.text("SELECT MIN(etag), published_us FROM catalogues GROUP BY published_us")
    rows = [{"etag": etag, "since_us": since} for etag, since in op.get_bind().execute(first)]
    op.bulk_insert(made, rows)


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("live_menus")
