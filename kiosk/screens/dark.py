"""The dark screen outside hours: the time, when the site opens, and a hand that touches.

Grey on black, on another place each minute: no picture burns into the panel. Nothing on it can be
touched: the application wakes it at the end of any touch.
"""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty

from kiosk.screens.screen_view import ScreenView, ViewContext
from kiosk.ui.opening_phrases import OpeningPhrases
from kiosk.widgets import panel, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.reading import Reading, nonempty

load_twin(__file__)

PLACES = 7
"""The texts move through this many heights, and through twice as many minutes back and forth."""


class DarkView(ScreenView):
    """Covers the whole screen."""

    alone = True

    time = StringProperty("")
    opens = StringProperty("")
    high = NumericProperty(0.5)
    """Height of the middle of the texts, as a part of the screen's."""

    def fill(self, context: ViewContext) -> None:
        """Show the texts of this minute."""
        snapshot, phrases = context.snapshot, context.phrases
        self.time = phrases.time(snapshot.now)
        closed = snapshot.site_closed
        self.opens = ""
        if closed is not None:
            said = OpeningPhrases(phrases).site_closed(closed, snapshot.now)
            self.opens = said.text or said.title
        step = (snapshot.now.hour * 60 + snapshot.now.minute) % (2 * PLACES)
        place = min(step, 2 * PLACES - 1 - step)
        self.high = 0.25 + 0.5 * place / (PLACES - 1)

    def reading(self) -> Reading:
        """The texts; nothing can be reached."""
        return Reading(notes=nonempty(self.time, self.opens))
