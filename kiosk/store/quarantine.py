"""Quarantine: journals that may not continue are moved, never overwritten, and read once more.

The name of the moved file contains the journal's generation
(``journal-0-damaged-20261124T091500.sqlite3``), so that the generation of the next journal is known
even when the watermark is missing. The tickets are copied into the next journal: there they are
found by id, counted, and sent to the server.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from kiosk.errors import JournalDamaged
from kiosk.store.database import reading
from kiosk.store.rows import FIELDS, StoredTicket, pruned_before, to_ticket
from kiosk.store.series import letters

COMPANIONS = ("-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database. They belong to it and move with it."""

_ALL = f"SELECT {FIELDS}, acked_rev, origin, {{alone}} FROM ticket ORDER BY n"  # noqa: S608


def move(path: Path, generation: int, why: str, now: datetime) -> Path:
    """Rename the journal at ``path`` and its ``COMPANIONS``; the new path of the journal.

    ``generation`` and ``why`` become part of the name. Raises OSError.
    """
    stem = f"{path.stem}-{generation}-{why}-{now.strftime('%Y%m%dT%H%M%S')}"
    target = path.with_name(stem + path.suffix)
    again = 2
    while any(target.with_name(target.name + tail).exists() for tail in ("", *COMPANIONS)):
        target = path.with_name(f"{stem}-{again}{path.suffix}")
        again += 1
    # Nothing is at the target, and the owner's lock excludes other processes: rename(2) would
    # replace a file without an error.
    for tail in ("", *COMPANIONS):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + tail).rename(target.with_name(target.name + tail))
    return target


def found(path: Path) -> list[tuple[int, Path]]:
    """The journals in quarantine beside ``path`` with their generation, the latest first."""
    name = re.compile(re.escape(path.stem) + r"-(\d{1,6})-.*" + re.escape(path.suffix))
    matches = [(name.fullmatch(p.name), p) for p in path.parent.iterdir()]
    aside = [(int(m[1]), p) for m, p in matches if m]
    return sorted(aside, key=lambda a: (a[0], a[1].name), reverse=True)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What can be read from a journal in quarantine: its tickets, and the letters that it knows as
    used. ``pruned``: tickets of business dates before it were deleted (ISO 8601), empty: none."""

    tickets: tuple[StoredTicket, ...]
    letters: frozenset[str]
    pruned: str


def salvage(path: Path) -> Salvaged:
    """What can be read from the file at ``path``.

    The main file is also read without its write-ahead log: a log of an earlier age hides what
    the main file holds. Of a ticket the highest revision counts. Empty when it is no database.
    """
    tickets: dict[str, StoredTicket] = {}
    used: set[str] = set()
    pruned = ""
    has_log = path.with_name(path.name + COMPANIONS[0]).exists()
    for with_log in (True, False) if has_log else (True,):
        with contextlib.suppress(sqlite3.Error), reading(path, with_log=with_log) as db:
            add_latest(tickets, read_tickets(db))
            used |= letters(db)
            # A journal of an earlier version has no such table.
            pruned = max(pruned, pruned_before(db))
    return Salvaged(tuple(tickets.values()), frozenset(used), pruned)


def add_latest(tickets: dict[str, StoredTicket], found: Iterable[StoredTicket]) -> None:
    """Add ``found`` to ``tickets`` (by ticket id), where it holds no revision as high."""
    for one in found:
        known = tickets.get(one.ticket.id)
        if known is None or known.ticket.rev < one.ticket.rev:
            tickets[one.ticket.id] = one


def read_tickets(db: sqlite3.Connection) -> list[StoredTicket]:
    """All tickets that can be read from ``db``: from both ends, around a damaged page."""
    tickets: dict[str, StoredTicket] = {}
    for order in ("ASC", "DESC"):
        with contextlib.suppress(sqlite3.Error):
            for kept in _rows(db, order):
                tickets[kept.ticket.id] = kept
            break
    also = _beside(db, "SELECT ticket, codes FROM also_priority")
    not_taken = _beside(db, "SELECT ticket, at FROM not_taken")
    return [
        replace(one, also=also.get(ticket_id, ""), not_taken=not_taken.get(ticket_id, ""))
        for ticket_id, one in tickets.items()
    ]


def _beside(db: sqlite3.Connection, query: str) -> dict[str, str]:
    """What a table holds about tickets, by their id; what can be read of it."""
    found: dict[str, str] = {}
    with contextlib.suppress(sqlite3.Error):
        for ticket_id, value in db.execute(query):
            found[str(ticket_id)] = str(value)
    return found


def _rows(db: sqlite3.Connection, order: str) -> Iterator[StoredTicket]:
    # A journal of schema version 1 has no column ``alone``: there was no server yet.
    known = any(column[1] == "alone" for column in db.execute("PRAGMA table_info(ticket)"))
    for row in db.execute(f"{_ALL.format(alone='alone' if known else '1')} {order}"):
        with contextlib.suppress(JournalDamaged, ValueError, TypeError):
            *fields, acked_rev, origin, alone = row
            yield StoredTicket(to_ticket(fields), int(acked_rev), str(origin), bool(alone))
