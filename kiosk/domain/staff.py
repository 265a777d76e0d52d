"""Values of the staff screen: what staff can do at the machine, and what they see of its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

LEAST_DIGITS, MOST_DIGITS = 4, 8
"""Length of a PIN."""


class PauseReason(Enum):
    """Why staff pause a service; visitors read it (``pause.<value>``)."""

    ABSENT = "absent"
    SYSTEM = "system"
    BREAK = "break"
    CROWDED = "crowded"


class PauseFor(Enum):
    """How long a service is paused."""

    MINUTES_15 = "15"
    MINUTES_30 = "30"
    MINUTES_60 = "60"
    TODAY = "today"

    def until(self, now: datetime) -> datetime:
        """The end of a pause that begins at ``now`` (aware), at a whole minute."""
        if self is PauseFor.TODAY:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight + timedelta(days=1)
        ends = now + timedelta(minutes=int(self.value))
        whole = ends.replace(second=0, microsecond=0)
        return whole if whole == ends else whole + timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """``service`` (a code) gives no numbers on this machine before ``until``. Moments are aware."""

    service: str
    reason: PauseReason
    since: datetime
    until: datetime
