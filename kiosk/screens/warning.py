"""The idle warning, a whole screen: are you still there?

Its buttons lie where the bar was: there is nothing beneath them that gives a number, so a second
touch on the same spot after the warning has gone gives none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import NumericProperty, StringProperty

from kiosk.domain.events import Event, RestartTapped, Touched
from kiosk.domain.visit import may_leave
from kiosk.screens.screen_view import ViewContext
from kiosk.widgets import button, panel, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable
from kiosk.widgets.reading import Reading, nonempty, reachable

load_twin(__file__)


class IdleWarning(Touchable):
    """Covers the screen; a touch anywhere ends the warning."""

    title = StringProperty("")
    seconds = StringProperty("")
    text = StringProperty("")
    low = NumericProperty(0)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit=emit, event=Touched(), **kwargs)
        self.ids.stay.emit = emit
        self.ids.stay.event = Touched()
        self.ids.restart.emit = emit
        self._view_context: ViewContext | None = None

    def tell(self, context: ViewContext) -> None:
        """Set the texts in the visit's language."""
        self._view_context = context
        self.title = context.phrases.say("idle.title")
        self.ids.stay.label = context.phrases.say("idle.more")
        # A number without a proved slip stays until its visitor has noted it.
        left = may_leave(context.visit.screen)
        self.ids.restart.event = RestartTapped() if left else None
        self.ids.restart.label = context.phrases.say("idle.restart") if left else ""
        self.count(context.left_s)

    def reading(self) -> Reading:
        """The question, and its two answers; the focus begins at the one that goes on."""
        items = reachable(self.ids.restart, self.ids.stay)
        return Reading(self.title, nonempty(self.text), items, start=len(items) - 1)

    def count(self, left_s: int | None) -> None:
        """Show the remaining seconds."""
        if self._view_context is None:
            return
        self.seconds = str(left_s or 0)
        say = self._view_context.phrases.say
        self.text = say("idle.text_one") if left_s == 1 else say("idle.text", s=left_s or 0)

    def on_touch_down(self, touch: Any) -> bool:
        """Take every touch, so that nothing below can be pressed."""
        super().on_touch_down(touch)
        return True
