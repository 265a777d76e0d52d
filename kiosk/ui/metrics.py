"""Convert millimetres on the screen to pixels of the window.

Sizes of targets and letters are millimetres on the real screen, computed from its diagonal and
resolution. Below a minimum size all lengths are scaled down together, so that the layout stays
intact in a small window on a laptop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiosk.domain.config import ScreenSettings

MM_PER_INCH = 25.4
SHORT_SIDE_MM = 190.0
LONG_SIDE_MM = 300.0
"""The smallest long side that the layouts are made for; below it all sizes are scaled down."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """A screen of ``width_px`` x ``height_px`` whose diagonal measures ``diagonal_inch``."""

    width_px: int
    height_px: int
    diagonal_inch: float

    @staticmethod
    def of(screen: ScreenSettings, window_px: tuple[int, int]) -> Metrics:
        """The metrics of a window on the screen of the settings.

        With a resolution in the settings the window has its true size in millimetres; without
        one it is taken to fill the screen.
        """
        width, height = (max(1, round(n)) for n in window_px)
        whole = screen.resolution_px or (width, height)
        part = math.hypot(width, height) / math.hypot(*whole)
        return Metrics(width, height, screen.diagonal_inch * part)

    def resized(self, window_px: tuple[int, int]) -> Metrics:
        """The metrics of the same screen with another resolution."""
        return Metrics(max(1, round(window_px[0])), max(1, round(window_px[1])), self.diagonal_inch)

    @property
    def px_per_mm(self) -> float:
        """Pixels in a millimetre; fewer than real where the screen is smaller than LONG_SIDE_MM."""
        true = math.hypot(self.width_px, self.height_px) / (self.diagonal_inch * MM_PER_INCH)
        short, long = sorted((self.width_px, self.height_px))
        return min(true, short / SHORT_SIDE_MM, long / LONG_SIDE_MM)

    def mm(self, millimetres: float) -> int:
        """A length in whole pixels, which keeps edges sharp."""
        return round(millimetres * self.px_per_mm)

    @property
    def width_mm(self) -> float:
        """The window's width in the same millimetres as ``mm``."""
        return self.width_px / self.px_per_mm

    @property
    def height_mm(self) -> float:
        """The window's height in the same millimetres as ``mm``."""
        return self.height_px / self.px_per_mm

    @property
    def portrait(self) -> bool:
        """Whether the screen is higher than wide."""
        return self.height_px >= self.width_px
