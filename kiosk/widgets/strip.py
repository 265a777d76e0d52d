"""A status strip: ticket being printed, ticket printed, paper out."""

from __future__ import annotations

from kivy.properties import OptionProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel
from kiosk.widgets.text_fit import Box, fit

load_twin(__file__)


class Strip(Panel):
    """``title`` and, below it, ``text``. The icon carries the same meaning as the colour."""

    mood = OptionProperty("info", options=["info", "good", "warn"])
    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")

    def whole(self, words: str, width: float, height: float) -> str:
        """In large text ``words``, if all fit ``width`` and ``height`` in pixels; else none.

        Lines keep 3 mm of their empty parts outside the strip."""
        body = int(self.look.body)
        box = Box(width, height + self.look.mm(3), body, body, 3)
        return "" if fit(words, "regular", box).cut else words
