"""When the printing of a slip may end.

A printer cannot have printed a slip sooner than its paper can move, and is not done later than a
slow one needs. Sources: specifications of TM-T88VII (500 mm/s, the fastest receipt printer on sale)
and of 58 mm panel printers (from 50 mm/s; 150 mm/s for 80 mm paper).
"""

from __future__ import annotations

from dataclasses import dataclass

FASTEST_MM_S = 500.0
"""No receipt printer moves paper faster."""

SLOWEST_MM_S = 150.0
"""A printer for 80 mm paper that is slower than this is rare."""

AFTER_S = 1.0
"""Time for the cut and for a report about it, after the paper has moved."""


QUICK_S = 0.1
"""A printer that answers within this time has no noticeable delay; no slip is out so soon."""


@dataclass(frozen=True, slots=True)
class SlipTime:
    """``begun_s``: a moment before the slip's first byte was sent, ``sent_s`` one after its last
    (monotonic). They lie apart where this process stood still in between: on a busy machine.
    ``length_mm``: its least length (``EncodedSlip``). ``answer_s``: the least time in which this
    printer answers anything."""

    begun_s: float
    sent_s: float
    length_mm: float
    answer_s: float = 0.0

    @property
    def paper_s(self) -> float:
        """The slip cannot be out sooner than this time after its first byte was sent."""
        return self.length_mm / FASTEST_MM_S

    @property
    def least_s(self) -> float:
        """An answer that waited for the paper should not come sooner: the printer's own delay,
        which other work of this machine may have lengthened, is in it."""
        return self.paper_s + (self.answer_s if self.answer_s > QUICK_S else 0.0)

    @property
    def paper_done_s(self) -> float:
        """At this moment a slow printer has moved the paper."""
        return self.sent_s + self.length_mm / SLOWEST_MM_S

    @property
    def latest_s(self) -> float:
        """At this moment the slip is out, if nothing went wrong."""
        return self.paper_done_s + AFTER_S
