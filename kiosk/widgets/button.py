"""A button with a label and an icon: the main one in blue, others as outlines."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - named in the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class WideButton(Touchable):
    """``main`` is the one thing to do on a screen, ``flat`` one beside others in a card.

    ``icon`` may be empty; ``trailing`` puts it after the label.
    """

    label = StringProperty("")
    icon = StringProperty("")
    main = BooleanProperty(False)
    flat = BooleanProperty(False)
    trailing = BooleanProperty(False)
    px = NumericProperty(24)
