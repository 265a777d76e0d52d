"""The design tokens on one screen: millimetres become pixels, heights of capitals font sizes.

Every widget has a ``Look`` and reads all colours and sizes from it. The tokens are in
``kiosk.domain.theme``; a mode is another theme, and another look.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache, cached_property

from kiosk.domain.colours import Palette
from kiosk.domain.theme import NORMAL, Theme
from kiosk.package_data import ASSETS
from kiosk.typeface import Face, read_face
from kiosk.ui.metrics import Metrics

FONTS = {
    "regular": ASSETS / "fonts" / "AtkinsonHyperlegibleNext-Regular.ttf",
    "semibold": ASSETS / "fonts" / "AtkinsonHyperlegibleNext-SemiBold.ttf",
    "bold": ASSETS / "fonts" / "AtkinsonHyperlegibleNext-Bold.ttf",
    "black": ASSETS / "fonts" / "AtkinsonHyperlegibleNext-ExtraBold.ttf",
    "icon": ASSETS / "icons" / "materialdesignicons.ttf",
}
EMBLEM = ASSETS / "images" / "emblem.png"
CODEPOINTS = ASSETS / "icons" / "codepoints.json"


@dataclass(frozen=True)
class Look:
    """A theme on a screen, in pixels."""

    metrics: Metrics = field(default_factory=lambda: Metrics(1080, 1920, 21.5))
    theme: Theme = NORMAL

    @property
    def colour(self) -> Palette:
        """The colours."""
        return self.theme.colours

    def mm(self, millimetres: float) -> int:
        """A length in whole pixels."""
        return self.metrics.mm(millimetres)

    def font(self, cap_mm: float) -> int:
        """The smallest font size in pixels whose capitals are at least ``cap_mm`` high."""
        return max(1, math.ceil(cap_mm * self.metrics.px_per_mm / face().cap_height - 1e-6))

    @cached_property
    def body(self) -> int:
        """Font size of plain text."""
        return self.font(self.theme.sizes.body)

    @cached_property
    def name(self) -> int:
        """Font size of an agency's or service's name."""
        return self.font(self.theme.sizes.name)

    @cached_property
    def heading(self) -> int:
        """Font size of a heading within a screen."""
        return self.font(self.theme.sizes.heading)

    @cached_property
    def title(self) -> int:
        """Font size of a screen's title."""
        return self.font(self.theme.sizes.title)

    @cached_property
    def display(self) -> int:
        """Font size of a screen's main sentence."""
        return self.font(self.theme.sizes.display)

    @cached_property
    def place(self) -> int:
        """Font size of floor and counter."""
        return self.font(self.theme.sizes.place)

    @cached_property
    def hero(self) -> int:
        """Largest font size of the number."""
        return self.font(self.theme.sizes.hero)

    @cached_property
    def least(self) -> int:
        """The smallest font size."""
        return self.font(self.theme.sizes.least)

    def line(self, px: float) -> int:
        """The height of one line of a font size."""
        return math.ceil(px * face().line_height)

    @cached_property
    def margin(self) -> int:
        """Margin at the edges of the screen."""
        return self.mm(self.theme.margin)

    @cached_property
    def gap(self) -> int:
        """Space between targets: at least 5 mm."""
        return math.ceil(self.theme.gap * self.metrics.px_per_mm)

    @cached_property
    def radius(self) -> int:
        """Radius of the corners of cards."""
        return self.mm(self.theme.radius)

    @cached_property
    def chip_radius(self) -> int:
        """Radius of the ground of a tile's icon."""
        return self.mm(self.theme.chip_radius)

    @cached_property
    def emblem_radius(self) -> int:
        """Radius of the ground of the emblem."""
        return self.mm(self.theme.emblem_radius)

    @cached_property
    def demo_radius(self) -> int:
        """Radius of the mark of the demonstration."""
        return self.mm(self.theme.demo_radius)

    @cached_property
    def demo(self) -> int:
        """Font size of the mark of the demonstration."""
        return self.font(self.theme.sizes.demo)

    @cached_property
    def edge(self) -> int:
        """Width of the border of a card that is only read."""
        return self._edge(self.theme.edge)

    @cached_property
    def button_edge(self) -> int:
        """Width of the border of what can be touched and is not filled with the accent.

        At least two pixels: antialiasing halves the contrast of one."""
        return max(2, self._edge(self.theme.button_edge))

    @cached_property
    def main_edge(self) -> int:
        """Width of the border of what is filled with the accent; 0 for none."""
        return self._edge(self.theme.main_edge)

    @cached_property
    def lit_edge(self) -> int:
        """Width of the border of the row to which a search led."""
        return self._edge(self.theme.lit_edge)

    @cached_property
    def focus(self) -> int:
        """Width of each of the two bands of the focus ring."""
        return self._edge(self.theme.focus)

    @cached_property
    def key_edge(self) -> int:
        """Width of the border of the bar's keys; 0 for none."""
        return self._edge(self.theme.key_edge)

    def _edge(self, millimetres: float) -> int:
        return max(1, self.mm(millimetres)) if millimetres else 0

    @cached_property
    def line_px(self) -> int:
        """Height of the coloured line below the header."""
        return self.mm(self.theme.line)

    @cached_property
    def lift(self) -> int:
        """Height of the visible lower edge of a pressable card."""
        return self._edge(self.theme.lift)


@cache
def face() -> Face:
    """The typeface; all weights have the same characters and the same height of capitals."""
    return read_face(FONTS["regular"])
