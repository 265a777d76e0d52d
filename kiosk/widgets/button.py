"""A button with label and icon: filled blue for the main action, outlined for others."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class WideButton(Touchable):
    """``main``: the main action of a screen. ``flat``: a button inside a card.

    ``icon`` may be empty; ``mark`` is it where it has room: in large text a narrow button has only
    its words; ``trailing`` puts it after the label. ``shut``: no numbers now, it
    opens the reason.
    """

    label = StringProperty("")
    icon = StringProperty("")
    mark = StringProperty("")
    main = BooleanProperty(False)
    shut = BooleanProperty(False)
    flat = BooleanProperty(False)
    trailing = BooleanProperty(False)
    px = NumericProperty(24)
