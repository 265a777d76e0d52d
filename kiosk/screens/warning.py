"""The idle warning, which covers the screen: are you still there?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty

from kiosk.domain.events import Event, Touched
from kiosk.screens.screen_view import ViewContext
from kiosk.widgets import button, panel, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.press import Touchable

load_twin(__file__)


class IdleWarning(Touchable):
    """Covers the screen; a touch anywhere ends the warning."""

    title = StringProperty("")
    seconds = StringProperty("")
    text = StringProperty("")

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit=emit, event=Touched(), **kwargs)
        self.ids.stay.emit = emit
        self.ids.stay.event = Touched()
        self._view_context: ViewContext | None = None

    def tell(self, context: ViewContext) -> None:
        """Set the texts in the visit's language."""
        self._view_context = context
        self.title = context.phrases.say("idle.title")
        self.ids.stay.label = context.phrases.say("idle.more")
        self.count(context.left_s)

    def count(self, left_s: int | None) -> None:
        """Show the remaining seconds."""
        if self._view_context is None:
            return
        self.seconds = str(left_s or 0)
        self.text = self._view_context.phrases.say("idle.text", s=left_s or 0)

    def on_touch_down(self, touch: Any) -> bool:
        """Take every touch, so that nothing below can be pressed."""
        super().on_touch_down(touch)
        return True
