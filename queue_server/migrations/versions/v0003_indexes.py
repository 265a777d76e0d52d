"""Write fewer index entries for each reservation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CALLED = sa.text("called_us IS NOT NULL")


def upgrade() -> None:
    """Drop an index that no query uses; make the index of calls partial (called tickets only)."""
    op.drop_index("tickets_reserved_us", "tickets")
    op.drop_index("tickets_called", "tickets")
    op.create_index(
        "tickets_called",
        "tickets",
        ["queue_date", "called_us"],
        unique=False,
        sqlite_where=_CALLED,
        postgresql_where=_CALLED,
    )


def downgrade() -> None:
    """Restore both indexes as they were."""
    op.drop_index("tickets_called", "tickets")
    op.create_index("tickets_called", "tickets", ["queue_date", "called_us"], unique=False)
    op.create_index("tickets_reserved_us", "tickets", ["reserved_us"], unique=False)
