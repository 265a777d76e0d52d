"""Queries over the tickets of a journal, and the same over a copy of its files.

The copy is for a journal that cannot be written: a disk mounted read-only, a full disk. SQLite
writes beside a journal in WAL mode even to read it (SQLite documentation, "Read-Only Databases").
The caller makes sure that no process writes to the journal during the copy.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from kiosk.domain.ticket import Ticket
from kiosk.errors import JournalDamaged
from kiosk.store.database import check, connect, migrate
from kiosk.store.faults import translated
from kiosk.store.rows import SELECT, pruned_before, to_ticket

OFFERED_FOR = timedelta(minutes=5)
"""A ticket without an outcome is offered after a restart while it is younger than this."""

NEWEST = 200
"""Tickets among which the latest time is looked for: a clock may have gone back in between."""


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


class TicketPage(NamedTuple):
    """``tickets`` in order of issue, of ``total``; ``also``: the codes of the further priority
    groups by ticket id. ``complete_from``: the first business date of which no ticket was deleted
    (ISO 8601), empty where none was."""

    tickets: tuple[Ticket, ...]
    total: int
    also: dict[str, tuple[str, ...]]
    complete_from: str


NO_TICKETS = TicketPage((), 0, {}, "")


def page(
    db: sqlite3.Connection, business_date: date | None, limit: int, skip: int = 0
) -> TicketPage:
    """The latest ``limit`` tickets but for the ``skip`` latest, of one business date or of all."""
    where = "" if business_date is None else " WHERE business_date = ?"
    args = () if business_date is None else (business_date.isoformat(),)
    total = db.execute(f"SELECT count(*) FROM ticket{where}", args).fetchone()[0]  # noqa: S608
    found = db.execute(f"{SELECT}{where} ORDER BY n DESC LIMIT ? OFFSET ?", (*args, limit, skip))
    tickets = tuple(to_ticket(row) for row in found)[::-1]
    shown = {ticket.id for ticket in tickets}
    also = {
        str(ticket_id): tuple(str(codes).split())
        for ticket_id, codes in db.execute("SELECT ticket, codes FROM also_priority")
        if ticket_id in shown
    }
    return TicketPage(tickets, int(total), also, pruned_before(db))


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


def newest_time(db: sqlite3.Connection, newest_date: date) -> datetime | None:
    """The latest time of issue among the newest tickets; None without one.

    ``newest_date``: the latest business date in use. Tickets of later dates were given under a
    wrong clock that was corrected since.
    """
    found = db.execute(
        "SELECT issued_at FROM ticket WHERE business_date <= ? ORDER BY n DESC LIMIT ?",
        (newest_date.isoformat(), NEWEST),
    )
    times: list[datetime] = []
    for (text,) in found:
        # Damage to single rows is found where they are used.
        with contextlib.suppress(ValueError, TypeError):
            times.append(datetime.fromisoformat(text))
    return max((one for one in times if one.tzinfo is not None), default=None)


def counts(
    db: sqlite3.Connection, business_date: date, since: datetime | None = None
) -> dict[str, int]:
    """Tickets of a day by service code, without voided ones; ``since``: issued from then on."""
    where, values = "", [business_date.isoformat()]
    if since is not None:
        where = " AND strftime('%s', issued_at) + 0 >= ? + 0"
        values.append(str(int(since.timestamp())))
    found = db.execute(
        "SELECT service, count(*) FROM ticket WHERE business_date = ? AND state = 'issued'"  # noqa: S608
        f"{where} GROUP BY service",
        values,
    )
    return dict(found.fetchall())


class HourCount(NamedTuple):
    """The tickets of one service in one hour of a business date.

    ``issued``: valid ones; of these, ``priority`` are for the priority queue, ``connected`` were
    given while a queue server was configured, ``offline`` of them with a letter of this kiosk.
    """

    service: str
    hour: int
    issued: int
    priority: int
    offline: int
    connected: int
    void: int


def hour_counts(db: sqlite3.Connection, business_date: date) -> tuple[HourCount, ...]:
    """The tickets of a day by service and hour of issue, in site time."""
    found = db.execute(
        "SELECT service, CAST(substr(issued_at, 12, 2) AS INTEGER),"
        " sum(state = 'issued'), sum(state = 'issued' AND priority IS NOT NULL),"
        " sum(state = 'issued' AND NOT alone AND letter <> ''),"
        " sum(state = 'issued' AND NOT alone), sum(state = 'void')"
        " FROM ticket WHERE business_date = ? GROUP BY 1, 2 ORDER BY 1, 2",
        (business_date.isoformat(),),
    )
    return tuple(HourCount(*row) for row in found)


# ── a journal that cannot be written ─────────────────────────────────────────────────────


def tickets_in_copy(path: Path, business_date: date | None, limit: int) -> tuple[Ticket, ...]:
    """The latest ``limit`` tickets of the journal at ``path``, as ``Journal.tickets``.

    Empty when there is no journal. Raises JournalError.
    """
    with _copy(path) as db:
        return latest(db, business_date, limit) if db else ()


def counts_in_copy(path: Path, business_date: date) -> dict[str, int]:
    """Tickets of a day by service code, as ``Journal.counts``. Raises JournalError."""
    with _copy(path) as db:
        return counts(db, business_date) if db else {}


def hour_counts_in_copy(
    path: Path, business_dates: Iterable[date]
) -> dict[date, tuple[HourCount, ...]]:
    """As ``hour_counts``, by business date. Raises JournalError."""
    with _copy(path) as db:
        return {day: hour_counts(db, day) for day in business_dates} if db else {}


def page_in_copy(path: Path, business_date: date | None, limit: int, skip: int) -> TicketPage:
    """As ``page``, of the journal at ``path``; empty when there is none. Raises JournalError."""
    with _copy(path) as db:
        return page(db, business_date, limit, skip) if db else NO_TICKETS


def complete_from_in_copy(path: Path) -> date | None:
    """As ``Journal.complete_from``. Raises JournalError."""
    with _copy(path) as db:
        before = pruned_before(db) if db else ""
    try:
        return date.fromisoformat(before) if before else None
    except ValueError as error:
        raise JournalDamaged("journal.date", path=path) from error


@contextlib.contextmanager
def _copy(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A copy of the journal with its write-ahead log; None when there is no journal."""
    with translated(path), tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        if not path.exists():
            yield None
            return
        copy = Path(folder) / path.name
        for tail in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(path.with_name(path.name + tail), copy.with_name(copy.name + tail))
        with contextlib.closing(connect(copy)) as db:
            check(db)
            migrate(db)
            yield db
