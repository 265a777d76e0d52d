"""Map errors to what the visitor is told."""

from __future__ import annotations

from kiosk.domain.visit_state import Trouble
from kiosk.errors import (
    JournalBusy,
    JournalDamaged,
    JournalFull,
    JournalReadOnly,
    KioskError,
    NumberingError,
)


def trouble_of(error: KioskError) -> Trouble:
    """The visitor's trouble for an error of journal or numbers."""
    for kind, trouble in (
        (JournalFull, Trouble.FULL),
        (JournalReadOnly, Trouble.READ_ONLY),
        (JournalDamaged, Trouble.DAMAGED),
        (JournalBusy, Trouble.BUSY),
        (NumberingError, Trouble.NUMBERS),
    ):
        if isinstance(error, kind):
            return trouble
    return Trouble.GENERIC
