"""Card: where to wait, with floor and counter in large letters."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel
from kiosk.widgets.text import Text
from kiosk.widgets.text_fit import Box, FittedText, fit

load_twin(__file__)


class PlaceCard(Panel):
    """``floor`` and ``counter`` in words ("Lantai 1"); either may be empty.

    In a ``low`` card the two take most of the height. ``stacked``: one below the other, both in
    the largest size at which both fit (``px``). ``bare``: in large text a card that is not high
    enough for its title has none; a narrow one is ``plain``, without an icon.
    """

    where = StringProperty("")
    floor = StringProperty("")
    counter = StringProperty("")
    stacked = BooleanProperty(False)
    low = BooleanProperty(False)
    bare = BooleanProperty(False)
    plain = BooleanProperty(False)
    exact = NumericProperty(0)
    foot = NumericProperty(0)
    both = BooleanProperty(False)
    px = NumericProperty(20)

    def __init__(self, **kwargs: Any) -> None:
        self._evenly = Clock.create_trigger(self._even, -1)
        super().__init__(**kwargs)

    def on_kv_post(self, _base: object) -> None:
        """Called by Kivy when the kv rules have been applied."""
        for line in (self.ids.floor, self.ids.counter):
            for name in ("text", "size"):
                line.fbind(name, self._evenly)
        self._evenly()

    def _even(self, *_: object) -> None:
        look, lines = self.look, (self.ids.floor, self.ids.counter)
        most = look.font(look.theme.sizes.place_most)

        def size(line: Text, least: int) -> FittedText:
            box = Box(line.width, line.height, most, least, 1, trim=True)
            return fit(line.text, line.weight, box)

        # In large text exactly this size where it fits; usually the next smaller large one.
        exact = look.theme.large and not any(size(line, most).cut for line in lines)
        self.exact = most if exact else 0
        self.px = most if exact else min(size(line, look.least).px for line in lines)
