"""Paper: dots and characters across its width, and an estimate of the slips left on a roll.

Figures for printers of 203 dpi with font A of 12 x 24 dots (Epson ESC/POS reference, "ESC M";
TM-T20III and TM-m30 specifications: 72 mm of print on 80 mm paper, 48 mm on 58 mm paper).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.errors import PrinterError

if TYPE_CHECKING:
    from kiosk.printing.pictures import Picture

DOTS_PER_MM = 8
"""203 dpi."""

CELL_WIDTH = 12
"""Width of one character of font A in dots."""
CELL_HEIGHT = 24
"""Height of one character of font A in dots."""

NEAR_END_MM = 2000.0
"""Least length of paper left when the near-end sensor first reports: 23 mm of roll on a core of
18 mm hold 2.5 m of paper 0.065 mm thick (TM-T88 series manuals, "roll paper near-end detector")."""


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

    def __init__(self, paper_mm: int) -> None:
        self._paper_mm = paper_mm
        self._plenty_seen = False
        self._used_mm: float | None = None
        self._slip_mm = 0.0
        self._unmeasured = b""

    @property
    def slips_left(self) -> int | None:
        """An estimate for staff, on the low side; None when there is nothing to go by."""
        if self._used_mm is None or not self._slip_mm:
            return None
        return max(0, int((NEAR_END_MM - self._used_mm) / self._slip_mm))

    def sensor(self, *, near_end: bool) -> None:
        """Take the near-end sensor's state, at each probe."""
        if not near_end:
            self._plenty_seen, self._used_mm = True, None
        elif self._plenty_seen and self._used_mm is None:
            self._used_mm = 0.0

    def printed(self, slip: bytes) -> None:
        """Note that ``slip`` was printed; ``measure`` finds its length when no visitor waits."""
        if self._used_mm is not None:
            self._unmeasured += slip

    def measure(self, stored: Iterable[Picture] = ()) -> None:
        """Draw the slips noted since, to know their lengths.

        ``stored``: the pictures in the printer's memory.
        """
        job, self._unmeasured = self._unmeasured, b""
        if self._used_mm is None or not job:
            return
        # Imported only while the roll is low: it loads the virtual printer.
        from kiosk.printing.slip_preview import print_bytes

        lengths = [piece.height_mm for piece in print_bytes(job, self._paper_mm, stored)]
        self._used_mm += sum(lengths)
        self._slip_mm = max(lengths, default=self._slip_mm)
