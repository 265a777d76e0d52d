"""What is asked of the tickets in a journal, over a connection that only needs to read."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta

from kiosk.domain.ticket import Ticket
from kiosk.store.rows import SELECT, to_ticket

OFFERED_FOR = timedelta(minutes=5)
"""A ticket without an outcome is offered after a restart while it is younger than this."""


def find(db: sqlite3.Connection, ticket_id: str) -> Ticket | None:
    """The ticket with this id, at its present revision."""
    row = db.execute(f"{SELECT} WHERE id = ?", (ticket_id,)).fetchone()
    return to_ticket(row) if row else None


def latest(
    db: sqlite3.Connection, business_date: date | None = None, limit: int = 1000
) -> tuple[Ticket, ...]:
    """The latest ``limit`` tickets, of one business date or of all, in order of issue."""
    where = "" if business_date is None else " WHERE business_date = ?"
    args = () if business_date is None else (business_date.isoformat(),)
    found = db.execute(f"{SELECT}{where} ORDER BY n DESC LIMIT ?", (*args, limit))
    return tuple(to_ticket(row) for row in found)[::-1]


def unfinished(
    db: sqlite3.Connection, now: datetime, younger_than: timedelta = OFFERED_FOR
) -> Ticket | None:
    """The latest ticket without an outcome, when it is younger than ``younger_than``.

    ``now`` aware. A ticket from the future (the clock went back) is no younger.
    """
    row = db.execute(
        f"{SELECT} WHERE printed IS NULL AND state = 'issued' ORDER BY n DESC LIMIT 1"
    ).fetchone()
    ticket = to_ticket(row) if row else None
    if ticket is None or abs(now - ticket.issued_at) >= younger_than:
        return None
    return ticket


def counts(db: sqlite3.Connection, business_date: date) -> dict[str, int]:
    """Tickets of a day by service code, those taken back left out."""
    found = db.execute(
        "SELECT service, count(*) FROM ticket"
        " WHERE business_date = ? AND state = 'issued' GROUP BY service",
        (business_date.isoformat(),),
    )
    return dict(found.fetchall())
