"""How many people are ahead of a number, and for how long."""

from __future__ import annotations

from kivy.properties import StringProperty

from kiosk.widgets import text  # noqa: F401 - named in the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class AheadCard(Panel):
    """``people`` as words ("12 orang", "Anda berikutnya"); without any the card is not there.

    ``title`` and ``wait`` stand above and below, either may be empty.
    """

    title = StringProperty("")
    people = StringProperty("")
    wait = StringProperty("")
