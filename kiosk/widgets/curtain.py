"""The screen curtain: a black screen for a visitor who listens and does not want to be read along.

It takes no touch: what lies below is explored and pressed as before.
"""

from __future__ import annotations

from kivy.properties import StringProperty

from kiosk.widgets import text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin

load_twin(__file__)


class Curtain(BaseWidget):
    """``said``: why the screen is dark, for those who come next."""

    said = StringProperty("")
