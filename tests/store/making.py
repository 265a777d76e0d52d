"""Requests, and a journal's next number, in one line each."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.store.journal import Journal

FILE, WITNESS = "journal.sqlite3", "journal.witness"
WITA = ZoneInfo("Asia/Makassar")
TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)
MACHINE = "machine-1"


def at(day: date = TUESDAY, hour: int = 9, minute: int = 0) -> datetime:
    """A moment at the site."""
    return datetime.combine(day, time(hour, minute), tzinfo=WITA)


def request(ticket_id: str, service: str = "ktp") -> TicketRequest:
    """A request as a visit makes it."""
    return TicketRequest(ticket_id, "5" * 32, service, "id", at())


def first(letters: Sequence[str]) -> str:
    """A choice of letter that a test can expect."""
    return letters[0]


def opened(
    folder: Path,
    machine: str = MACHINE,
    now: datetime | None = None,
    choose: Callable[[Sequence[str]], str] | None = first,
) -> Journal:
    """The journal in ``folder``; ``choose`` None: letters at random, as in production."""
    path = folder / "journal.sqlite3"
    journal = Journal.open(
        path, machine_id=machine, now=now or at(), choose=choose or secrets.choice
    )
    _OPENED.append(journal)
    return journal


_OPENED: list[Journal] = []


def close_opened() -> None:
    """Close the journals that a test left open, as a killed process does."""
    while _OPENED:
        crash(_OPENED.pop())


def crash(journal: Journal) -> None:
    """Stop as a killed process does: no mark of a clean stop."""
    journal._db.close()


def issue(
    journal: Journal,
    ticket_id: str,
    *,
    service: str = "ktp",
    prefix: str = "DK",
    letter: str = "",
    day: date = TUESDAY,
    confirmed: bool = True,
    now: datetime | None = None,
) -> Ticket:
    """The ticket of a visit on ``day``."""
    return journal.issue(
        request(ticket_id, service),
        prefix=prefix,
        letter=letter,
        business_date=day,
        now=now or at(day),
        date_confirmed=confirmed,
    )


def filled(folder: Path, count: int = 3, *, clean: bool = True) -> None:
    """A journal with tickets t0, t1 … in ``folder``."""
    journal = opened(folder)
    for i in range(count):
        issue(journal, f"t{i}")
    if clean:
        journal.close()
    else:
        crash(journal)


def set_aside(folder: Path) -> list[str]:
    """The quarantined journals in ``folder``, without SQLite's companion files."""
    return sorted(p.name for p in folder.glob("journal-*.sqlite3"))


def numbers(journal: Journal) -> list[str]:
    """All numbers in the journal, in order of issue."""
    return [t.number for t in journal.tickets()]


def garbage(path: Path) -> None:
    """Nothing of the file is left."""
    path.write_bytes(random.Random(1).randbytes(20_000))
