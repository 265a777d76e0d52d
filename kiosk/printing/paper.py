"""Paper: dots and characters across its width, and an estimate of the slips left on a roll.

Figures for printers of 203 dpi with font A of 12 x 24 dots (Epson ESC/POS reference, "ESC M";
TM-T20III and TM-m30 specifications: 72 mm of print on 80 mm paper, 48 mm on 58 mm paper).
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.errors import PrinterError

DOTS_PER_MM = 8
"""203 dpi."""

CELL_WIDTH = 12
"""Width of one character of font A in dots."""
CELL_HEIGHT = 24
"""Height of one character of font A in dots."""

NEAR_END_MM = 2000.0
"""Least length of paper left when the near-end sensor first reports: 23 mm of roll on a core of
18 mm hold 2.5 m of paper 0.065 mm thick (TM-T88 series manuals, "roll paper near-end detector")."""


CUTTER_MM = 13.0
"""Distance between print head and cutter of Epson TM printers: each slip is fed by it."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One width of paper. ``dots`` is the printable width; ``columns`` counts font A characters."""

    mm: int
    dots: int

    @property
    def columns(self) -> int:
        """Characters of font A on one line."""
        return self.dots // CELL_WIDTH


PAPERS = {80: Paper(80, 576), 58: Paper(58, 384)}
"""The papers of receipt printers, by their width in millimetres."""


def paper_of(mm: int) -> Paper:
    """The paper of this width. Raises PrinterError for another width."""
    try:
        return PAPERS[mm]
    except KeyError:
        raise PrinterError("printer.paper", mm=mm) from None


class RollEstimate:
    """Counts paper from the moment when the near-end sensor is first seen to report.

    ``slips_left`` is None while there is enough paper, and where the sensor already reported at
    the first probe: then the length used since is unknown.
    """

    def __init__(self) -> None:
        self._plenty_seen = False
        self._used_mm: float | None = None
        self._slip_mm = 0.0

    @property
    def slips_left(self) -> int | None:
        """An estimate for staff; None when there is nothing to go by."""
        if self._used_mm is None or not self._slip_mm:
            return None
        return max(0, int((NEAR_END_MM - self._used_mm) / self._slip_mm))

    def sensor(self, *, near_end: bool) -> None:
        """Take the near-end sensor's state, at each probe."""
        if not near_end:
            self._plenty_seen, self._used_mm = True, None
        elif self._plenty_seen and self._used_mm is None:
            self._used_mm = 0.0

    def printed(self, length_mm: float) -> None:
        """Note that a slip of ``length_mm`` was printed, the feed to the cutter not counted."""
        if self._used_mm is not None:
            slip_mm = length_mm + CUTTER_MM
            self._used_mm += slip_mm
            self._slip_mm = max(self._slip_mm, slip_mm)
