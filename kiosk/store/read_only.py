"""To read a journal where nothing can be written: a disk put in to look at, a full disk.

SQLite writes beside a journal in WAL mode even to read it (its documentation, "Read-Only
Databases"), so a copy is read. Nobody may write to the journal meanwhile: whoever asks sees to it.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from kiosk.domain.ticket import Ticket
from kiosk.store import queries
from kiosk.store.database import check, connect, migrate
from kiosk.store.faults import translated


def tickets(path: Path, business_date: date | None, limit: int) -> tuple[Ticket, ...]:
    """The latest ``limit`` tickets of the journal at ``path``, as ``Journal.tickets``.

    None at all where there is no journal. Raises JournalError.
    """
    with _copy(path) as db:
        return queries.latest(db, business_date, limit) if db else ()


def counts(path: Path, business_date: date) -> dict[str, int]:
    """Tickets of a day by service code, as ``Journal.counts``. Raises JournalError."""
    with _copy(path) as db:
        return queries.counts(db, business_date) if db else {}


@contextlib.contextmanager
def _copy(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A copy of the journal, with what its write-ahead log holds; None where there is none."""
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
