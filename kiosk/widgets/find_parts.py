"""Parts of the search screen and of the way to it: field, key of the keyboard, result."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable
from kiosk.widgets.text_fit import measure

load_twin(__file__)

FIELD_TAKEN_MM = 23
"""What the icon and the space around take from the width of the field."""


class FindField(Touchable):
    """The field "Saya mau mengurus …". ``typed`` with a caret, else the ``hint``; with an event it
    is the key that opens the search screen."""

    typed = StringProperty("")
    title = StringProperty("")
    hint = StringProperty("")

    @property
    def words(self) -> str:
        """What is asked, with examples."""
        return f"{self.title} {self.hint}".strip()

    def has_room(self, title: str) -> bool:
        """Whether ``title`` fits without being smaller than plain text."""
        room = self.width - self.look.mm(FIELD_TAKEN_MM)
        return measure(title, "bold", int(self.look.body)) <= room


class LetterKey(Touchable):
    """A key of the keyboard. ``worded``: a word, as on the space bar, not a letter."""

    label = StringProperty("")
    icon = StringProperty("")
    worded = BooleanProperty(False)


class ResultRow(Touchable):
    """A service that answers the search, its agency in the second line (``meta``).

    ``shut``: no numbers now.
    ``plain``: in large text a narrow row has no icon.
    """

    icon = StringProperty("")
    name = StringProperty("")
    meta = StringProperty("")
    shut = BooleanProperty(False)
    plain = BooleanProperty(False)
    closer = NumericProperty(0)
