"""An agency's tile on the home screen: icon, short name, one line below, and who waits."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from kiosk.domain.colours import BLACK
from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel
from kiosk.widgets.press import Touchable
from kiosk.widgets.text_fit import block_height, measure

load_twin(__file__)

EDGE_MM = 1.0
"""Least millimetres between a tile's texts and its edge, above and below."""

PILL_H = 8.0
"""Height of the pill in millimetres."""


class WaitingPill(Panel):
    """How many people wait, in words: a bare figure would read as a counter's number."""

    words = StringProperty("")
    ink = ColorProperty(BLACK)


class TileGround(Touchable):
    """What a tile shows. ``popular`` tiles are blue. ``shut``: no numbers now; ``note`` says when
    it opens again.

    ``tag``: a word above the note that says that it is shut, where colours do not. ``said``: the
    two as they are drawn. ``brief``: that it is shut in one word.

    ``waiting``: people in words ("48 antre"); empty for zero and unknown. ``lined``: figures may
    come; their place is kept free.
    """

    icon = StringProperty("")
    name = StringProperty("")
    note = StringProperty("")
    popular = BooleanProperty(False)
    shut = BooleanProperty(False)
    tag = StringProperty("")
    said = StringProperty("")
    brief = StringProperty("")
    blue = BooleanProperty(False)
    lined = BooleanProperty(False)
    waiting = StringProperty("")


class AgencyTile(TileGround):
    """The people waiting are beside the note or on a line below it, or left out where neither has
    room: the note stays."""

    place = NumericProperty(0)
    chip = NumericProperty(0)
    inset = NumericProperty(0)
    under = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._pill: Any = None
        super().__init__(**kwargs)
        self._soon = Clock.create_trigger(self._place_pill, -1)
        for name in ("pos", "size", "look", "blue", "waiting", "lined", "name", "note", "tag"):
            self.fbind(name, self._soon)
        for line in (self.ids.name, self.ids.note):
            for name in ("pos", "size", "texture_size"):
                line.fbind(name, self._soon)
        self._soon()

    def _say(self) -> None:
        """The line below the name; the tag above it, or alone where both have no room."""
        look, both = self.look, "\n".join(t for t in (self.tag, self.note) if t)
        two = block_height(2, "semibold", look.body)
        room = self.height - 2 * look.mm(EDGE_MM) - self.ids.name.height
        self.said = self.tag if self.tag and room < two else both

    def _place_pill(self, *_: object) -> None:
        look, name, note = self.look, self.ids.name, self.ids.note
        self._say()
        height = look.mm(PILL_H)
        free = self.height - 2 * look.mm(1.5) - name.height - note.height
        below = self.lined and free >= height + look.mm(0.5)
        self.under = height + look.mm(0.5) if below else 0
        if not self.waiting and self._pill is None:
            return
        # Built at its first use: many menus never need one.
        if self._pill is None:
            self._pill = WaitingPill(look=look, size_hint=(None, None))
            self.add_widget(self._pill)
        pill = self._pill
        pill.look, pill.words = look, self.waiting
        pill.ink = look.colour.featured_pill_ink if self.blue else look.colour.pill_ink
        pill.fill = look.colour.featured_pill if self.blue else look.colour.pill
        width = round(measure(self.waiting, "bold", look.body)) + look.mm(2 * look.theme.pill_pad)
        low = note.center_y - height / 2 - self.y
        beside = note.texture_size[0] + look.mm(3) + width <= name.width and low >= look.mm(1.5)
        pill.opacity = 1 if self.waiting and (below or beside) else 0
        pill.size = (width, height)
        if below:
            pill.pos = (name.x, round(note.y - look.mm(0.5) - height))
        else:
            pill.pos = (round(name.right - width), round(note.center_y - height / 2))
