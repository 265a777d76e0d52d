"""Design tokens: colours, text sizes and spaces of the screens.

Lengths are millimetres on the screen; text sizes are heights of capitals in millimetres. A
``Look`` is a theme on one screen and returns pixels; every widget has one. Another mode (large
text, high contrast) is another ``Theme``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from kiosk.ui.metrics import Metrics
from kiosk.ui.typeface import Face, read_face

Colour = tuple[float, float, float, float]

ASSETS = Path(__file__).resolve().parents[2] / "assets"
FONTS = {
    "regular": ASSETS / "fonts" / "AtkinsonHyperlegibleNext-Regular.ttf",
    "semibold": ASSETS / "fonts" / "AtkinsonHyperlegibleNext-SemiBold.ttf",
    "bold": ASSETS / "fonts" / "AtkinsonHyperlegibleNext-Bold.ttf",
    "black": ASSETS / "fonts" / "AtkinsonHyperlegibleNext-ExtraBold.ttf",
    "icon": ASSETS / "icons" / "materialdesignicons.ttf",
}
EMBLEM = ASSETS / "images" / "emblem.png"
CODEPOINTS = ASSETS / "icons" / "codepoints.json"


def colour(code: str, alpha: float = 1.0) -> Colour:
    """``#RRGGBB`` as red, green, blue and alpha from 0 to 1."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, alpha)


PAIRS = (
    "text on ground",
    "text on surface",
    "text on surface_down",
    "text on quiet_surface",
    "text on good_ground",
    "text on warn_ground",
    "text on accent_soft",
    "soft_text on ground",
    "soft_text on surface",
    "soft_text on surface_down",
    "quiet_text on quiet_surface",
    "quiet_text on quiet_surface_down",
    "quiet_text on quiet_edge",
    "off_text on surface",
    "off_text on ground",
    "accent on ground",
    "accent on surface",
    "accent on surface_down",
    "accent on accent_soft",
    "on_accent on accent",
    "on_accent on accent_down",
    "on_accent on accent_deep",
    "on_accent on on_accent_chip",
    "on_accent_soft on accent",
    "on_accent_soft on accent_down",
    "on_accent_soft on accent_deep",
    "accent_deep on on_accent_soft",
    "good on good_ground",
    "warn on surface",
    "warn on quiet_surface",
    "warn on quiet_surface_down",
    "warn on warn_ground",
)
"""Which text colour is used on which background."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by their purpose."""

    ground: Colour
    surface: Colour
    surface_down: Colour
    quiet_surface: Colour
    quiet_surface_down: Colour
    edge: Colour
    quiet_edge: Colour

    text: Colour
    soft_text: Colour
    quiet_text: Colour
    off_text: Colour

    accent: Colour
    accent_down: Colour
    accent_deep: Colour
    accent_soft: Colour
    on_accent: Colour
    on_accent_soft: Colour
    on_accent_chip: Colour
    light: Colour
    light_deep: Colour

    good: Colour
    good_ground: Colour
    warn: Colour
    warn_ground: Colour
    warn_edge: Colour
    scrim: Colour
    clear: Colour

    def pairs(self) -> dict[str, tuple[Colour, Colour]]:
        """Each text colour with each background that it is used on."""
        named = ((pair, pair.split(" on ")) for pair in PAIRS)
        return {pair: (getattr(self, ink), getattr(self, on)) for pair, (ink, on) in named}


NORMAL_COLOURS = Palette(
    ground=colour("#F2F6FC"),
    surface=colour("#FFFFFF"),
    surface_down=colour("#D6E5FF"),
    quiet_surface=colour("#E8EDF5"),
    quiet_surface_down=colour("#D5DDEA"),
    edge=colour("#C9D5E8"),
    quiet_edge=colour("#D7DEEA"),
    text=colour("#000818"),
    soft_text=colour("#3A4763"),
    quiet_text=colour("#46526B"),
    off_text=colour("#5D6880"),
    accent=colour("#0048C8"),
    accent_down=colour("#002E86"),
    accent_deep=colour("#00338F"),
    accent_soft=colour("#E4EEFF"),
    on_accent=colour("#FFFFFF"),
    on_accent_soft=colour("#DCE9FF"),
    on_accent_chip=colour("#1F62D8"),
    light=colour("#30B8F8"),
    light_deep=colour("#0888F8"),
    good=colour("#075E34"),
    good_ground=colour("#DFF4E8"),
    warn=colour("#7A3E00"),
    warn_ground=colour("#FFEFD6"),
    warn_edge=colour("#E3A95A"),
    scrim=colour("#000818", 0.72),
    clear=(0.0, 0.0, 0.0, 0.0),
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Heights of capitals, in millimetres."""

    body: float = 4.8
    name: float = 5.4
    heading: float = 6.4
    title: float = 8.0
    display: float = 10.5
    place: float = 13.0
    hero: float = 60.0
    least: float = 3.2
    """A name of 300 letters is reduced to this before its end is cut."""


@dataclass(frozen=True, slots=True)
class Theme:
    """All tokens of one mode. Lengths in millimetres."""

    colours: Palette = NORMAL_COLOURS
    sizes: Sizes = field(default_factory=Sizes)
    margin: float = 4.2
    gap: float = 5.0
    radius: float = 3.6
    target: float = 20.0
    main_target: float = 25.0
    edge: float = 0.35
    lift: float = 0.7


NORMAL = Theme()


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
    def edge(self) -> int:
        """The width of a card's border."""
        return max(1, self.mm(self.theme.edge))

    @cached_property
    def lift(self) -> int:
        """Height of the visible lower edge of a pressable card."""
        return max(1, self.mm(self.theme.lift))


@cache
def face() -> Face:
    """The typeface; all weights have the same characters and the same height of capitals."""
    return read_face(FONTS["regular"])


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two opaque colours (WCAG 2.2)."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(shade: Colour) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shade[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
