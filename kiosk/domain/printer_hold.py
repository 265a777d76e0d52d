"""What a broken job leaves behind in a printer, as a pure state machine.

A job whose end is unknown may still be in the printer's buffer and print later, on top of another
visitor's slip. ``step(hold, event)`` answers the next state; the printing package sends a slip only
while ``may_print``::

    OPEN ──JobUncertain──> HELD ──BufferCleared──> CLEARED ──FoundWell──> OPEN
     ^                      │                        │
     └───────Released───────┴────────Released────────┘

A cleared buffer alone does not end the hold: the printer must also be without a fault, else the
next slip would wait in the buffer in its turn.

The job may also have ended inside a command, whose remaining data bytes the printer then takes
from whatever comes next. Therefore NUL bytes, as many as the command may still need, are sent
first on the next connection (*padding*), and the next slip begins with a reset, a feed and a cut
(``separate_paper``).

*Always* hold after JobUncertain. *Never* count padding as received before the printer has answered
after a later job: the connection may have broken before the printer read it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class HoldPhase(Enum):
    """Whether slips may be sent, and why not."""

    OPEN = "open"
    HELD = "held"
    """The printer may still hold a slip that would print later."""
    CLEARED = "cleared"
    """The printer has confirmed that its buffer is empty, but has a fault."""


@dataclass(frozen=True, slots=True)
class PrinterHold:
    """State after all events so far. Lengths are in bytes.

    ``number`` counts the holds of this process; ``cleared_number`` is the last of them that ended
    because the printer confirmed an empty buffer. ``separate_paper``: the next job must begin
    on separate paper. ``padding_due`` NULs go first on the next connection; ``padding_sent``
    were sent on this one and are not yet known to have arrived. ``unconfirmed`` is the length of
    the last job of a printer that does not answer.
    """

    phase: HoldPhase = HoldPhase.OPEN
    number: int = 0
    cleared_number: int = 0
    separate_paper: bool = False
    padding_due: int = 0
    padding_sent: int = 0
    unconfirmed: int = 0

    @classmethod
    def at_start(cls, *, suspect: bool, job_bytes: int = 0) -> PrinterHold:
        """The state of a new process.

        ``suspect``: an earlier process may have left a job unfinished, inside a command of up to
        ``job_bytes``.
        """
        return cls(
            phase=HoldPhase.HELD if suspect else HoldPhase.OPEN,
            separate_paper=suspect,
            padding_due=job_bytes if suspect else 0,
        )

    @property
    def may_print(self) -> bool:
        """Whether a slip may be sent."""
        return self.phase is HoldPhase.OPEN

    @property
    def needs_clear(self) -> bool:
        """Whether the printer's buffer is to be cleared."""
        return self.phase is HoldPhase.HELD

    @property
    def most_padding(self) -> int:
        """Padding for a new connection when nothing sent on this one is sure to have arrived."""
        return max(self.padding_due, self.padding_sent, self.unconfirmed)


@dataclass(frozen=True, slots=True)
class JobPrinted:
    """A job of ``length`` bytes was handed over whole, and nothing went wrong.

    ``answered``: the printer has answered since; one that never answers leaves its end unknown.
    """

    length: int
    answered: bool


@dataclass(frozen=True, slots=True)
class JobUncertain:
    """A job of ``length`` bytes was begun, and its end is unknown."""

    length: int


@dataclass(frozen=True, slots=True)
class PaddingSent:
    """The padding due was handed over on the present connection."""


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection ended; what was sent last may not have arrived.

    ``during_slip``: so soon after a slip without proof that it may still have been printing. With
    the printer's power gone, its rest is lost and its paper is not cut.
    """

    during_slip: bool = False


@dataclass(frozen=True, slots=True)
class BufferCleared:
    """The printer has confirmed that it discarded everything not yet printed."""


@dataclass(frozen=True, slots=True)
class FoundWell:
    """The printer answered a status question and has no fault."""


@dataclass(frozen=True, slots=True)
class Released:
    """Staff have looked at the printer and say that no old slip will come."""


HoldEvent = (
    JobPrinted | JobUncertain | PaddingSent | ConnectionLost | BufferCleared | FoundWell | Released
)


def step(hold: PrinterHold, event: HoldEvent) -> PrinterHold:
    """The state after ``event``. An event that does not fit the state changes nothing."""
    match event:
        case JobPrinted(length, answered):
            sent, unconfirmed = (0, 0) if answered else (hold.padding_sent, length)
            return replace(hold, separate_paper=False, padding_sent=sent, unconfirmed=unconfirmed)
        case JobUncertain(length):
            return replace(
                hold,
                phase=HoldPhase.HELD,
                number=hold.number + 1,
                separate_paper=True,
                padding_due=max(hold.most_padding, length),
                padding_sent=0,
                unconfirmed=0,
            )
        case PaddingSent():
            sent = max(hold.padding_sent, hold.padding_due)
            return replace(hold, padding_due=0, padding_sent=sent)
        case ConnectionLost(during_slip):
            # The last job of a printer that never answers may have been cut off as well.
            separate = hold.separate_paper or hold.unconfirmed > 0 or during_slip
            return replace(
                hold,
                separate_paper=separate,
                padding_due=hold.most_padding,
                padding_sent=0,
                unconfirmed=0,
            )
        case BufferCleared():
            cleared = HoldPhase.CLEARED if hold.phase is HoldPhase.HELD else hold.phase
            return replace(hold, phase=cleared)
        case FoundWell():
            if hold.phase is not HoldPhase.CLEARED:
                return hold
            return replace(hold, phase=HoldPhase.OPEN, cleared_number=hold.number)
        case Released():
            return replace(hold, phase=HoldPhase.OPEN)
