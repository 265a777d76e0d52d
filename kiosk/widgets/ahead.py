"""Card: how many people are ahead of a number, and the estimated wait."""

from __future__ import annotations

from kivy.properties import StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class AheadCard(Panel):
    """``people`` in words ("12 orang", "Anda berikutnya"); empty hides the card.

    ``title`` is above it and ``wait`` below; either may be empty.
    """

    title = StringProperty("")
    people = StringProperty("")
    wait = StringProperty("")
