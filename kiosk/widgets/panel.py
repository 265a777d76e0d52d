"""A rounded surface with a border: the background of cards, tiles and buttons."""

from __future__ import annotations

import math
from typing import Any

from kivy.clock import Clock
from kivy.graphics import BorderImage, Color
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty

from kiosk.domain.theme import CLEAR, UNTINTED, WHITE
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.surface import Surface, picture

load_twin(__file__)


class Panel(BaseWidget):
    """``fill`` inside a border of colour ``edge``. ``lift``: show a lower edge."""

    fill = ColorProperty(WHITE)
    edge = ColorProperty(CLEAR)
    radius = NumericProperty(0)
    edge_px = NumericProperty(0)
    lift = NumericProperty(0)
    dashed = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._soon = Clock.create_trigger(self._draw, -1)
        super().__init__(**kwargs)
        with self.canvas.before:
            Color(*UNTINTED)
            self._ground = BorderImage(size=(0, 0))
        for name in ("pos", "size", "fill", "edge", "radius", "edge_px", "lift"):
            self.fbind(name, self._soon)
        self._soon()

    def _draw(self, *_: object) -> None:
        radius = min(self.radius, self.width / 2, self.height / 2)
        if self.width < 1 or self.height < 1:
            self._ground.size = (0, 0)
            return
        lift = math.ceil(self.lift)
        surface = Surface(tuple(self.fill), tuple(self.edge), radius, self.edge_px, lift)
        corner, spare = surface.corner, surface.spare
        self._ground.texture = picture(surface)
        self._ground.border = (corner + lift, corner, corner, corner)
        self._ground.pos = (self.x - spare, self.y - lift - spare)
        self._ground.size = (self.width + 2 * spare, self.height + lift + 2 * spare)
