"""A dashed edge: four strips of a repeated texture, drawn inside a panel's rectangle."""

from __future__ import annotations

from functools import cache
from typing import Any

from kivy.graphics import Color, InstructionGroup, Rectangle
from kivy.graphics.texture import Texture

from kiosk.domain.colours import CLEAR, WHITE, Colour

DASH_EDGES = 3.0
"""Length of a dash as a multiple of the edge's width."""


class Dashes(InstructionGroup):
    """Instructions for the canvas; ``place`` moves them, ``hide`` draws nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = Color(rgba=WHITE)
        self._strips = [Rectangle(size=(0, 0), texture=_dash()) for _ in range(4)]
        for instruction in (self._colour, *self._strips):
            self.add(instruction)

    def place(self, box: tuple[float, float, float, float], edge: float) -> None:
        """Draw the edges of ``box`` (x, y, width, height), ``edge`` pixels wide.

        Each side begins and ends with a dash."""
        x, y, width, height = box
        across, up = _periods(width, edge), _periods(height, edge)
        flat = (0, 0, across, 0, across, 1, 0, 1)
        upright = (0, 0, 0, 1, up, 1, up, 0)
        bottom, top, left, right = self._strips
        for strip, pos, coords in (
            (bottom, (x, y), flat),
            (top, (x, y + height - edge), flat),
        ):
            strip.pos, strip.size, strip.tex_coords = pos, (width, edge), coords
        for strip, pos in ((left, (x, y)), (right, (x + width - edge, y))):
            strip.pos, strip.size, strip.tex_coords = pos, (edge, height), upright

    def dye(self, shade: Colour) -> None:
        """Draw in another colour."""
        self._colour.rgba = shade

    def hide(self) -> None:
        """Draw nothing."""
        for strip in self._strips:
            strip.size = (0, 0)


def _periods(length: float, edge: float) -> float:
    """Dashes and gaps of about DASH_EDGES edges each, as periods of the texture."""
    dashes = max(2, round((length / (DASH_EDGES * edge) + 1) / 2))
    return dashes - 0.5


@cache
def _dash() -> Any:
    """One dash and one gap, each a texel wide."""
    strip = Texture.create(size=(2, 1), colorfmt="rgba")
    pixels = bytes(round(255 * part) for part in (*WHITE, *CLEAR))
    strip.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    strip.mag_filter = strip.min_filter = "nearest"
    strip.wrap = "repeat"
    return strip
