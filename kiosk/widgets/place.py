"""Where to wait: floor and counter, large."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - named in the kv file
from kiosk.widgets.drawn import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class PlaceCard(Panel):
    """``floor`` and ``counter`` as whole words ("Lantai 1"); either may be empty."""

    where = StringProperty("")
    floor = StringProperty("")
    counter = StringProperty("")
    stacked = BooleanProperty(False)
    both = BooleanProperty(False)
