"""Design tokens: every colour, edge, shadow, radius and size of the screens, in this one file.

Colours are named by their purpose, lengths are millimetres on the glass, text sizes are heights of
capitals in millimetres. Widgets read tokens and hold no value of their own. A mode is another
``Theme``; a site's accent colour is another ``Palette`` (``with_accent``). Which colours there are,
and which of them meet on the screen, is in ``kiosk.domain.colours``.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, field, fields, replace

from kiosk.domain.colours import (
    BLACK,
    LEAST_TEXT,
    WHITE,
    Colour,
    Palette,
    code_of,
    colour,
    contrast,
    weakest,
)
from kiosk.domain.modes import NO_MODES, Mode, Modes

ACCENT = "#0048C8"
_ACCENT = colour(ACCENT)
_DEEP = colour("#00338F")
_DARK = colour("#002E86")
_SOFT = colour("#E4EEFF")
_PALE = colour("#DCE9FF")
_AMBER = colour("#FFB000")
_PALE_AMBER = colour("#FFC94D")

NIGHT_GROUND, NIGHT_INK = BLACK, colour("#9A9A9A")
"""The dark screen outside hours, in every mode: 7.4:1."""

CURTAIN_GROUND, CURTAIN_INK = BLACK, WHITE
"""The screen curtain of speech, in every mode: 21:1."""

NORMAL_COLOURS = Palette(
    ground=colour("#F2F6FC"),
    surface=WHITE,
    edge=colour("#C9D5E8"),
    text=colour("#000818"),
    soft_text=colour("#3A4763"),
    mark=_ACCENT,
    mark_soft=_SOFT,
    on_mark=WHITE,
    track=colour("#C9D5E8"),
    control=WHITE,
    control_down=colour("#D6E5FF"),
    control_soft=_SOFT,
    control_edge=colour("#66759A"),
    control_ink=_ACCENT,
    button_edge=_ACCENT,
    off_text=colour("#5D6880"),
    off_edge=colour("#C9D5E8"),
    main=_ACCENT,
    main_down=_DARK,
    main_edge=_DEEP,
    on_main=WHITE,
    chosen=_ACCENT,
    chosen_down=_DARK,
    chosen_edge=_DEEP,
    on_chosen=WHITE,
    closed=colour("#E8EDF5"),
    closed_down=colour("#D5DDEA"),
    closed_chip=colour("#D7DEEA"),
    closed_edge=colour("#616F8A"),
    closed_text=colour("#46526B"),
    closed_note=colour("#7A3E00"),
    featured=_ACCENT,
    featured_down=_DARK,
    featured_chip=colour("#1F62D8"),
    featured_edge=_DEEP,
    featured_icon=WHITE,
    on_featured=WHITE,
    on_featured_soft=_PALE,
    chip=_SOFT,
    pill=_SOFT,
    pill_ink=_ACCENT,
    featured_pill=_PALE,
    featured_pill_ink=_DEEP,
    place=_ACCENT,
    place_edge=_ACCENT,
    place_light=colour("#30B8F8"),
    on_place=WHITE,
    on_place_soft=_PALE,
    header_from=_DEEP,
    header_to=_ACCENT,
    header_line=colour("#0888F8"),
    header_chip=colour("#1F62D8"),
    on_header=WHITE,
    on_header_soft=_PALE,
    demo=_PALE,
    on_demo=_DEEP,
    staff=_AMBER,
    staff_chip=_PALE_AMBER,
    on_staff=BLACK,
    bar=WHITE,
    bar_line=colour("#C9D5E8"),
    info=_ACCENT,
    info_ground=_SOFT,
    info_edge=_SOFT,
    good=colour("#075E34"),
    good_ground=colour("#DFF4E8"),
    good_edge=colour("#DFF4E8"),
    warn=colour("#7A3E00"),
    warn_ground=colour("#FFEFD6"),
    warn_edge=colour("#E3A95A"),
    focus=_ACCENT,
    focus_ground=WHITE,
)

_YELLOW = colour("#FFD400")
_PRESSED = colour("#403500")
_OFF = colour("#A6A6A6")

HIGH_CONTRAST = Palette(
    ground=BLACK,
    surface=BLACK,
    edge=WHITE,
    text=WHITE,
    soft_text=WHITE,
    mark=WHITE,
    mark_soft=BLACK,
    on_mark=BLACK,
    track=BLACK,
    control=BLACK,
    control_down=_PRESSED,
    control_soft=BLACK,
    control_edge=_YELLOW,
    control_ink=_YELLOW,
    button_edge=_YELLOW,
    off_text=_OFF,
    off_edge=_OFF,
    main=_YELLOW,
    main_down=WHITE,
    main_edge=_YELLOW,
    on_main=BLACK,
    chosen=_YELLOW,
    chosen_down=WHITE,
    chosen_edge=_YELLOW,
    on_chosen=BLACK,
    closed=BLACK,
    closed_down=_PRESSED,
    closed_chip=BLACK,
    closed_edge=_YELLOW,
    closed_text=WHITE,
    closed_note=WHITE,
    featured=BLACK,
    featured_down=_PRESSED,
    featured_chip=BLACK,
    featured_edge=_YELLOW,
    featured_icon=_YELLOW,
    on_featured=WHITE,
    on_featured_soft=WHITE,
    chip=BLACK,
    pill=BLACK,
    pill_ink=WHITE,
    featured_pill=BLACK,
    featured_pill_ink=WHITE,
    place=BLACK,
    place_edge=WHITE,
    place_light=WHITE,
    on_place=WHITE,
    on_place_soft=WHITE,
    header_from=BLACK,
    header_to=BLACK,
    header_line=WHITE,
    header_chip=BLACK,
    on_header=WHITE,
    on_header_soft=WHITE,
    demo=WHITE,
    on_demo=BLACK,
    staff=_YELLOW,
    staff_chip=_YELLOW,
    on_staff=BLACK,
    bar=BLACK,
    bar_line=WHITE,
    info=WHITE,
    info_ground=BLACK,
    info_edge=WHITE,
    good=WHITE,
    good_ground=BLACK,
    good_edge=WHITE,
    warn=WHITE,
    warn_ground=BLACK,
    warn_edge=WHITE,
    focus=WHITE,
    focus_ground=BLACK,
)
"""Black ground, white text; yellow is what can be touched. No tints: a fill means a main action
or a choice that is on."""

# ── a site's own accent ──────────────────────────────────────────────────────────────────

_MIDDLE = colour("#1F62D8")
"""The ground of white icons on the accent."""

_BLUES = frozenset(
    {_ACCENT, _DEEP, _DARK, _SOFT, _PALE, _MIDDLE}
    | {colour(code) for code in ("#D6E5FF", "#30B8F8", "#0888F8")}
)
"""The colours that are shades of the accent."""


def with_accent(palette: Palette, accent: Colour) -> Palette:
    """``palette`` with another accent: each blue gets the accent's hue.

    Darker and lighter blues keep their distance in lightness to the accent (HLS), so that tints
    stay tints. Contrast is not guaranteed: see ``weakest``.
    """
    if accent == _ACCENT:
        return palette
    moved = {shade: _moved(shade, accent) for shade in _BLUES}
    moved[_MIDDLE] = _under_white(moved[_MIDDLE], accent)
    given = {f.name: getattr(palette, f.name) for f in fields(palette)}
    changed = {name: moved[shade] for name, shade in given.items() if shade in moved}
    return replace(palette, **changed)


def _under_white(shade: Colour, accent: Colour) -> Colour:
    """``shade``, or so much nearer to ``accent`` that white icons can be seen on it."""
    for step in range(11):
        part = step / 10
        red, green, blue = (s + (a - s) * part for s, a in zip(shade[:3], accent[:3], strict=True))
        if contrast(WHITE, (red, green, blue, 1.0)) >= LEAST_TEXT:
            return (red, green, blue, 1.0)
    return accent


def readable_accent(accent: Colour) -> Colour:
    """The nearest darker shade of ``accent`` with which every pair has its contrast."""
    hue, light, full = colorsys.rgb_to_hls(*accent[:3])
    for step in range(100):
        red, green, blue = colorsys.hls_to_rgb(hue, light * (1.0 - step / 100), full)
        # As it will be written: in steps of 1/255.
        darker = colour(code_of((red, green, blue, 1.0)))
        if weakest(with_accent(NORMAL_COLOURS, darker)) is None:
            return darker
    return _ACCENT


def _moved(shade: Colour, accent: Colour) -> Colour:
    """``shade`` in the hue of ``accent``, as much lighter or darker than it as it was."""
    if shade == _ACCENT:
        return accent
    hue, light, full = colorsys.rgb_to_hls(*accent[:3])
    was, base = colorsys.rgb_to_hls(*shade[:3])[1], colorsys.rgb_to_hls(*_ACCENT[:3])[1]
    rest = (1.0 - light) * (1.0 - was) / (1.0 - base)
    now = light * was / base if was < base else 1.0 - rest
    red, green, blue = colorsys.hls_to_rgb(hue, now, full)
    return (red, green, blue, 1.0)


# ── lengths ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sizes:
    """Heights of capitals, in millimetres."""

    body: float = 4.8
    name: float = 5.4
    heading: float = 6.4
    title: float = 8.0
    display: float = 10.5
    place: float = 13.0
    place_most: float = 22.0
    sentence: float = 16.0
    sentence_wide: float = 14.0
    sentence_upright: float = 12.0
    sentence_low: float = 11.0
    hero: float = 60.0
    countdown: float = 64.0
    countdown_low: float = 36.0
    demo: float = 3.4
    least: float = 3.2
    """A name of 300 letters is reduced to this before its end is cut."""


LARGE_SIZES = Sizes(
    body=7.3,
    name=8.2,
    heading=8.2,
    title=10.0,
    display=12.0,
    place_most=24.0,
    demo=7.3,
    least=4.8,
)
"""Large text. Few sizes, because Kivy keeps each one for ever; no text is smaller than it is
without the mode."""


@dataclass(frozen=True, slots=True)
class Theme:
    """All tokens of one mode. Lengths in millimetres.

    ``lift``: height of the visible lower edge of a pressable card. ``dashed``: closed controls
    have a dashed edge and say so in a word. ``large``: large text, for which the screens have
    other layouts.
    """

    colours: Palette = NORMAL_COLOURS
    sizes: Sizes = field(default_factory=Sizes)
    margin: float = 4.2
    gap: float = 5.0
    radius: float = 3.6
    chip_radius: float = 3.0
    emblem_radius: float = 4.5
    demo_radius: float = 2.0
    edge: float = 0.35
    button_edge: float = 0.5
    main_edge: float = 0.0
    lit_edge: float = 1.2
    focus: float = 1.5
    key_edge: float = 0.0
    lift: float = 0.7
    pill_pad: float = 2.5
    line: float = 0.9
    dashed: bool = False
    large: bool = False


NORMAL = Theme()


HIGH_EDGE = 1.0


def theme_of(modes: Modes = NO_MODES, accent: str = "") -> Theme:
    """The theme of ``modes``, in the site's ``accent`` (``#RRGGBB``) if it has one.

    High contrast has colours of its own: no site's accent, no shadows. Large text has sizes of its
    own; both combine.
    """
    theme = NORMAL
    if Mode.CONTRAST in modes:
        theme = replace(
            theme,
            colours=HIGH_CONTRAST,
            edge=HIGH_EDGE,
            button_edge=HIGH_EDGE,
            main_edge=HIGH_EDGE,
            lit_edge=2.5 * HIGH_EDGE,
            key_edge=HIGH_EDGE,
            lift=0.0,
            pill_pad=0.0,
            dashed=True,
        )
    elif accent:
        theme = replace(theme, colours=with_accent(NORMAL_COLOURS, colour(accent)))
    if Mode.LARGE in modes:
        theme = replace(theme, sizes=LARGE_SIZES, large=True)
    return theme
