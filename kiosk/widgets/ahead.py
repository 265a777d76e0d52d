"""Card: how many people are ahead of a number and the estimated wait, side by side."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class AheadCard(Panel):
    """``people`` in words ("12 orang", "Anda berikutnya"); empty hides the card.

    ``title`` is above it. ``wait`` is beside it with its own title; empty gives ``people`` the
    whole width. ``stacked``: in a narrow card the wait is below the people.
    ``alert``: that the wait may be too long; in place of a title,
    in a stacked card in place of the wait. ``large``: in large text two lines, or four in a narrow
    card.
    """

    title = StringProperty("")
    people = StringProperty("")
    wait_title = StringProperty("")
    wait = StringProperty("")
    alert = StringProperty("")
    stacked = BooleanProperty(False)
    large = BooleanProperty(False)
    half = NumericProperty(0)
