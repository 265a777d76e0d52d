"""Parts of the staff screen: a line of the machine's state, and a key with a label and a note."""

from __future__ import annotations

from kivy.properties import BooleanProperty, OptionProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel
from kiosk.widgets.press import Touchable

load_twin(__file__)


class StateRow(Panel):
    """``title`` and, below it, ``text``. The icon carries the same meaning as the colour.

    ``big``: in larger letters, where there is room."""

    big = BooleanProperty(False)
    mood = OptionProperty("info", options=["info", "good", "warn"])
    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")


class StaffKey(Touchable):
    """A key with up to four lines of ``label`` and a ``note`` below. ``main``: the main action of
    the page; ``chosen``: one of several that is on, with a tick."""

    label = StringProperty("")
    note = StringProperty("")
    icon = StringProperty("")
    main = BooleanProperty(False)
    chosen = BooleanProperty(False)
