"""The paper: how many dots and characters stand side by side on it.

Figures for printers of 203 dots an inch, the usual ones, with font A of 12 x 24 dots
(Epson ESC/POS reference, "ESC M"; TM-T20III and TM-m30 specifications: 72 mm of print on
80 mm paper, 48 mm on 58 mm paper).
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.errors import PrinterError

DOTS_PER_MM = 8
"""203 dots an inch."""

CELL_WIDTH = 12
"""Dots of one character of font A, side by side."""
CELL_HEIGHT = 24
"""Dots of one character of font A, one above the other."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One width of paper. ``dots`` can be printed on; ``columns`` are characters of font A."""

    mm: int
    dots: int

    @property
    def columns(self) -> int:
        """Characters of font A on one line."""
        return self.dots // CELL_WIDTH


PAPERS = {80: Paper(80, 576), 58: Paper(58, 384)}
"""The papers that receipt printers take, by their width in millimetres."""


def paper_of(mm: int) -> Paper:
    """The paper of this width; PrinterError for a width that no receipt printer takes."""
    try:
        return PAPERS[mm]
    except KeyError:
        raise PrinterError(f"paper of {mm} mm: only 80 and 58 are known") from None
