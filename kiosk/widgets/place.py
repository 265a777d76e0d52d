"""Card: where to wait, with floor and counter in large letters."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel
from kiosk.widgets.text_fit import Box, fit

load_twin(__file__)


class PlaceCard(Panel):
    """``floor`` and ``counter`` in words ("Lantai 1"); either may be empty.

    In a ``low`` card the two take most of the height. ``stacked``: one below the other, both in
    the largest size at which both fit (``px``).
    """

    where = StringProperty("")
    floor = StringProperty("")
    counter = StringProperty("")
    stacked = BooleanProperty(False)
    low = BooleanProperty(False)
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
        most, sizes = self.look.font(self.look.theme.sizes.place_most), []
        for line in (self.ids.floor, self.ids.counter):
            box = Box(line.width, line.height, most, self.look.least, 1, trim=True)
            sizes.append(fit(line.text, line.weight, box).px)
        self.px = min(sizes)
