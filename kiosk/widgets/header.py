"""The head of every screen: where one is, and the time."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import panel, text  # noqa: F401 - named in the kv file
from kiosk.widgets.drawn import Drawn, load_twin

load_twin(__file__)


class Header(Drawn):
    """``icon`` empty shows the emblem. ``mark`` is a word such as DEMO, ``sign`` an
    icon for staff, empty for none."""

    title = StringProperty("")
    subtitle = StringProperty("")
    icon = StringProperty("")
    clock = StringProperty("")
    date = StringProperty("")
    mark = StringProperty("")
    sign = StringProperty("")
    clock_width = NumericProperty(0)
    chip = NumericProperty(0)
    narrow = BooleanProperty(False)
    big = NumericProperty(20)
