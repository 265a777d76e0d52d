"""A choice among several that can be taken back: a priority group."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - named in the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class Chip(Touchable):
    """``chosen`` shows as a tick and a full ground, not by colour alone."""

    label = StringProperty("")
    chosen = BooleanProperty(False)
