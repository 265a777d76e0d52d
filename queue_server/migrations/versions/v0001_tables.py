"""Create all tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "catalogues",
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("published_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("etag"),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "gaps",
        sa.Column("business_date", sa.String(length=10), nullable=False),
        sa.Column("prefix", sa.String(length=3), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "prefix", "low"),
    )
    op.create_table(
        "lines",
        sa.Column("business_date", sa.String(length=10), nullable=False),
        sa.Column("prefix", sa.String(length=3), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("business_date", "prefix"),
    )
    op.create_table(
        "paused",
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
    op.create_table(
        "principals",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("counter", sa.String(length=20), nullable=True),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("seen_us", sa.BigInteger(), nullable=True),
        sa.Column("health", sa.Text(), nullable=True),
        sa.Column("conflicts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("conflict_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "journals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kiosk", SERIAL, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seen_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kiosk"],
            ["principals.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_journals_kiosk", "journals", ["kiosk"], unique=False)
    op.create_table(
        "requests",
        sa.Column("staff", SERIAL, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff"],
            ["principals.id"],
        ),
        sa.PrimaryKeyConstraint("staff", "id"),
    )
    op.create_index("ix_requests_at_us", "requests", ["at_us"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kiosk", SERIAL, nullable=True),
        sa.Column("journal", sa.String(length=64), nullable=True),
        sa.Column("business_date", sa.String(length=10), nullable=False),
        sa.Column("prefix", sa.String(length=3), nullable=False),
        sa.Column("letter", sa.String(length=2), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.String(length=12), nullable=True),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.String(length=64), nullable=True),
        sa.Column("track", sa.String(length=32), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("printed", sa.String(length=12), nullable=True),
        sa.Column("issued_us", sa.BigInteger(), nullable=True),
        sa.Column("order_us", sa.BigInteger(), nullable=False),
        sa.Column("reserved_us", sa.BigInteger(), nullable=True),
        sa.Column("settled_us", sa.BigInteger(), nullable=True),
        sa.Column("conflict", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("placeholder", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("joined", sa.String(length=36), nullable=True),
        sa.Column("queue_date", sa.String(length=10), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("counter", sa.String(length=20), nullable=True),
        sa.Column("called_us", sa.BigInteger(), nullable=True),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["kiosk"],
            ["principals.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "tickets_at_counter",
        "tickets",
        ["queue_date", "counter"],
        unique=True,
        sqlite_where=sa.text("status = 'called'"),
        postgresql_where=sa.text("status = 'called'"),
    )
    op.create_index("tickets_called", "tickets", ["queue_date", "called_us"], unique=False)
    op.create_index(
        "tickets_number",
        "tickets",
        ["business_date", "prefix", "letter", "value"],
        unique=True,
        sqlite_where=sa.text("NOT conflict AND NOT placeholder"),
        postgresql_where=sa.text("NOT conflict AND NOT placeholder"),
    )
    op.create_index(
        "tickets_placeholder",
        "tickets",
        ["queue_date", "prefix", "letter", "value"],
        unique=True,
        sqlite_where=sa.text("placeholder AND joined IS NULL"),
        postgresql_where=sa.text("placeholder AND joined IS NULL"),
    )
    op.create_index(
        "tickets_queue", "tickets", ["queue_date", "service", "status", "order_us"], unique=False
    )
    op.create_index("tickets_quota", "tickets", ["business_date", "service"], unique=False)
    op.create_index("tickets_reserved_us", "tickets", ["reserved_us"], unique=False)
    op.create_index("tickets_track", "tickets", ["track"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("principal", SERIAL, nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ended", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(
            ["principal"],
            ["principals.id"],
        ),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_tokens_principal", "tokens", ["principal"], unique=False)
    op.create_table(
        "letters",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=2), nullable=False),
        sa.Column("journal", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["journal"],
            ["journals.id"],
        ),
        sa.PrimaryKeyConstraint("ordinal"),
        sa.UniqueConstraint("letter"),
    )
    op.create_index("ix_letters_journal", "letters", ["journal"], unique=False)


def downgrade() -> None:
    """Not supported: there is no older schema."""
    raise NotImplementedError("the first version has no older schema")
