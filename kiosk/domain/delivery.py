"""What became of a slip, and what may be said about it.

An *outcome* is what the printer's port answers for one job. A *proof* is what the journal
keeps and the server is sent (``printed`` in the queue contract).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.messages import Text


class Outcome(Enum):
    """The answer of the printer's port for one job."""

    PRINTED = "printed"
    """Printed, as far as this printer can say at its level (see ``Level``)."""
    NOT_PRINTED = "not_printed"
    """Certainly not on paper, and it will not appear later."""
    UNCERTAIN = "uncertain"
    """Bytes were sent; whether the slip was printed, or will be, is unknown."""


class Proof(Enum):
    """What the journal keeps about the paper of one ticket."""

    CONFIRMED = "confirmed"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    SCREEN = "screen"
    NO = "no"


class Level(Enum):
    """What a printer can say about itself (``docs/printers.md``, levels A to D)."""

    PROCESS_ID = "A"
    QUEUED_STATUS = "B"
    STATUS = "C"
    BLIND = "D"

    @property
    def proves(self) -> bool:
        """Whether an answer in order proves that everything before it was printed."""
        return self in (Level.PROCESS_ID, Level.QUEUED_STATUS)

    @property
    def reports(self) -> bool:
        """Whether the printer answers questions about its state, the paper among them."""
        return self is not Level.BLIND


class Fault(Enum):
    """A printer's fault, by name."""

    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER = "cutter"
    ERROR = "error"
    OVERHEATED = "overheated"
    """Ends without staff when the print head has cooled down."""
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    MUTE = "mute"
    GARBLED = "garbled"
    WEDGED = "wedged"
    """The thread that owns the printer did not return in time."""
    HELD_BACK = "held_back"
    """An earlier slip is uncertain: nothing is sent until the printer's buffer is clear."""


@dataclass(frozen=True, slots=True)
class PrintResult:
    """The outcome of one job; made by ``printed``, ``not_printed`` and ``uncertain``.

    ``level`` is the level at which PRINTED was judged; ``fault`` names what went wrong when
    the outcome is not PRINTED; ``detail`` is one line for the log and the staff. ``hold``
    numbers the hold that an UNCERTAIN slip began, 0 where it began none (``PrinterHealth``).
    """

    outcome: Outcome
    level: Level
    fault: Fault | None = None
    detail: Text = ""
    hold: int = 0

    @classmethod
    def printed(cls, level: Level, detail: Text = "") -> PrintResult:
        """The slip is out, as far as a printer of this ``level`` can say."""
        return cls(Outcome.PRINTED, level, detail=detail)

    @classmethod
    def not_printed(
        cls, fault: Fault | None, detail: Text = "", level: Level = Level.BLIND
    ) -> PrintResult:
        """Nothing of the slip was sent. ``fault`` is None where no printer was involved."""
        return cls(Outcome.NOT_PRINTED, level, fault, detail)

    @classmethod
    def uncertain(
        cls, fault: Fault | None, detail: Text = "", level: Level = Level.BLIND
    ) -> PrintResult:
        """The slip was sent at least in part, and its end is unknown."""
        return cls(Outcome.UNCERTAIN, level, fault, detail)

    @property
    def is_printed(self) -> bool:
        """Whether the outcome is PRINTED."""
        return self.outcome is Outcome.PRINTED

    @property
    def proof(self) -> Proof:
        """What the journal may say: ``confirmed`` only at levels A and B."""
        if self.is_printed:
            return Proof.CONFIRMED if self.level.proves else Proof.SENT
        if self.outcome is Outcome.UNCERTAIN:
            return Proof.UNCERTAIN
        return Proof.SCREEN
