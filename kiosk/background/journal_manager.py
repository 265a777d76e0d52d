"""The lock and the journal of a state folder: opened when they can be, and what keeps them shut."""

from __future__ import annotations

import logging
from collections.abc import Callable
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
from kiosk.store import read_only
from kiosk.store.file_identity import machine_id
from kiosk.store.journal import JOURNAL_NAME, Journal
from kiosk.store.lock import OwnerLock, refuse_if_owned

DOUBT_TICKETS = 200
_UNSENT = (Proof.SCREEN, Proof.NO)

log = logging.getLogger(__name__)


class JournalManager:
    """The journal of the folder ``state``, of which there is one owner.

    A folder that takes no lock, or a journal that cannot be opened (a full or read-only disk), is
    tried again at each ``open``, by one thread at a time. What others see: ``journal``, None while
    it is shut; ``error``, why no number can be written down now; ``found``, the young ticket
    without an outcome that the last run left behind; ``suspect``, whether its last slip may still
    lie in the printer's buffer.
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
        """Close the journal with the mark of a clean stop, and let go of the folder."""
        if self.journal is not None:
            self.journal.close()
        if self._lock is not None:
            self._lock.release()

    @property
    def owner(self) -> bool:
        """Whether this process holds the folder's lock."""
        return self._lock is not None

    def look_at_disk(self) -> None:
        """Note whether the disk has room for a number. Raises JournalError."""
        if self.journal is not None:
            full = self.journal.free_bytes() < MIN_FREE_BYTES
            self.error = JournalFull("disk.full") if full else None

    def tickets(self, business_date: date | None, limit: int) -> tuple[Ticket, ...]:
        """The latest ``limit`` tickets, of one business date or of all, in order of issue.

        Read also where nothing can be written. Raises what else keeps the journal shut.
        """
        if self.journal is None:
            return read_only.tickets(self._unwritten(), business_date, limit)
        return self.journal.tickets(business_date, limit)

    def count(self, business_date: date) -> int:
        """How many numbers stand for a day. As ``tickets``."""
        if self.journal is None:
            return sum(read_only.counts(self._unwritten(), business_date).values())
        return sum(self.journal.counts(business_date).values())

    def _unwritten(self) -> Path:
        """The journal's path, where nobody writes to it: neither this process nor another."""
        if not isinstance(self.error, JournalReadOnly | JournalFull):
            raise self.error or JournalError("journal.closed")
        if self._lock is None:
            refuse_if_owned(self._state)
        return self._state / JOURNAL_NAME

    def _own(self) -> None:
        """Take the lock. A disk that takes no lock takes no number either: that is kept."""
        if self._lock is None:
            try:
                self._lock = OwnerLock(self._state)
            except JournalError as error:
                self.error = error

    def _look_back(self, journal: Journal) -> None:
        """What the last run left open; a journal that cannot say it is replaced."""
        try:
            self.found = journal.unfinished(self._now())
            self.suspect = _left_in_doubt(journal)
        except JournalDamaged as error:
            log.error("%s; it is set aside", error)  # noqa: TRY400
            journal.replace(self._now(), journal.id)
            self.found = journal.unfinished(self._now())
            self.suspect = True


def _left_in_doubt(journal: Journal) -> bool:
    """Whether the last slip that was sent may still lie in the printer's buffer."""
    sent = [t for t in journal.tickets(limit=DOUBT_TICKETS) if t.printed not in _UNSENT]
    return bool(sent) and sent[-1].printed in (None, Proof.UNCERTAIN)
