"""A toggle among several, for a priority group."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class Chip(Touchable):
    """``chosen`` is shown by a tick as well as by the fill: never by colour alone. ``icon``: its
    picture. ``opens``: a key that opens the choice, which has no box while nothing is chosen.
    ``px``: font size, 0 for that of plain text."""

    label = StringProperty("")
    icon = StringProperty("")
    chosen = BooleanProperty(False)
    opens = BooleanProperty(False)
    px = NumericProperty(0)
