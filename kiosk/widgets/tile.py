"""An agency's tile on the home screen: icon, short name, one more line."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - named in the kv file
from kiosk.widgets.drawn import load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class AgencyTile(Touchable):
    """``popular`` ones are blue. ``shut``: no numbers now, ``note`` says when again."""

    icon = StringProperty("")
    name = StringProperty("")
    note = StringProperty("")
    popular = BooleanProperty(False)
    shut = BooleanProperty(False)
    blue = BooleanProperty(False)
    chip = NumericProperty(0)
    inset = NumericProperty(0)
