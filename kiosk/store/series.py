"""The number series of this kiosk (table ``line``, its name on disk) and the letter they carry."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from kiosk.domain.numbering import Series, SeriesState, own_letter
from kiosk.errors import JournalDamaged
from menu.numbers import LETTER

MOST_SKIPS = 5
"""At most this many unclean stops are skipped for at once: more lost writes are a broken disk."""


def next_value(db: sqlite3.Connection, series: Series, confirmed: bool, session: int) -> int:
    """The next value of ``series``; its new state is written.

    ``confirmed``: whether a synchronised clock or the server confirms the business date;
    ``session``: the number of the present session. A series skips ``SKIP_AFTER_UNCLEAN_STOP``
    for each unclean stop since its last use. Raises JournalDamaged, sqlite3.Error.
    """
    row = db.execute(
        "SELECT last, last_confirmed, confirmed, session, own_count FROM line"
        " WHERE prefix = ? AND letter = ?",
        (series.prefix, series.letter),
    ).fetchone()
    last, last_confirmed, latest, used, own_count = row or (0, 0, None, 0, 0)
    try:
        day = date.fromisoformat(latest) if latest else None
    except ValueError as error:
        raise JournalDamaged("journal.series_date") from error
    state = SeriesState(last, bool(last_confirmed), day)
    highest = db.execute(
        "SELECT coalesce(max(value), 0) FROM ticket"
        " WHERE business_date = ? AND prefix = ? AND letter = ?",
        (series.business_date.isoformat(), series.prefix, series.letter),
    ).fetchone()[0]
    stops = db.execute("SELECT count(*) FROM unclean WHERE session > ?", (used,)).fetchone()[0]
    value = state.next_value(
        series.business_date, confirmed=confirmed, highest=highest, skips=min(stops, MOST_SKIPS)
    )
    after = state.after(value, series.business_date, confirmed=confirmed)
    db.execute(
        "INSERT OR REPLACE INTO line"
        " (prefix, letter, last, last_confirmed, confirmed, session, own_count)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            series.prefix,
            series.letter,
            after.last,
            int(after.last_confirmed),
            after.confirmed.isoformat() if after.confirmed else None,
            session,
            own_count + 1,
        ),
    )
    db.execute("UPDATE journal SET own_count = own_count + 1")
    return value


def letter_of_journal(
    db: sqlite3.Connection, configured: str, choose: Callable[[Sequence[str]], str]
) -> str:
    """The letter of this journal's own series without a server, chosen at its first use.

    ``configured`` is the letter of ``kiosk.yaml``; ``choose`` as in ``numbering.own_letter``.
    Raises LetterMissing, sqlite3.Error.
    """
    (generation,) = db.execute("SELECT lost FROM journal").fetchone()
    known = letter_so_far(db, configured)
    if generation == 0 or known:
        return known
    letter = own_letter(configured, generation, letters(db), choose)
    db.execute("INSERT INTO letter VALUES (?, ?)", (letter, configured))
    return letter


def letter_so_far(db: sqlite3.Connection, configured: str) -> str:
    """As ``letter_of_journal``; empty where a later journal has not chosen its letter yet."""
    (generation,) = db.execute("SELECT lost FROM journal").fetchone()
    if generation == 0:
        return configured
    row = db.execute("SELECT letter FROM letter WHERE configured = ?", (configured,)).fetchone()
    return str(row[0]) if row else ""


def letters(db: sqlite3.Connection) -> set[str]:
    """All letters that the journal in ``db`` knows to be used; without those it cannot read."""
    found: set[str] = set()
    for table in ("letter", "line", "server", "ticket"):
        with contextlib.suppress(sqlite3.Error):
            found.update(
                letter
                for (letter,) in db.execute(f"SELECT DISTINCT letter FROM {table}")  # noqa: S608
                if isinstance(letter, str) and LETTER.fullmatch(letter)
            )
    return found


def misdated(db: sqlite3.Connection, today: date) -> bool:
    """Whether the journal holds a date after tomorrow; ``today`` is the server's date."""
    latest = (today + timedelta(days=1)).isoformat()
    found = db.execute(
        "SELECT EXISTS (SELECT 1 FROM line WHERE confirmed > :day)"
        " OR EXISTS (SELECT 1 FROM journal WHERE newest_date > :day)"
        " OR EXISTS (SELECT 1 FROM enrolment WHERE since > :day)",
        {"day": latest},
    ).fetchone()
    return bool(found[0])


def correct_date(db: sqlite3.Connection, today: date) -> None:
    """Set all later dates back to ``today``, which the server has confirmed.

    Idempotent. The series continue today and restart at 1 tomorrow.
    """
    said, next_day = today.isoformat(), (today + timedelta(days=1)).isoformat()
    db.execute("UPDATE line SET confirmed = ? WHERE confirmed > ?", (said, said))
    db.execute("UPDATE journal SET newest_date = ? WHERE newest_date > ?", (said, said))
    db.execute("UPDATE enrolment SET since = ? WHERE since > ?", (next_day, next_day))
