"""Map an error to the refusal that the screen shows."""

from __future__ import annotations

from kiosk.domain.events import Refused
from kiosk.errors import (
    IssueRefused,
    JournalBusy,
    JournalDamaged,
    JournalFull,
    JournalReadOnly,
    KioskError,
    NumberingError,
    Refusal,
)

_OF_ERRORS = (
    (JournalFull, Refusal.FULL),
    (JournalReadOnly, Refusal.READ_ONLY),
    (JournalDamaged, Refusal.DAMAGED),
    (JournalBusy, Refusal.BUSY),
    (NumberingError, Refusal.NUMBERS),
)


def refused(request_id: str, error: KioskError) -> Refused:
    """The event for ``error``, with its own words and end if it has them."""
    if isinstance(error, IssueRefused):
        return Refused(request_id, error.reason.shown, error.opening, error.until, error.words)
    reasons = (reason for kind, reason in _OF_ERRORS if isinstance(error, kind))
    return Refused(request_id, next(reasons, Refusal.GENERIC))
