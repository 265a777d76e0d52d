"""The tables. Moments are microseconds since 1970 (``_us``), dates of business ``YYYY-MM-DD``.

Migrations make them (``migrations/versions``); a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

# BIGINT on PostgreSQL; SQLite counts up by itself only for INTEGER.
_SERIAL = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What there is one of: ``epoch``, ``catalogue`` (the etag of the live one)."""

principals = Table(
    "principals",
    metadata,
    Column("id", _SERIAL, primary_key=True),
    Column("kind", String(8), nullable=False),  # kiosk, staff
    Column("name", String(64), nullable=False, unique=True),
    Column("counter", String(20)),  # staff: the only counter it may act on
    Column("created_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger),
    Column("health", Text),  # JSON, as the kiosk last said it
    Column("conflicts", Integer, nullable=False, server_default="0"),  # journal_conflict, so often
    Column("conflict_us", BigInteger),
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),  # sha256 of the token, in hex
    Column("principal", _SERIAL, ForeignKey("principals.id"), nullable=False, index=True),
    Column("created_us", BigInteger, nullable=False),
    Column("used", Boolean, nullable=False, server_default=text("false")),
    Column("ended", String(8)),  # NULL: good; "revoked" or "replaced"
)

journals = Table(
    "journals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kiosk", _SERIAL, ForeignKey("principals.id"), nullable=False, index=True),
    Column("seq", BigInteger, nullable=False),  # the highest seen
    Column("follows", String(64), index=True),  # the journal that was set aside for it
    Column("seen_us", BigInteger, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("ordinal", Integer, primary_key=True),
    Column("letter", String(2), nullable=False, unique=True),
    # NULL: moved over by a restore, and bound to the first journal that shows it.
    Column("journal", String(64), ForeignKey("journals.id"), index=True),
)

lines = Table(
    "lines",
    metadata,
    Column("business_date", String(10), primary_key=True),
    Column("prefix", String(3), primary_key=True),
    Column("last", Integer, nullable=False),
    Column("at_us", BigInteger, nullable=False),  # of the last one; never runs backwards
)
"""The letterless lines. ``last`` only ever grows: a number is never handed out again."""

gaps = Table(
    "gaps",
    metadata,
    Column("business_date", String(10), primary_key=True),
    Column("prefix", String(3), primary_key=True),
    Column("low", Integer, primary_key=True),
    Column("high", Integer, nullable=False),
)
"""Numbers that a restore moved over: taken from the first who shows them."""

SHOWN = text("NOT conflict AND NOT placeholder")
"""Tickets whose number is theirs alone. A query says it in these words, as the index does: SQLite
does not see that ``conflict IS 0`` means the same, and would walk through the whole day."""

UNJOINED = text("placeholder AND joined IS NULL")
"""Calls of numbers whose tickets have not arrived; in these words too."""

tickets = Table(
    "tickets",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kiosk", _SERIAL, ForeignKey("principals.id")),  # NULL: placeholder
    Column("journal", String(64)),
    Column("business_date", String(10), nullable=False),
    Column("prefix", String(3), nullable=False),
    Column("letter", String(2), nullable=False),
    Column("value", Integer, nullable=False),
    Column("reserved", String(12)),  # the number that was reserved for this id
    Column("service", String(64), nullable=False),
    Column("priority", String(64)),
    Column("track", String(32)),
    Column("rev", Integer, nullable=False),  # 0: reserved, not settled
    Column("state", String(8), nullable=False),  # issued, void
    Column("printed", String(12)),
    Column("issued_us", BigInteger),  # by the server's clock, as far as it can tell
    Column("order_us", BigInteger, nullable=False),  # its place in the queue
    Column("reserved_us", BigInteger),
    Column("settled_us", BigInteger),
    Column("conflict", Boolean, nullable=False, server_default=text("false")),
    Column("placeholder", Boolean, nullable=False, server_default=text("false")),
    Column("joined", String(36)),  # placeholder: the ticket that took its state
    # The day in whose queue it stands; NULL: in none (late, or in conflict).
    Column("queue_date", String(10)),
    Column("status", String(8), nullable=False),  # waiting, called, done, no_show, joined
    Column("counter", String(20)),
    Column("called_us", BigInteger),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("ended_us", BigInteger),
    Index(
        "tickets_number",
        "business_date",
        "prefix",
        "letter",
        "value",
        unique=True,
        sqlite_where=SHOWN,
        postgresql_where=SHOWN,
    ),
    Index(
        "tickets_at_counter",
        "queue_date",
        "counter",
        unique=True,
        sqlite_where=text("status = 'called'"),
        postgresql_where=text("status = 'called'"),
    ),
    Index(
        "tickets_placeholder",
        "queue_date",
        "prefix",
        "letter",
        "value",
        unique=True,
        sqlite_where=UNJOINED,
        postgresql_where=UNJOINED,
    ),
    Index("tickets_queue", "queue_date", "service", "status", "order_us"),
    Index("tickets_quota", "business_date", "service"),
    Index(
        "tickets_called",
        "queue_date",
        "called_us",
        sqlite_where=text("called_us IS NOT NULL"),
        postgresql_where=text("called_us IS NOT NULL"),
    ),
    Index("tickets_track", "track"),
)

paused = Table(
    "paused",
    metadata,
    Column("service", String(64), primary_key=True),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),
    Column("by", String(64), nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("staff", _SERIAL, ForeignKey("principals.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("action", Text, nullable=False),  # what was asked, so that an id is not used twice
    Column("answer", Text, nullable=False),  # JSON
    Column("at_us", BigInteger, nullable=False, index=True),
)
"""Counter actions already carried out: the same id gives the same result."""

catalogues = Table(
    "catalogues",
    metadata,
    Column("etag", String(64), primary_key=True),  # sha256 of the bytes, in hex
    Column("body", LargeBinary, nullable=False),
    Column("published_us", BigInteger, nullable=False),
)
