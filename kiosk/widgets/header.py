"""The header of every screen: title, date and time."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from kiosk.domain.colours import WHITE
from kiosk.widgets import panel, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin

load_twin(__file__)


class Header(BaseWidget):
    """An empty ``icon`` shows the emblem, of the file ``emblem`` or the kiosk's own.

    ``mark``: a word such as DEMO. ``sign``: an icon for staff; empty for none.

    ``hero``: high enough for a large emblem and title, as in low reach. ``taken``: pixels at the
    bottom that a notice covers; title and date then share one line. ``staff``: amber, so that no
    visitor takes the screen for one of theirs.

    ``single``: in large text everything is in one line, the date where it has room; a notice covers
    all of it (``covered``).
    """

    title = StringProperty("")
    subtitle = StringProperty("")
    icon = StringProperty("")
    emblem = StringProperty("")
    clock = StringProperty("")
    date = StringProperty("")
    mark = StringProperty("")
    sign = StringProperty("")
    taken = NumericProperty(0)
    middle = NumericProperty(0)
    clock_width = NumericProperty(0)
    chip = NumericProperty(0)
    narrow = BooleanProperty(False)
    staff = BooleanProperty(False)
    ink = ColorProperty(WHITE)
    soft_ink = ColorProperty(WHITE)
    hero = BooleanProperty(False)
    single = BooleanProperty(False)
    covered = BooleanProperty(False)
    spare = NumericProperty(0)
    big = NumericProperty(20)
