"""The journal: all numbers that this kiosk has issued, so that none is issued twice."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from kiosk.domain.delivery import Proof
from kiosk.domain.numbering import Series
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.errors import JournalDamaged, JournalError, NumberTaken, TicketMismatch
from kiosk.messages import Message, Text
from kiosk.store import quarantine, queries, rows, session
from kiosk.store.database import connect, migrate, transaction
from kiosk.store.faults import translated
from kiosk.store.opening import DAMAGED, Predecessor, notice, prepare, watermark_path
from kiosk.store.outbox import Outbox, letter_of
from kiosk.store.series import (
    correct_date,
    letter_of_journal,
    letter_so_far,
    misdated,
    next_value,
)
from kiosk.store.server_quotas import ServerQuotas
from kiosk.store.watermark import Watermark

JOURNAL_NAME = "journal.sqlite3"
_HEADER = b"SQLite format 3\0"

Choose = Callable[[Sequence[str]], str]
log = logging.getLogger(__name__)


class Journal:
    """One journal, open; made by ``Journal.open``. Usable from several threads.

    All methods raise JournalError (see ``kiosk.errors``) with a message for people.
    After JournalDamaged nothing more is written until ``replace``.
    """

    def __init__(self, path: Path, machine: str, choose: Choose) -> None:
        """For ``Journal.open`` only: the journal at ``path`` must have been prepared."""
        self._path = path
        self._choose = choose
        self._machine = machine
        self._lock = threading.RLock()
        self._broken = False
        # The tickets of a broken journal, until another one has them.
        self._salvaged: tuple[rows.StoredTicket, ...] = ()
        self._newest_date = date.min
        self._newest_time: datetime | None = None
        self._went_back = False
        self._outbox = Outbox(self._reading, self._writing)
        self._server_quotas = ServerQuotas(self._reading, self._writing)
        self._connect()

    @classmethod
    def open(
        cls, path: Path, *, machine_id: str, now: datetime, choose: Choose = secrets.choice
    ) -> Journal:
        """The journal at ``path``, created when there is none; ``now`` aware.

        A journal that is damaged, comes from another machine, is older than its watermark or has
        none is moved to quarantine. A new one with a new letter takes its place, as for a journal
        that was deleted, and holds the tickets that could still be read; ``notices`` reports it.
        ``choose`` picks the letter from those that are free.
        """
        prepare(path, machine_id, now)
        try:
            return cls(path, machine_id, choose)
        except JournalDamaged as error:
            # Damage that the check does not see. Without this the kiosk would never open again.
            log.error("%s; it goes to quarantine", error)  # noqa: TRY400
            prepare(path, machine_id, now, Predecessor(0))
            return cls(path, machine_id, choose)

    def replace(self, now: datetime, damaged: str, why: str = DAMAGED) -> None:
        """Move the journal with the id ``damaged`` to quarantine, open a new one; ``now`` aware.

        ``why``: DAMAGED or CONFLICT of ``kiosk.store.opening``. Does nothing when another thread
        has done so already: a sound journal stays.
        """
        with self._lock:
            if self._id != damaged:
                return
            if not self._broken:
                # Once, before the connection is closed: of a deleted file nothing else is left,
                # and the replacement may have to be repeated (a full disk).
                self._salvaged = tuple(quarantine.read_tickets(self._db))
            self._broken = True
            predecessor = Predecessor(
                self._generation, self._salvaged, why, self._id, self._letters
            )
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            prepare(self._path, self._machine, now, predecessor)
            self._connect()
            self._broken = False
            self._salvaged = ()

    def close(self) -> None:
        """Close with the mark of a clean stop. Idempotent."""
        with self._lock, contextlib.suppress(sqlite3.ProgrammingError):
            try:
                with self._writing() as db:
                    db.execute("UPDATE journal SET clean = 1")
                self._watermark(durable=True)
            except JournalError as error:
                log.warning("no mark of a clean stop: %s", error)
            finally:
                self._db.close()

    # ── what it is ───────────────────────────────────────────────────────────────────────

    @property
    def id(self) -> str:
        """The random id created with the file: 32 hex digits."""
        return self._id

    @property
    def seq(self) -> int:
        """The sequence number: one for each change of a ticket, and 20 for each unclean stop."""
        with self._lock:
            return self._seq

    @property
    def unclean(self) -> bool:
        """Whether the last stop before this start was unclean: each own series skips."""
        return self._unclean

    @property
    def clock_went_back(self) -> bool:
        """Whether the latest number was issued on a date before one already used.

        Takes no lock: the UI thread reads it, and a writer may wait for the disk.
        """
        return self._went_back

    @property
    def newest_time(self) -> datetime | None:
        """The latest time (aware) at which a number was issued; None without a number.

        Takes no lock: the clock of the UI thread reads it, and a writer may wait for the disk.
        """
        return self._newest_time

    @property
    def notices(self) -> tuple[Text, ...]:
        """Notices for staff; empty when there is nothing to report. Takes no lock."""
        said: list[Text] = [notice(self._because)] if self._because else []
        if self.clock_went_back:
            said.append(Message.of("journal.clock_back", date=self._newest_date))
        return tuple(said)

    def free_bytes(self) -> int:
        """The space left on the journal's disk."""
        with translated(self._path):
            disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize

    def own_letter(self, configured: str) -> str:
        """The letter of this journal's own series without a server's letter; empty for none, and
        before a later journal has chosen its own. ``configured``: that of ``kiosk.yaml``."""
        with self._reading() as db:
            return letter_so_far(db, configured)

    # ── writing ──────────────────────────────────────────────────────────────────────────

    def issue(
        self,
        request: TicketRequest,
        *,
        prefix: str,
        letter: str,
        business_date: date,
        now: datetime,
        date_confirmed: bool,
        server: str = "",
        own_letter: bool = False,
    ) -> Ticket:
        """The ticket of ``request``, with the next number of the own series; one transaction.

        ``letter`` is the one in ``kiosk.yaml``, empty for none: the numbers of this kiosk's first
        journal carry it as it is, those of each later one a new letter (``own_letter``).
        ``business_date`` is the site's date at ``now`` (aware, site time); ``date_confirmed``
        whether a synchronised clock confirms it. ``server``: the address of the server whose
        letter the number carries in place of ``letter``, empty for a kiosk without a server;
        ``own_letter``: that server gives no letters, so the number carries ``letter`` all the same.
        A letter that another journal had before dates no number before its first date: where the
        clock is behind, the number gets that date.
        A repeat with the same id returns the same ticket, at any time. From the return of this
        method the number exists.

        Raises TicketMismatch when the id is held by another service, SeriesExhausted,
        LetterMissing, JournalError; ValueError for what no number can carry.
        """
        with self._writing() as db:
            held = self._held(db, request)
            if held is not None:
                return held
            # Within the lock: a journal that was just replaced needs its own letter.
            if server and not own_letter:
                own, since = letter_of(db, server)
                if since is not None and business_date < since:
                    business_date, date_confirmed = since, False
            else:
                own = letter_of_journal(db, letter, self._choose)
            series = Series(business_date, prefix, own)
            number = series.number(next_value(db, series, date_confirmed, self._session))
            ticket = _ticket(request, str(number), business_date, now)
            seq = self._insert(db, ticket, request.also, alone=not server)
        self._note(seq, business_date, own, now)
        return ticket

    def keep(
        self, request: TicketRequest, number: str, *, business_date: date, now: datetime
    ) -> Ticket:
        """The ticket of ``request`` with a ``number`` that the server reserved for its id.

        ``business_date`` is the server's, ``now`` aware, site time. The same id again answers
        the ticket that it holds. From the return of this method the number exists.

        Raises NumberTaken when the number belongs to another ticket of that day, TicketMismatch
        when the id is held by another service, JournalError.
        """
        with self._writing() as db:
            held = self._held(db, request)
            if held is not None:
                return held
            ticket = _ticket(request, number, business_date, now)
            try:
                seq = self._insert(db, ticket, request.also, alone=False)
            except sqlite3.IntegrityError as error:
                raise NumberTaken("journal.number_taken", number=number) from error
        self._note(seq, business_date, now=now)
        return ticket

    def record(self, ticket_id: str, proof: Proof) -> Ticket:
        """Store the outcome of a ticket's slip: a new revision, unless nothing changes.

        CONFIRMED stays CONFIRMED. Raises JournalError for an id that is not in the journal.
        """

        def proved(ticket: Ticket) -> Ticket:
            kept = ticket.printed is Proof.CONFIRMED
            return ticket if kept else replace(ticket, printed=proof)

        return self._revise(ticket_id, proved)

    def void(self, ticket_id: str) -> Ticket:
        """Void a ticket; its number is never issued again. Idempotent.

        Raises JournalError for an id that is not in the journal.
        """
        return self._revise(ticket_id, lambda ticket: replace(ticket, state="void"))

    def note_not_taken(self, ticket_id: str, now: datetime) -> None:
        """Record that the slip of this ticket was not taken from the printer's mouth. Idempotent.

        ``now`` aware. Raises JournalError.
        """
        with self._writing() as db:
            row = (ticket_id, now.isoformat(timespec="seconds"))
            db.execute("INSERT OR IGNORE INTO not_taken VALUES (?, ?)", row)

    # ── reading ──────────────────────────────────────────────────────────────────────────

    def get(self, ticket_id: str) -> Ticket | None:
        """The ticket with this id, at its present revision."""
        with self._reading() as db:
            return queries.find(db, ticket_id)

    def tickets(self, business_date: date | None = None, limit: int = 1000) -> tuple[Ticket, ...]:
        """The latest ``limit`` tickets, of one business date or of all, in order of issue."""
        with self._reading() as db:
            return queries.latest(db, business_date, limit)

    def page(self, business_date: date | None, limit: int, skip: int = 0) -> queries.TicketPage:
        """As ``tickets`` without the ``skip`` latest, with what is known about them."""
        with self._reading() as db:
            return queries.page(db, business_date, limit, skip)

    def complete_from(self) -> date | None:
        """The first business date of which no ticket was deleted; None where none was."""
        with self._reading() as db:
            return self._date(rows.pruned_before(db))

    def hour_counts(self, business_date: date) -> tuple[queries.HourCount, ...]:
        """The tickets of a day by service and hour of issue."""
        with self._reading() as db:
            return queries.hour_counts(db, business_date)

    def priorities(self, ticket: Ticket) -> tuple[str, ...]:
        """The codes of the priority groups chosen for ``ticket``, in the menu's order."""
        if ticket.priority is None:
            return ()
        with self._reading() as db:
            found = db.execute("SELECT codes FROM also_priority WHERE ticket = ?", (ticket.id,))
            row = found.fetchone()
        return (ticket.priority, *(str(row[0]).split() if row else ()))

    def not_taken(self) -> frozenset[str]:
        """Ids of the tickets whose slip was not taken."""
        with self._reading() as db:
            return frozenset(str(row[0]) for row in db.execute("SELECT ticket FROM not_taken"))

    def unfinished(
        self, now: datetime, younger_than: timedelta = queries.OFFERED_FOR
    ) -> Ticket | None:
        """The latest ticket without an outcome, when it is younger than ``younger_than``.

        ``now`` aware. A ticket from the future (the clock went back) is no younger.
        """
        with self._reading() as db:
            return queries.unfinished(db, now, younger_than)

    def counts(self, business_date: date, since: datetime | None = None) -> dict[str, int]:
        """Tickets of a day by service code, without voided ones; ``since``: issued from then on."""
        with self._reading() as db:
            return queries.counts(db, business_date, since)

    @property
    def outbox(self) -> Outbox:
        """The rows that the server has not acknowledged, and the terms received from it."""
        return self._outbox

    @property
    def server_quotas(self) -> ServerQuotas:
        """The numbers left of each service with a limit, as the server last reported them."""
        return self._server_quotas

    def correct_date(self, today: date) -> None:
        """Correct dates in the future, which a wrong clock has left; ``today`` is the server's.

        A series would not restart before such a date. Tomorrow's date is kept: the answer may be
        from before midnight.
        """
        with self._reading() as db:
            if not misdated(db, today):
                return
        with self._writing() as db:
            correct_date(db, today)
        with self._reading() as db:
            self._newest_date = min(self._newest_date, today)
            self._newest_time = queries.newest_time(db, self._newest_date)
            self._went_back = False

    def confirm_time(self, now: datetime) -> None:
        """Correct dates and times after ``now`` (aware, site time): staff say that it is right.

        No number is given twice: a series continues after the highest of its day, on ``now``'s
        date and on the later dates when they come. A later time of the same day is forgotten until
        the next start after a number only: where the clock was ahead by hours, not by days.
        """
        today = now.date()
        with self._writing() as db:
            correct_date(db, today)
            day = min(self._newest_date, today)
            newest = queries.newest_time(db, day)
            if newest is not None and newest > now:
                day = today - timedelta(days=1)
                newest = queries.newest_time(db, day)
                db.execute(
                    "UPDATE journal SET newest_date = min(newest_date, ?)", (day.isoformat(),)
                )
        with self._lock:
            self._newest_date = day
            self._newest_time = None if newest is None or newest > now else newest
            self._went_back = False

    # ── within ───────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        """Open the file and begin a session; closes the file again when that fails."""
        with translated(self._path):
            self._db = connect(self._path)
        try:
            self._begin_session()
        except BaseException:
            self._db.close()
            raise

    def _begin_session(self) -> None:
        with translated(self._path):
            migrate(self._db)
            begun = session.begin(self._db)
            self._file = self._path.stat().st_ino
        self._id = begun.journal
        self._generation = begun.generation
        self._letters = begun.letters
        self._because = begun.because
        self._seq = begun.seq
        self._newest_date = self._date(begun.newest_date) or date.min
        with translated(self._path):
            self._newest_time = queries.newest_time(self._db, self._newest_date)
        self._session = begun.number
        self._unclean = begun.unclean
        self._went_back = False
        self._watermark(durable=True)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._path):
            if self._broken:
                raise JournalDamaged("journal.not_replaced", path=self._path)
            yield self._db

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading():
            self._check_file()
            with transaction(self._db) as db:
                yield db

    def _check_file(self) -> None:
        """Raise JournalDamaged when the file was deleted, replaced or emptied while it was open.

        SQLite would continue to write to the deleted file, and the number would be lost.
        Its first bytes stand for the whole (SQLite file format, 1.3): checked at each write.
        """
        try:
            with self._path.open("rb") as file:
                same = os.fstat(file.fileno()).st_ino == self._file
                same = same and file.read(len(_HEADER)) == _HEADER
        except (FileNotFoundError, IsADirectoryError):
            same = False
        if not same:
            raise JournalDamaged("journal.taken_away", path=self._path)

    def _date(self, text: str | None) -> date | None:
        """The date in an ISO text; None for an empty one. Raises JournalDamaged for other texts."""
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise JournalDamaged("journal.date", path=self._path) from error

    def _held(self, db: sqlite3.Connection, request: TicketRequest) -> Ticket | None:
        held = queries.find(db, request.id)
        if held is not None and held.service != request.service:
            raise TicketMismatch("issue.ticket", number=held.number)
        return held

    def _insert(
        self, db: sqlite3.Connection, ticket: Ticket, also: tuple[str, ...], *, alone: bool
    ) -> int:
        seq = self._next_seq(db, ticket.business_date)
        stored = rows.StoredTicket(ticket, 0, self._id, alone, " ".join(also))
        rows.insert(db, stored, seq)
        return seq

    def _revise(self, ticket_id: str, change: Callable[[Ticket], Ticket]) -> Ticket:
        with self._writing() as db:
            ticket = queries.find(db, ticket_id)
            # An anonymous ticket is no longer sent, so a change of it would not reach the server.
            if ticket is None or ticket.anonymous:
                raise JournalError("issue.unknown_ticket", id=ticket_id)
            changed = change(ticket)
            if changed == ticket:
                return ticket
            changed = replace(changed, rev=ticket.rev + 1)
            seq = self._next_seq(db)
            db.execute(
                "UPDATE ticket SET state = ?, printed = ?, rev = ?, seq = ? WHERE id = ?",
                (
                    changed.state,
                    changed.printed.value if changed.printed else None,
                    changed.rev,
                    seq,
                    ticket_id,
                ),
            )
        self._note(seq)
        return changed

    def _next_seq(self, db: sqlite3.Connection, day: date | None = None) -> int:
        used = day.isoformat() if day else ""
        db.execute("UPDATE journal SET seq = seq + 1, newest_date = max(newest_date, ?)", (used,))
        return int(db.execute("SELECT seq FROM journal").fetchone()[0])

    def _note(
        self, seq: int, day: date | None = None, letter: str = "", now: datetime | None = None
    ) -> None:
        """After a commit: update the values in memory, and write the watermark."""
        with self._lock:
            if letter and letter not in self._letters:
                self._letters = (*self._letters, letter)
            self._seq = max(self._seq, seq)
            if day is not None:
                self._went_back = day < self._newest_date
                self._newest_date = max(self._newest_date, day)
            if now is not None:
                self._newest_time = max(self._newest_time or now, now)
            self._watermark()

    def _watermark(self, *, durable: bool = False) -> None:
        watermark = Watermark(self._id, self._generation, self._seq, self._letters)
        try:
            watermark.write(watermark_path(self._path), durable=durable)
        except OSError as error:
            log.warning("the journal's watermark cannot be written: %s", error.strerror)


def _ticket(request: TicketRequest, number: str, day: date, now: datetime) -> Ticket:
    return Ticket(
        id=request.id,
        track=request.track,
        number=number,
        business_date=day,
        service=request.service,
        language=request.language,
        issued_at=now,
        priority=request.priority,
    )
