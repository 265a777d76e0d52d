"""Conversion between rows of the table ``ticket`` and Ticket values."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from kiosk.domain.delivery import Proof
from kiosk.domain.ticket import Ticket
from kiosk.errors import JournalDamaged
from menu.numbers import Number

FIELDS = (
    "id, track, prefix, letter, value, business_date, service, language, priority,"
    " issued_at, state, printed, rev"
)
SELECT = f"SELECT {FIELDS} FROM ticket"  # noqa: S608
INSERT = (
    f"INSERT INTO ticket ({FIELDS}, acked_rev, seq, origin, alone)"  # noqa: S608
    f" VALUES ({', '.join('?' * 17)})"
)


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """A row of the table ``ticket``.

    ``acked_rev`` is the revision that the server has acknowledged, 0 for none; ``origin`` the id
    of the journal that issued the number; ``alone``: no server was configured when it was issued,
    and it is never sent to one. ``also``: the codes of its further priority groups, with spaces
    between; ``not_taken``: when its slip was not taken (ISO 8601); each is empty for none.
    """

    ticket: Ticket
    acked_rev: int
    origin: str
    alone: bool = True
    also: str = ""
    not_taken: str = ""


def to_ticket(row: Iterable[object]) -> Ticket:
    """The ticket of a row of ``SELECT``. Raises JournalDamaged for a row that is no ticket."""
    try:
        return _made(row)
    except (ValueError, TypeError) as error:
        raise JournalDamaged("journal.row") from error


def _made(row: Iterable[object]) -> Ticket:
    values: list[object] = list(row)
    texts = [v if isinstance(v, str) else "" for v in values]
    value, rev = values[4], values[12]
    if not isinstance(value, int) or not isinstance(rev, int):
        raise TypeError("a number and a revision are whole numbers")
    issued_at = datetime.fromisoformat(texts[9])
    if issued_at.tzinfo is None or texts[10] not in ("issued", "void"):
        raise ValueError(f"no ticket: {texts[0]!r}")
    number = str(Number(texts[2], texts[3], value))
    Number.parse(number)
    return Ticket(
        id=texts[0],
        track=texts[1],
        number=number,
        business_date=date.fromisoformat(texts[5]),
        service=texts[6],
        language=texts[7],
        priority=None if values[8] is None else texts[8],
        issued_at=issued_at,
        state=texts[10],
        printed=None if values[11] is None else Proof(texts[11]),
        rev=rev,
    )


def insert(db: sqlite3.Connection, stored: StoredTicket, seq: int) -> None:
    """Insert a ticket; ``seq`` is the journal's sequence number. Raises sqlite3.Error."""
    ticket = stored.ticket
    number = Number.parse(ticket.number)
    db.execute(
        INSERT,
        (
            ticket.id,
            ticket.track,
            number.prefix,
            number.letter,
            number.value,
            ticket.business_date.isoformat(),
            ticket.service,
            ticket.language,
            ticket.priority,
            ticket.issued_at.isoformat(),
            ticket.state,
            ticket.printed.value if ticket.printed else None,
            ticket.rev,
            stored.acked_rev,
            seq,
            stored.origin,
            int(stored.alone),
        ),
    )
    if stored.also:
        db.execute("INSERT INTO also_priority VALUES (?, ?)", (ticket.id, stored.also))
    if stored.not_taken:
        db.execute("INSERT INTO not_taken VALUES (?, ?)", (ticket.id, stored.not_taken))


def store_pruned(db: sqlite3.Connection, before: str) -> None:
    """Store that tickets of business dates earlier than ``before`` (ISO 8601) were deleted."""
    db.execute(
        "INSERT INTO pruned VALUES (1, ?)"
        " ON CONFLICT (one) DO UPDATE SET before = max(before, excluded.before)",
        (before,),
    )


def pruned_before(db: sqlite3.Connection) -> str:
    """The first business date (ISO 8601) of which no ticket was deleted; empty where none was."""
    row = db.execute("SELECT before FROM pruned").fetchone()
    return str(row[0]) if row else ""
