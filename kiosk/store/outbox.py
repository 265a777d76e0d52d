"""The outbox: rows that the server has not acknowledged, and the terms received from it.

A ticket is its own row of the outbox: it is sent while ``acked_rev < rev``. For ``RESENT``
afterwards it can be sent again to a server that was restored from a backup. Then what is personal
in it is removed; the row stays for ``KEPT``, because the report of last month counts it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kiosk.domain.ticket import Ticket
from kiosk.errors import JournalDamaged, LetterMissing
from kiosk.store import rows
from kiosk.store.database import Open

RESENT = timedelta(days=30)
"""How far back a new epoch reaches, and how long an acknowledged row has its priority groups."""

KEPT = timedelta(days=62)
"""How long an acknowledged row is kept: on the last day of a month, last month began at most 61
days ago."""

ANY_PRIORITY = "-"
"""In place of the priority group of an old ticket; the queue server writes the same."""

PARKED_S = 24 * 3600
"""A row that the server refused is sent again after this time."""

_UNSENT = (
    "acked_rev < rev AND alone = 0 AND NOT EXISTS (SELECT 1 FROM parked"
    " WHERE parked.id = ticket.id AND parked.rev = ticket.rev AND abs(? - parked.at) < ?)"
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A row to be sent; ``origin`` is the id of the journal that issued its number."""

    ticket: Ticket
    origin: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows to be sent, and the journal's id and sequence at that moment.

    ``predecessor``: the id of the journal that this one replaced, None for the first;
    ``ended``: it gives no more numbers anywhere. ``last``: the place of the last row, for
    ``Outbox.unsent``.
    """

    journal: str
    seq: int
    rows: tuple[Outgoing, ...]
    predecessor: str | None = None
    last: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a server has sent to this journal: its letter (empty: none yet), the epoch, whether
    the kiosk's token was revoked, and the first date of the letter (None: no journal had it
    before)."""

    letter: str = ""
    epoch: str = ""
    revoked: bool = False
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows not acknowledged: ``pending`` are sent automatically, ``parked`` were refused."""

    pending: int = 0
    parked: int = 0


class Outbox:
    """The outbox of one journal; made by it. All methods raise JournalError."""

    def __init__(self, reading: Open, writing: Open) -> None:
        """For ``Journal`` only: its ways to read and to write."""
        self._reading = reading
        self._writing = writing

    # ── rows ─────────────────────────────────────────────────────────────────────────────

    def unsent(self, limit: int, now: datetime, after: int = 0) -> Batch:
        """The oldest ``limit`` rows to be sent at ``now`` (aware), at their present revision.

        ``after``: only those behind that place.
        """
        with self._reading() as db:
            journal, seq, predecessor, ended = db.execute(
                "SELECT id, seq, (SELECT id FROM follows), (SELECT ended FROM follows) FROM journal"
            ).fetchone()
            found = db.execute(
                f"SELECT n, origin, {rows.FIELDS} FROM ticket"  # noqa: S608
                f" WHERE {_UNSENT} AND n > ? ORDER BY n LIMIT ?",
                (int(now.timestamp()), PARKED_S, after, limit),
            ).fetchall()
            outgoing = tuple(Outgoing(rows.to_ticket(row[2:]), row[1]) for row in found)
        last = found[-1][0] if found else after
        return Batch(journal, seq, outgoing, predecessor, last, bool(ended))

    def acknowledge(self, taken: Iterable[tuple[str, int]]) -> None:
        """Clear the rows (id, rev) that the server has; one with a newer revision stays."""
        with self._writing() as db:
            for ticket_id, rev in taken:
                db.execute(
                    "UPDATE ticket SET acked_rev = ? WHERE id = ? AND rev = ?",
                    (rev, ticket_id, rev),
                )
                db.execute("DELETE FROM parked WHERE id = ? AND rev <= ?", (ticket_id, rev))

    def park(self, ticket_id: str, rev: int, code: str, now: datetime) -> None:
        """Do not send a refused row until tomorrow, the next start, or its next revision."""
        with self._writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO parked SELECT id, ?, ?, ? FROM ticket"
                " WHERE id = ? AND rev = ?",
                (rev, code, int(now.timestamp()), ticket_id, rev),
            )

    def retry_parked(self) -> None:
        """Send all parked rows again now."""
        with self._writing() as db:
            db.execute("UPDATE parked SET at = 0")

    def backlog(self) -> Backlog:
        """The number of rows that are not acknowledged."""
        with self._reading() as db:
            unsent, parked = db.execute(
                "SELECT count(*), count(parked.id) FROM ticket LEFT JOIN parked"
                " ON parked.id = ticket.id AND parked.rev = ticket.rev"
                " WHERE acked_rev < ticket.rev AND alone = 0"
            ).fetchone()
        return Backlog(unsent - parked, parked)

    def parked(self) -> tuple[tuple[str, str], ...]:
        """Number and the server's reason of each parked row, oldest first."""
        with self._reading() as db:
            found = db.execute(
                "SELECT number, code FROM ticket JOIN parked"
                " ON parked.id = ticket.id AND parked.rev = ticket.rev"
                " WHERE acked_rev < ticket.rev ORDER BY n"
            )
            return tuple(found.fetchall())

    def prune(self, today: date) -> int:
        """Delete the acknowledged rows from more than ``KEPT`` before ``today``; their count.

        Those from more than ``RESENT`` before it lose track and priority groups; that there was a
        priority stays. ``today`` must be the server's date: with a wrong clock, rows still needed
        would be deleted.
        """
        oldest, oldest_personal = (today - KEPT).isoformat(), (today - RESENT).isoformat()
        old = "acked_rev >= rev AND alone = 0 AND business_date < ?"
        with self._writing() as db:
            deleted = db.execute(f"DELETE FROM ticket WHERE {old}", (oldest,)).rowcount  # noqa: S608
            if deleted:
                rows.store_pruned(db, oldest)
            db.execute(
                "UPDATE ticket SET track = '', priority = iif(priority IS NULL, NULL, ?)"  # noqa: S608
                f" WHERE {old} AND track <> ''",
                (ANY_PRIORITY, oldest_personal),
            )
            # Also what an earlier version left behind.
            db.execute(
                "DELETE FROM also_priority WHERE NOT EXISTS"
                " (SELECT 1 FROM ticket WHERE ticket.id = also_priority.ticket AND track <> '')"
            )
            db.execute(
                "DELETE FROM not_taken WHERE NOT EXISTS"
                " (SELECT 1 FROM ticket WHERE ticket.id = not_taken.ticket)"
            )
        return deleted

    # ── what the server sent ─────────────────────────────────────────────────────────────

    def terms(self, url: str) -> Terms:
        """What the server at ``url`` has sent to this journal."""
        with self._reading() as db:
            return _terms(db, url)

    def learn(
        self,
        journal: str,
        url: str,
        *,
        epoch: str,
        letter: str,
        today: date,
        since: date | None = None,
    ) -> bool:
        """Store the letter and epoch of an answer to the journal with the id ``journal``.

        A journal keeps the first letter that it received; ``since``: the first date of the letter
        in the answer, None where no other journal had it. A new epoch marks all rows from
        ``RESENT`` before ``today`` on as not acknowledged, except anonymous ones. An answer to
        another journal (this one replaced it during the exchange) is ignored. True when the epoch
        was new.
        """
        with self._reading() as db:
            known = _terms(db, url)
        # Most answers change nothing, and a commit costs an fsync.
        if known == _learned(known, letter, since, epoch):
            return False
        with self._writing() as db:
            if db.execute("SELECT id FROM journal").fetchone() != (journal,):
                return False
            known = _terms(db, url)
            _store_terms(db, url, _learned(known, letter, since, epoch))
            if known.epoch == epoch:
                return False
            oldest = (today - RESENT).isoformat()
            db.execute(
                "UPDATE ticket SET acked_rev = 0 WHERE business_date >= ? AND track <> ''",
                (oldest,),
            )
            db.execute("UPDATE parked SET at = 0")
            return True

    def revoke(self, url: str) -> None:
        """Store that the server at ``url`` has revoked the token (kept over a restart)."""
        with self._writing() as db:
            known = _terms(db, url)
            _store_terms(db, url, replace(known, revoked=True))

    def in_force(self, url: str, day: date) -> str:
        """The server whose numbers are valid on ``day``; ``url`` is the one configured now.

        Empty for none. Enrolling and leaving take effect on the next business date, because
        numbers of the old kind were issued on this one; at once for a journal that issued none.
        """
        with self._reading() as db:
            known = _enrolment(db)
        if known[0] != url:
            with self._writing() as db:
                known = _change(db, url, day)
        return known[0] if day.isoformat() >= known[1] else known[2]


def letter_of(db: sqlite3.Connection, url: str) -> tuple[str, date | None]:
    """This journal's letter from the server at ``url``, and the first date of the letter (None: no
    journal had it before). LetterMissing before the server gave one."""
    terms = _terms(db, url)
    if not terms.letter:
        raise LetterMissing("journal.no_letter")
    return terms.letter, terms.since


def _terms(db: sqlite3.Connection, url: str) -> Terms:
    row = db.execute(
        "SELECT letter, epoch, revoked, since FROM server WHERE url = ?", (url,)
    ).fetchone()
    if row is None:
        return Terms()
    try:
        since = date.fromisoformat(row[3]) if row[3] else None
    except ValueError as error:
        raise JournalDamaged("journal.row") from error
    return Terms(row[0], row[1], bool(row[2]), since)


def _learned(known: Terms, letter: str, since: date | None, epoch: str) -> Terms:
    """The terms after an answer: the first letter stays, and its first date with it."""
    if known.letter:
        return Terms(known.letter, epoch, since=known.since)
    return Terms(letter, epoch, since=since if letter else None)


def _store_terms(db: sqlite3.Connection, url: str, terms: Terms) -> None:
    since = terms.since.isoformat() if terms.since else ""
    db.execute(
        "INSERT OR REPLACE INTO server (url, letter, epoch, revoked, since) VALUES (?, ?, ?, ?, ?)",
        (url, terms.letter, terms.epoch, int(terms.revoked), since),
    )


def _enrolment(db: sqlite3.Connection) -> tuple[str, str, str]:
    row = db.execute("SELECT url, since, before FROM enrolment").fetchone()
    return (row[0], row[1], row[2]) if row else ("", "", "")


def _change(db: sqlite3.Connection, url: str, day: date) -> tuple[str, str, str]:
    """Store that ``url`` is configured since ``day``."""
    old, since, before = _enrolment(db)
    present = old if day.isoformat() >= since else before
    if url == present:
        new = (url, day.isoformat(), url)
    else:
        asked = "alone = 1" if not present else "1"
        used = db.execute(f"SELECT max(business_date) FROM ticket WHERE {asked}").fetchone()[0]  # noqa: S608
        latest = date.fromisoformat(used) if used else date.min
        if not present:
            # Not by today's date: a clock that is a year ahead must not put it off.
            new = (url, (latest + timedelta(days=1)).isoformat(), present)
        else:
            # Other kiosks may have used the server's series today, even if this journal did not.
            new = (url, (max(day, latest) + timedelta(days=1)).isoformat(), present)
    db.execute("INSERT OR REPLACE INTO enrolment VALUES (1, ?, ?, ?)", new)
    return new
