"""An agency's tile in large text: icon, name, and as much of the line below as has room in full.

Nothing is reduced below the size of plain text. The first arrangement that fits is taken: name in
its own size or that of plain text, on one line or two; the line below whole, else its first words
up to a comma, else left out. A closed tile always says so: it gives up its icon instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kivy.clock import Clock
from kivy.properties import ListProperty, NumericProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.text_fit import Box, block_height, fit, measure
from kiosk.widgets.tile import TileGround, WaitingPill

load_twin(__file__)

ABOVE_BELOW_MM = 102.0
"""On a narrower tile the icon is above the name, not beside it."""

CHIPS_MM = ((150.0, 50.0, 26.0), (120.0, 0.0, 17.0), (0.0, 0.0, 12.0))
CHIP_MM_ABOVE = 9.3
"""Side of the icon's ground: beside the name by the tile's least width and height; above it."""

INSET_MM = 3.0
EDGE_MM = 1.3
"""Least millimetres between what is drawn and the tile's upper and lower edge."""

PILL_MM, PILL_MM_ABOVE = 12.0, 9.5
"""Height of the people waiting: as a pill, and as bare words beside an icon above the name."""

CLOSER = 0.18
"""Lines overlap by this part of the font size: a line has that much empty space above it."""

ABOVE_CAPS, BELOW_LETTERS = 0.31, 0.08
"""Empty parts of a line above its capitals and below its letters, as parts of the font size."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One way to show a tile; lengths in pixels. ``icon``: 0 without one."""

    px: int
    lines: int
    said: str
    icon: int
    above: bool


class LargeTile(TileGround):
    """The people waiting are at the right of an icon above the name, or below the other lines, or
    left out."""

    chip = NumericProperty(0)
    chip_pos = ListProperty([0, 0])

    def __init__(self, **kwargs: Any) -> None:
        self._pill: Any = None
        super().__init__(**kwargs)
        self._soon = Clock.create_trigger(self._place_parts, -1)
        for name in ("pos", "size", "look", "shut", "waiting", "name", "note", "tag", "blue"):
            self.fbind(name, self._soon)
        self._soon()

    def _place_parts(self, *_: object) -> None:
        chosen = next((a for a in self._ways() if self._fits(a)), None) or self._last_resort()
        look, name, note = self.look, self.ids.name, self.ids.note
        mm = look.mm
        beside = 0 if chosen.above or not chosen.icon else chosen.icon + mm(INSET_MM)
        left, width = self.x + mm(INSET_MM) + beside, self._width(chosen)
        self.said, self.chip = chosen.said, chosen.icon
        name.px = chosen.px
        name.lines, name.width, name.x = max(2, chosen.lines), width, left
        name.least = look.body if chosen.lines < 3 else 0
        name.height = block_height(min(2, chosen.lines), "bold", chosen.px)
        note.lines, note.least = chosen.said.count("\n") + 1, look.body
        note.width, note.x = width, left
        note.height = block_height(note.lines, note.weight, look.body) if chosen.said else 0
        under = self._under(chosen)
        y = round(self.center_y + self._drawn(chosen, under) / 2)  # the upper edge of what is drawn
        if chosen.above and chosen.icon:
            self.chip_pos = (left, y - chosen.icon)
            y -= chosen.icon + mm(1)
        else:
            self.chip_pos = (self.x + mm(INSET_MM), round(self.center_y - chosen.icon / 2))
        name.y = round(y + ABOVE_CAPS * chosen.px - name.height)
        note.y = round(name.y + CLOSER * look.body - note.height)
        self._place_pill(chosen, under)

    def _ways(self) -> Iterator[Arrangement]:
        """The arrangements, the best first."""
        look = self.look
        above = self.width < look.mm(ABOVE_BELOW_MM)
        chips = (
            c for w, h, c in CHIPS_MM if self.width >= look.mm(w) and self.height >= look.mm(h)
        )
        icon = look.mm(CHIP_MM_ABOVE if above else next(chips))
        names = ((look.name, 1), (look.name, 2), (look.body, 1), (look.body, 2))
        for size in (icon, 0) if self.shut else (icon,):
            for said in self._notes():
                for px, lines in names:
                    yield Arrangement(px, lines, said, size, above)
        for size in (0, icon) if self.shut else (icon, 0):
            for said in ("",) if not self.shut else self._notes()[-1:]:
                for px, lines in names:
                    yield Arrangement(px, lines, said, size, above)

    def _notes(self) -> list[str]:
        """The line below the name in shorter and shorter wordings."""
        both = "\n".join(t for t in (self.tag, self.note) if t)
        if self.tag:
            return [both, self.tag]
        if self.shut:
            return [self.note, *_halves(self.note), *([self.brief] if self.brief else [])]
        words = [w.strip() for w in self.note.split(",")]
        return [", ".join(words[:n]) for n in range(len(words), 0, -1)]

    def _width(self, way: Arrangement) -> float:
        """The width of the lines."""
        beside = 0 if way.above or not way.icon else way.icon + self.look.mm(INSET_MM)
        return self.width - 2 * self.look.mm(INSET_MM) - beside

    def _fits(self, way: Arrangement) -> bool:
        look, width = self.look, self._width(way)
        box = Box(width, 10_000, way.px, way.px, way.lines)
        fitted = fit(self.name, "bold", box)
        if fitted.cut or len(fitted.lines) > way.lines or _broken(self.name, way.px, width):
            return False
        weight = "semibold" if self.shut else "regular"
        if any(measure(t, weight, int(look.body)) > width for t in way.said.split("\n")):
            return False
        return self._drawn(way) <= self.height - 2 * look.mm(EDGE_MM)

    def _drawn(self, way: Arrangement, under: float = 0.0) -> float:
        """The height from the first line's capitals, or the icon, to the last line's letters."""
        body = int(self.look.body)
        height = block_height(min(2, way.lines), "bold", way.px) - ABOVE_CAPS * way.px
        last = way.px
        if way.said:
            weight = "semibold" if self.shut else "regular"
            height += block_height(way.said.count("\n") + 1, weight, body) - CLOSER * body
            last = body
        if way.above and way.icon:
            height += way.icon + self.look.mm(1)
        return height - BELOW_LETTERS * last + under

    def _last_resort(self) -> Arrangement:
        """A name longer than any of a real menu: reduced, without anything else but "closed"."""
        said = self._notes()[-1] if self.shut else ""
        return Arrangement(int(self.look.body), 3, said, 0, above=True)

    def _under(self, way: Arrangement) -> float:
        """The height of a line for the people waiting below the others; 0 where it has no room."""
        pill = self.look.mm(PILL_MM + 1)
        free = self.height - 2 * self.look.mm(EDGE_MM) - self._drawn(way)
        return pill if self.lined and not self.shut and not way.above and free >= pill else 0

    def _place_pill(self, way: Arrangement, under: float) -> None:
        if not self.waiting and self._pill is None:
            return
        look, name, note = self.look, self.ids.name, self.ids.note
        if self._pill is None:
            self._pill = WaitingPill(look=look, size_hint=(None, None))
            self.add_widget(self._pill)
        pill = self._pill
        pill.look, pill.words = look, self.waiting
        colour, bare = look.colour, way.above
        pill.ink = colour.featured_pill_ink if self.blue else colour.pill_ink
        pill.fill = colour.featured_pill if self.blue else colour.pill
        if bare:
            pill.ink = colour.on_featured if self.blue else colour.pill_ink
            pill.fill = colour.clear
        pad = 0 if bare else look.mm(2 * look.theme.pill_pad)
        width = round(measure(self.waiting, "bold", look.body)) + pad
        pill.size = (width, look.mm(PILL_MM_ABOVE if bare else PILL_MM))
        pill.opacity = 1 if self.waiting else 0
        right = self.right - look.mm(INSET_MM)
        if way.above and way.icon and width <= self._width(way) - way.icon - look.mm(INSET_MM):
            pill.pos = (
                round(right - width),
                round(self.ids.icon.center_y - pill.height / 2 + look.mm(1.2)),
            )
        elif under:
            low = note if way.said else name
            pill.pos = (name.x, round(low.y - pill.height))
        elif self._room_beside(way) >= width + look.mm(INSET_MM):
            line = note if way.said else name
            pill.pos = (round(right - width), round(line.center_y - pill.height / 2))
        else:
            pill.opacity = 0

    def _room_beside(self, way: Arrangement) -> float:
        """The free width at the right of the last line."""
        if way.said:
            return self._width(way) - measure(way.said, "regular", int(self.look.body))
        return self._width(way) - measure(self.name, "bold", way.px) if way.lines == 1 else 0.0


def _halves(note: str) -> list[str]:
    """``note`` on two lines, for each place at which it can be broken."""
    words = note.split()
    return [f"{' '.join(words[:n])}\n{' '.join(words[n:])}" for n in range(len(words) - 1, 0, -1)]


def _broken(name: str, px: int, width: float) -> bool:
    """Whether a word of the name is wider than the line."""
    return any(measure(word, "bold", px) > width for word in name.split())
