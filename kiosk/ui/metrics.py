"""Millimetres on the glass to pixels of the window.

Sizes for fingers and eyes are in millimetres of the real screen, from its diagonal and
resolution. A screen smaller than any a kiosk should have is treated as a reduced picture of the
smallest one that is right, so that everything stays in place on a laptop's little window too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiosk.domain.config import ScreenSettings

MM_PER_INCH = 25.4
SHORT_SIDE_MM = 190.0
LONG_SIDE_MM = 300.0
"""The least that the layouts are made for; below it all sizes shrink together."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """A screen of ``width_px`` x ``height_px`` whose diagonal measures ``diagonal_inch``."""

    width_px: int
    height_px: int
    diagonal_inch: float

    @staticmethod
    def of(screen: ScreenSettings, window_px: tuple[int, int]) -> Metrics:
        """For a window on the screen of the settings.

        With a resolution in the settings the window keeps its true size in millimetres; without
        one the window counts as the whole screen.
        """
        width, height = (max(1, round(n)) for n in window_px)
        whole = screen.resolution_px or (width, height)
        part = math.hypot(width, height) / math.hypot(*whole)
        return Metrics(width, height, screen.diagonal_inch * part)

    def resized(self, window_px: tuple[int, int]) -> Metrics:
        """For the same glass, with a window of another size that fills it."""
        return Metrics(max(1, round(window_px[0])), max(1, round(window_px[1])), self.diagonal_inch)

    @property
    def px_per_mm(self) -> float:
        """Pixels in a millimetre; fewer than in a true one where the screen is too small."""
        true = math.hypot(self.width_px, self.height_px) / (self.diagonal_inch * MM_PER_INCH)
        short, long = sorted((self.width_px, self.height_px))
        return min(true, short / SHORT_SIDE_MM, long / LONG_SIDE_MM)

    def mm(self, millimetres: float) -> int:
        """A length in whole pixels, so that edges stay sharp."""
        return round(millimetres * self.px_per_mm)

    @property
    def width_mm(self) -> float:
        """The window's width in the millimetres that ``mm`` takes."""
        return self.width_px / self.px_per_mm

    @property
    def height_mm(self) -> float:
        """The window's height likewise."""
        return self.height_px / self.px_per_mm

    @property
    def portrait(self) -> bool:
        """Whether the screen stands upright."""
        return self.height_px >= self.width_px
