"""A rounded surface with a border: the ground of cards, tiles and buttons."""

from __future__ import annotations

from kivy.properties import ColorProperty, NumericProperty

from kiosk.widgets.drawn import Drawn, load_twin

load_twin(__file__)


class Panel(Drawn):
    """``fill`` within ``edge``; ``lift`` lets the lower edge show, as of something to press."""

    fill = ColorProperty((1, 1, 1, 1))
    edge = ColorProperty((0, 0, 0, 0))
    radius = NumericProperty(0)
    edge_px = NumericProperty(0)
    lift = NumericProperty(0)
