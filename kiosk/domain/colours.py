"""Colours by purpose, and the contrast between them.

``Palette`` says which colours a theme has, ``TEXT_PAIRS`` and ``EDGE_PAIRS`` which of them meet on
the screen, and ``weakest`` finds the pair that cannot be read. The values are in
``kiosk.domain.theme``. Part of the domain, because ``kiosk check`` measures the contrast of a
site's colours without Kivy.
"""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float, float]
"""Red, green, blue and alpha, from 0 to 1."""

LEAST_TEXT = 4.5
LEAST_EDGE = 3.0
"""Least contrast ratios of a text (WCAG 2.2, 1.4.3) and of a control's edge (1.4.11)."""

LEAST_TEXT_HIGH = 7.0
"""The same for a text in high contrast (1.4.6)."""


def colour(code: str, alpha: float = 1.0) -> Colour:
    """``#RRGGBB`` as red, green, blue and alpha from 0 to 1."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, alpha)


def code_of(shade: Colour) -> str:
    """A colour as ``#RRGGBB``."""
    return "#" + "".join(f"{round(part * 255):02X}" for part in shade[:3])


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2, definition in section 6)."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(shade: Colour) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shade[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


WHITE = colour("#FFFFFF")
BLACK = colour("#000000")
CLEAR: Colour = (0.0, 0.0, 0.0, 0.0)
UNTINTED = WHITE
"""The tint of a picture that is drawn in its own colours."""

TEXT_PAIRS = (
    "text on ground",
    "text on surface",
    "text on control",
    "text on control_down",
    "text on info_ground",
    "text on good_ground",
    "text on warn_ground",
    "text on mark_soft",
    "soft_text on ground",
    "soft_text on surface",
    "soft_text on control",
    "soft_text on control_down",
    "mark on ground",
    "mark on surface",
    "mark on mark_soft",
    "on_mark on mark",
    "warn on surface",
    "good on good_ground",
    "warn on warn_ground",
    "info on info_ground",
    "control_ink on control",
    "control_ink on control_down",
    "control_ink on control_soft",
    "off_text on control",
    "off_text on ground",
    "on_main on main",
    "on_main on main_down",
    "on_chosen on chosen",
    "on_chosen on chosen_down",
    "closed_text on closed",
    "closed_text on closed_down",
    "closed_text on closed_chip",
    "closed_note on closed",
    "closed_note on closed_down",
    "on_featured on featured",
    "on_featured on featured_down",
    "on_featured_soft on featured",
    "on_featured_soft on featured_down",
    "featured_icon on featured_chip",
    "pill_ink on pill",
    "featured_pill_ink on featured_pill",
    "on_place on place",
    "on_place_soft on place",
    "on_header on header_from",
    "on_header on header_to",
    "on_header on header_chip",
    "on_header_soft on header_from",
    "on_header_soft on header_to",
    "on_demo on demo",
    "on_staff on staff",
    "on_staff on staff_chip",
    "code_dark on code_light",
)
"""Which text or icon is drawn on which background."""

EDGE_PAIRS = (
    "control_edge on ground",
    "control_edge on surface",
    "control_edge on control",
    "closed_edge on ground",
    "closed_edge on closed",
    "featured_edge on ground",
    "main_edge on ground",
    "main_edge on surface",
    "chosen_edge on ground",
    "chosen_edge on bar",
    "button_edge on ground",
    "button_edge on surface",
    "focus on ground",
    "focus on surface",
    "focus on focus_ground",
)
"""Which edge of a control is drawn on which background."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by their purpose; ``mark`` is for what is only read, ``control`` for what is touched.

    ``NAME_down``: while a finger holds it. ``on_NAME``: text and icons on it.
    """

    ground: Colour
    surface: Colour
    edge: Colour
    text: Colour
    soft_text: Colour

    mark: Colour
    """The number, icons and titles: the accent where it cannot be touched."""
    mark_soft: Colour
    on_mark: Colour
    track: Colour
    """The part of the countdown bar that is over."""

    control: Colour
    control_down: Colour
    control_soft: Colour
    """A button inside a card."""
    control_edge: Colour
    control_ink: Colour
    button_edge: Colour
    off_text: Colour
    off_edge: Colour

    main: Colour
    main_down: Colour
    main_edge: Colour
    on_main: Colour
    chosen: Colour
    chosen_down: Colour
    chosen_edge: Colour
    on_chosen: Colour

    closed: Colour
    closed_down: Colour
    closed_chip: Colour
    closed_edge: Colour
    closed_text: Colour
    closed_note: Colour

    featured: Colour
    """The tile of a most visited agency."""
    featured_down: Colour
    featured_chip: Colour
    featured_edge: Colour
    featured_icon: Colour
    on_featured: Colour
    on_featured_soft: Colour
    chip: Colour
    """The ground of a tile's icon."""
    pill: Colour
    pill_ink: Colour
    featured_pill: Colour
    featured_pill_ink: Colour

    place: Colour
    place_edge: Colour
    place_light: Colour
    on_place: Colour
    on_place_soft: Colour

    header_from: Colour
    header_to: Colour
    header_line: Colour
    header_chip: Colour
    on_header: Colour
    on_header_soft: Colour
    demo: Colour
    on_demo: Colour
    staff: Colour
    """The header of the staff screen: amber at every site, unlike any of a visitor's."""
    staff_chip: Colour
    on_staff: Colour
    bar: Colour
    bar_line: Colour

    info: Colour
    info_ground: Colour
    info_edge: Colour
    good: Colour
    good_ground: Colour
    good_edge: Colour
    warn: Colour
    warn_ground: Colour
    warn_edge: Colour

    focus: Colour = BLACK
    focus_ground: Colour = WHITE
    """The two bands of the focus ring: around and inside. One of them is seen on any ground."""

    code_dark: Colour = BLACK
    code_light: Colour = WHITE
    clear: Colour = CLEAR

    def pairs(self, names: tuple[str, ...] = TEXT_PAIRS) -> dict[str, tuple[Colour, Colour]]:
        """Each pair of ``names`` ("ink on ground") with its two colours."""
        named = ((pair, pair.split(" on ")) for pair in names)
        return {pair: (getattr(self, ink), getattr(self, on)) for pair, (ink, on) in named}


def weakest(palette: Palette) -> tuple[str, float, float] | None:
    """The pair that misses its least contrast by most: its name ("ink on ground"), its ratio, the
    least one. None where every text has LEAST_TEXT and every edge LEAST_EDGE.
    """
    measured = [
        (pair, contrast(ink, ground), least)
        for names, least in ((TEXT_PAIRS, LEAST_TEXT), (EDGE_PAIRS, LEAST_EDGE))
        for pair, (ink, ground) in palette.pairs(names).items()
    ]
    worst = min(measured, key=lambda one: one[1] / one[2])
    return worst if worst[1] < worst[2] else None
