"""Opens journal and desk, now or as soon as the disk lets them be opened.

Apart from the kiosk because several threads need the desk and each may be the first: the prober
retries, and so does each request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.background.journal_manager import JournalManager
from kiosk.desk import Desk
from kiosk.errors import JournalError, KioskError
from kiosk.store.journal import Journal


class DeskOpener:
    """``make_desk`` makes the desk of an open journal. The journal manager keeps the error."""

    def __init__(self, journal: JournalManager, make_desk: Callable[[Journal], Desk]) -> None:
        self._journal = journal
        self._make_desk = make_desk
        self._opening = threading.Lock()
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk | None:
        """The desk; None until the journal is open."""
        return self._desk

    def open(self) -> Desk | None:
        """Open journal and desk unless they are open; None where the journal cannot be opened.

        Raises AlreadyRunning when another process owns the state folder."""
        with self._opening:
            if self._desk is None:
                journal = self._journal.open()
                if journal is not None:
                    self._desk = self._make_desk(journal)
            return self._desk

    def ready(self) -> Desk:
        """The open desk. Raises the error that prevents opening it."""
        desk = self.open()
        if desk is None:
            raise self.error()
        return desk

    def error(self) -> KioskError:
        """Why the journal is not open."""
        return self._journal.error or JournalError("journal.closed")
