"""A strip that says how something stands: paper on its way, ticket printed, paper out."""

from __future__ import annotations

from kivy.properties import OptionProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - named in the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class Strip(Panel):
    """``title`` and, below it, ``text``; the icon repeats what the colour says."""

    mood = OptionProperty("info", options=["info", "good", "warn"])
    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
