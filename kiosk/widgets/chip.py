"""A toggle among several, for a priority group."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class Chip(Touchable):
    """``chosen`` is shown by a tick as well as by the fill: never by colour alone."""

    label = StringProperty("")
    chosen = BooleanProperty(False)
