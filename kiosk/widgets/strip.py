"""A status strip: ticket being printed, ticket printed, paper out."""

from __future__ import annotations

from kivy.properties import OptionProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class Strip(Panel):
    """``title`` and, below it, ``text``. The icon carries the same meaning as the colour."""

    mood = OptionProperty("info", options=["info", "good", "warn"])
    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
