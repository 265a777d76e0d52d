"""Sessions: from one opening of a journal to the next, and whether the last stop was clean."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from kiosk.domain.numbering import SKIP_AFTER_UNCLEAN_STOP
from kiosk.store.database import transaction


@dataclass(frozen=True, slots=True)
class Session:
    """What the journal says of itself when it is opened: see the table ``journal``.

    ``journal`` is its id, ``generation`` counts the journals of this kiosk before it, ``because``
    says why it replaced another (empty for the first), ``newest_date`` is an ISO date, empty for
    none. ``letters`` are those that this kiosk is known to have used. ``unclean``: the stop before
    this start was unclean.
    """

    journal: str
    generation: int
    because: str
    seq: int
    newest_date: str
    number: int
    unclean: bool
    letters: tuple[str, ...]


def begin(db: sqlite3.Connection) -> Session:
    """Begin a session. An unclean stop is recorded for all number series.

    Raises sqlite3.Error.
    """
    with transaction(db):
        # ``seq`` skips as the series do: a journal that lost its last writes must not count up to
        # the same ``seq`` again. It skips by no more than they do: each number is at least one
        # change, so an old copy whose ``seq`` the server accepts skips all numbers issued since.
        db.execute(
            "UPDATE journal SET session = session + 1, clean = 0, unclean_session ="
            " CASE clean WHEN 1 THEN unclean_session ELSE session + 1 END,"
            " seq = CASE clean WHEN 1 THEN seq ELSE seq + ? END",
            (SKIP_AFTER_UNCLEAN_STOP,),
        )
        journal, generation, because, seq, newest_date, number, unclean = db.execute(
            "SELECT id, lost, because, seq, newest_date, session, session = unclean_session"
            " FROM journal"
        ).fetchone()
        if unclean:
            db.execute("INSERT OR IGNORE INTO unclean VALUES (?)", (number,))
        letters = tuple(row[0] for row in db.execute("SELECT letter FROM letter ORDER BY letter"))
    return Session(journal, generation, because, seq, newest_date, number, bool(unclean), letters)
