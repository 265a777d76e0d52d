"""A rounded surface with a border: the background of cards, tiles and buttons."""

from __future__ import annotations

import math
from typing import Any

from kivy.clock import Clock
from kivy.graphics import BorderImage, Color
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty

from kiosk.domain.colours import CLEAR, UNTINTED, WHITE
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.dashes import Dashes
from kiosk.widgets.surface import Surface, picture

load_twin(__file__)


class Panel(BaseWidget):
    """``fill`` inside a border of colour ``edge``. ``lift``: show a lower edge.

    ``dashed``: a dashed border with square corners. ``radius``, ``edge_px``: in pixels; None: those
    of the look. A kv rule of this class must not read those: it runs again with each change of the
    look, and would replace the constant that a rule of a subclass or of a screen has set.
    """

    fill = ColorProperty(WHITE)
    edge = ColorProperty(CLEAR)
    radius = NumericProperty(None, allownone=True)
    edge_px = NumericProperty(None, allownone=True)
    lift = NumericProperty(0)
    dashed = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._soon = Clock.create_trigger(self._draw, -1)
        self._dashes: Dashes | None = None
        super().__init__(**kwargs)
        with self.canvas.before:
            Color(*UNTINTED)
            self._ground = BorderImage(size=(0, 0))
        for name in ("look", "pos", "size", "fill", "edge", "radius", "edge_px", "lift", "dashed"):
            self.fbind(name, self._soon)
        self._soon()

    @property
    def usual_edge_px(self) -> float:
        """The border's width where ``edge_px`` is None."""
        return float(self.look.edge)

    @property
    def border_px(self) -> float:
        """The width of the border as it is drawn."""
        return self.usual_edge_px if self.edge_px is None else float(self.edge_px)

    def _draw(self, *_: object) -> None:
        radius = self.look.radius if self.radius is None else self.radius
        radius = min(radius, self.width / 2, self.height / 2)
        if self.width < 1 or self.height < 1:
            self._ground.size = (0, 0)
            if self._dashes is not None:
                self._dashes.hide()
            return
        lift = math.ceil(self.lift)
        edge = CLEAR if self.dashed else tuple(self.edge)
        surface = Surface(tuple(self.fill), edge, radius, self.border_px, lift)
        corner, spare = surface.corner, surface.spare
        self._ground.texture = picture(surface)
        self._ground.border = (corner + lift, corner, corner, corner)
        self._ground.pos = (self.x - spare, self.y - lift - spare)
        self._ground.size = (self.width + 2 * spare, self.height + lift + 2 * spare)
        self._draw_dashes()

    def _draw_dashes(self) -> None:
        if self._dashes is None:
            if not self.dashed:
                return
            self._dashes = Dashes()
            self.canvas.before.add(self._dashes)
        if not self.dashed:
            self._dashes.hide()
            return
        self._dashes.dye(tuple(self.edge))
        self._dashes.place((*self.pos, *self.size), self.border_px)
