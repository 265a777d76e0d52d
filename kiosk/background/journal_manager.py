"""Opens the lock and the journal of a state folder, and retries while the disk prevents it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

from kiosk.domain.delivery import Proof
from kiosk.domain.ticket import Ticket
from kiosk.errors import (
    JournalDamaged,
    JournalError,
    JournalFull,
    JournalReadOnly,
    KioskError,
)
from kiosk.register import MIN_FREE_BYTES
from kiosk.store import queries
from kiosk.store.file_identity import machine_id
from kiosk.store.journal import JOURNAL_NAME, Journal
from kiosk.store.lock import OwnerLock, refuse_if_owned

DOUBT_TICKETS = 200
_UNSENT = (Proof.SCREEN, Proof.NO)

log = logging.getLogger(__name__)


class JournalManager:
    """The journal of the folder ``state``; this process is its owner.

    A folder that cannot be locked or a journal that cannot be opened (full or read-only disk) is
    retried at each ``open``; one thread at a time may call it.

    Attributes: ``journal``, None while it is not open. ``error``, why no number can be stored now.
    ``found``, the recent ticket without an outcome from the last run. ``suspect``, whether the last
    slip of that run may still be in the printer's buffer.
    """

    def __init__(self, state: Path, now: Callable[[], datetime]) -> None:
        """``now`` is aware, site time. Raises AlreadyRunning when another process owns
        ``state``."""
        self._state = state
        self._now = now
        self._lock: OwnerLock | None = None
        self.journal: Journal | None = None
        self.error: KioskError | None = None
        self.found: Ticket | None = None
        self.suspect = False
        self._own()

    def open(self) -> Journal | None:
        """The journal, opened if it is not; None where ``error`` says why not.

        Raises AlreadyRunning as the constructor does.
        """
        self._own()
        if self.journal is not None or self._lock is None:
            return self.journal
        try:
            machine = machine_id(self._state)
            path = self._state / JOURNAL_NAME
            journal = Journal.open(path, machine_id=machine, now=self._now())
            try:
                self._look_back(journal)
            except KioskError:
                journal.close()
                raise
        except KioskError as error:
            log.error("%s", error)  # noqa: TRY400
            self.error = error
            return None
        self.error = None
        self.journal = journal
        return journal

    def close(self) -> None:
        """Close the journal with the mark of a clean stop, and release the lock."""
        if self.journal is not None:
            self.journal.close()
        if self._lock is not None:
            self._lock.release()

    @property
    def owner(self) -> bool:
        """Whether this process holds the folder's lock."""
        return self._lock is not None

    @property
    def newest_time(self) -> datetime | None:
        """See ``Journal.newest_time``; None while the journal is not open."""
        journal = self.journal
        return None if journal is None else journal.newest_time

    def look_at_disk(self) -> None:
        """Set ``error`` when the disk has no space for a number. Raises JournalError."""
        if self.journal is not None:
            full = self.journal.free_bytes() < MIN_FREE_BYTES
            self.error = JournalFull("disk.full") if full else None

    def tickets(self, business_date: date | None, limit: int) -> tuple[Ticket, ...]:
        """The latest ``limit`` tickets, of one business date or of all, in order of issue.

        Read also where nothing can be written. Raises what else keeps the journal shut.
        """
        if self.journal is None:
            return queries.tickets_in_copy(self._unwritten(), business_date, limit)
        return self.journal.tickets(business_date, limit)

    def page(self, business_date: date | None, limit: int, skip: int) -> queries.TicketPage:
        """See ``Journal.page``. As ``tickets``."""
        if self.journal is None:
            return queries.page_in_copy(self._unwritten(), business_date, limit, skip)
        return self.journal.page(business_date, limit, skip)

    def complete_from(self) -> date | None:
        """The first business date of which no ticket was deleted. As ``tickets``."""
        if self.journal is None:
            return queries.complete_from_in_copy(self._unwritten())
        return self.journal.complete_from()

    def count(self, business_date: date) -> int:
        """The count of numbers of a day, without voided ones. As ``tickets``."""
        if self.journal is None:
            return sum(queries.counts_in_copy(self._unwritten(), business_date).values())
        return sum(self.journal.counts(business_date).values())

    def hour_counts(
        self, business_dates: Sequence[date]
    ) -> dict[date, tuple[queries.HourCount, ...]]:
        """The tickets of these days by service and hour of issue. As ``tickets``.

        The journal's lock is released between two days: a visitor waits for one day's query at
        most, not for a month's.
        """
        if self.journal is None:
            return queries.hour_counts_in_copy(self._unwritten(), business_dates)
        return {day: self.journal.hour_counts(day) for day in business_dates}

    def _unwritten(self) -> Path:
        """The path of a journal to which no process writes, for a copy of it."""
        if not isinstance(self.error, JournalReadOnly | JournalFull):
            raise self.error or JournalError("journal.closed")
        if self._lock is None:
            refuse_if_owned(self._state)
        return self._state / JOURNAL_NAME

    def _own(self) -> None:
        """Take the lock. A folder that cannot be locked can store no number: ``error`` says so."""
        if self._lock is None:
            try:
                self._lock = OwnerLock(self._state)
            except JournalError as error:
                self.error = error

    def _look_back(self, journal: Journal) -> None:
        """Find the unfinished ticket of the last run. A journal that cannot be read is replaced."""
        try:
            self.found = journal.unfinished(self._now())
            self.suspect = _left_in_doubt(journal)
        except JournalDamaged as error:
            log.error("%s; it goes to quarantine", error)  # noqa: TRY400
            journal.replace(self._now(), journal.id)
            self.found = journal.unfinished(self._now())
            self.suspect = True


def _left_in_doubt(journal: Journal) -> bool:
    """Whether the last slip that was sent may still be in the printer's buffer."""
    sent = [t for t in journal.tickets(limit=DOUBT_TICKETS) if t.printed not in _UNSENT]
    return bool(sent) and sent[-1].printed in (None, Proof.UNCERTAIN)
