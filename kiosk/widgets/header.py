"""The head of every screen: where one is, and the time."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import panel, text  # noqa: F401 - named in the kv file
from kiosk.widgets.base import BaseWidget, load_twin

load_twin(__file__)


class Header(BaseWidget):
    """``icon`` empty shows the emblem. ``mark`` is a word such as DEMO, ``sign`` an
    icon for staff, empty for none.

    ``taken``: so many pixels at its foot belong to a notice, and it says the rest in one line.
    """

    title = StringProperty("")
    subtitle = StringProperty("")
    icon = StringProperty("")
    clock = StringProperty("")
    date = StringProperty("")
    mark = StringProperty("")
    sign = StringProperty("")
    taken = NumericProperty(0)
    middle = NumericProperty(0)
    clock_width = NumericProperty(0)
    chip = NumericProperty(0)
    narrow = BooleanProperty(False)
    big = NumericProperty(20)
