"""The tables.

Times are microseconds since 1970, UTC (suffix ``_us``); business dates are ``YYYY-MM-DD``.
Migrations create the tables (``migrations/versions``); a test compares the two definitions.

Two tables keep their first name on disk, so that an existing database needs no migration:
``meta`` is the table ``facts``, and ``number_series`` is the table ``lines``.
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

# BIGINT on PostgreSQL. SQLite auto-increments only a column of type INTEGER.
_SERIAL = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Singleton values: ``epoch``, and ``catalogue`` (ETag of the current catalogue)."""

principals = Table(
    "principals",
    metadata,
    Column("id", _SERIAL, primary_key=True),
    Column("kind", String(8), nullable=False),  # kiosk, staff, board
    Column("name", String(64), nullable=False, unique=True),
    Column("counter", String(20)),  # staff: the only counter they may act on; NULL: all
    Column("created_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger),
    Column("health", Text),  # JSON, as last reported by the kiosk
    Column("conflicts", Integer, nullable=False, server_default="0"),  # how many journal conflicts
    Column("conflict_us", BigInteger),
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),  # SHA-256 of the token, in hex
    Column("principal", _SERIAL, ForeignKey("principals.id"), nullable=False, index=True),
    Column("created_us", BigInteger, nullable=False),
    Column("used", Boolean, nullable=False, server_default=text("false")),
    Column("ended", String(8)),  # NULL: valid; "revoked" or "replaced"
)

journals = Table(
    "journals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kiosk", _SERIAL, ForeignKey("principals.id"), nullable=False, index=True),
    Column("seq", BigInteger, nullable=False),  # the highest seen of this journal
    Column("follows", String(64), index=True),  # the quarantined journal that it replaced
    Column("seen_us", BigInteger, nullable=False),
    Column("created_us", BigInteger),  # first seen; NULL: before this was recorded
    # The kiosk says that ``follows`` was at home on this machine: it gives no more numbers.
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    # The first and the last of the server's days (``letter_reuse``) on which it was heard.
    Column("first_day", Integer),
    Column("last_day", Integer),
)

letters = Table(
    "letters",
    metadata,
    Column("ordinal", Integer, primary_key=True),
    Column("letter", String(2), nullable=False, unique=True),
    # NULL: in the gap of a restore; bound to the first journal that settles a number with it.
    Column("journal", String(64), ForeignKey("journals.id"), index=True),
    # The first date of its numbers for this journal, if another one had it before.
    Column("since", String(10)),
)

former_letters = Table(
    "former_letters",
    metadata,
    Column("ordinal", Integer, ForeignKey("letters.ordinal"), primary_key=True),
    Column("journal", String(64), ForeignKey("journals.id"), primary_key=True, index=True),
)
"""The journals that had a letter before it was given again: their late rows are settled."""

number_series = Table(
    "lines",
    metadata,
    Column("business_date", String(10), primary_key=True),
    Column("prefix", String(3), primary_key=True),
    Column("last", Integer, nullable=False),
    Column("at_us", BigInteger, nullable=False),  # time of the last number; never decreases
)
"""The letterless series. ``last`` never decreases: a number is never handed out twice."""

gaps = Table(
    "gaps",
    metadata,
    Column("business_date", String(10), primary_key=True),
    Column("prefix", String(3), primary_key=True),
    Column("low", Integer, primary_key=True),
    Column("high", Integer, nullable=False),
)
"""Numbers that a restore skipped: each belongs to the first ticket that settles it."""

SHOWN = text("NOT conflict AND NOT placeholder")
"""Predicate of the unique index on numbers. A query must use these exact words: SQLite uses a
partial index only if the WHERE clause repeats its predicate, and would scan the whole day."""

UNJOINED = text("placeholder AND joined IS NULL")
"""Predicate of the index on placeholders that no ticket has joined. Use these exact words too."""

CONFLICT = text("conflict")
"""Predicate of the index on conflicts. Use this exact word too."""

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
    Column("reserved", String(12)),  # the number reserved for this id, as text
    Column("service", String(64), nullable=False),
    Column("priority", String(64)),
    Column("track", String(32)),
    Column("rev", Integer, nullable=False),  # 0: reserved, not settled
    Column("state", String(8), nullable=False),  # issued, void
    Column("printed", String(12)),
    Column("issued_us", BigInteger),  # corrected to the server's clock
    Column("order_us", BigInteger, nullable=False),  # sort key in the queue
    Column("reserved_us", BigInteger),
    Column("settled_us", BigInteger),  # the first settlement
    Column("conflict", Boolean, nullable=False, server_default=text("false")),
    Column("placeholder", Boolean, nullable=False, server_default=text("false")),
    Column("joined", String(36)),  # placeholder: id of the ticket that took over its state
    # The date in whose queue the ticket is; NULL: in none (past date, or conflict).
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
    Index("tickets_conflict", "settled_us", sqlite_where=CONFLICT, postgresql_where=CONFLICT),
)

paused = Table(
    "paused",
    metadata,
    Column("service", String(64), primary_key=True),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),
    Column("by", String(64), nullable=False),
)

staff_calls = Table(
    "staff_calls",
    metadata,
    Column("id", String(64), primary_key=True),  # made by the kiosk
    Column("kiosk", _SERIAL, ForeignKey("principals.id"), nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),  # since then the kiosk reports none, or another one
    Column("answered_us", BigInteger),
    Column("answered_by", String(64)),
    Index("staff_calls_kiosk", "kiosk", "ended_us"),
)
"""Visitors' calls for staff, as reported by the kiosks."""

requests = Table(
    "requests",
    metadata,
    Column("staff", _SERIAL, ForeignKey("principals.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("action", Text, nullable=False),  # the request, to detect an id reused for another one
    Column("answer", Text, nullable=False),  # JSON
    Column("at_us", BigInteger, nullable=False, index=True),
)
"""Counter actions already carried out (idempotency keys): a repeated id gets the same answer."""

catalogues = Table(
    "catalogues",
    metadata,
    Column("etag", String(64), primary_key=True),  # SHA-256 of the bytes, in hex
    Column("body", LargeBinary, nullable=False),
    Column("published_us", BigInteger, nullable=False),
)

live_menus = Table(
    "live_menus",
    metadata,
    Column("since_us", BigInteger, primary_key=True, autoincrement=False),
    Column("etag", String(64), ForeignKey("catalogues.etag"), nullable=False),
)
"""When a menu became the live one; a menu that is put back has several rows."""

daily_totals = Table(
    "daily_totals",
    metadata,
    Column("business_date", String(10), primary_key=True),
    Column("service", String(64), primary_key=True),
    Column("issued", Integer, nullable=False),  # without void ones
    Column("priority", Integer, nullable=False),
    Column("offline", Integer, nullable=False),
    Column("void", Integer, nullable=False),
)
"""What remains of tickets that ``queue-server prune`` deleted."""
