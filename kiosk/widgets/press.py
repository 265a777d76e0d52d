"""What can be touched, and the rules of touching.

A touch acts when the finger lifts inside the widget on which it came down. Sliding off takes it
back. A touch belongs to one widget and to what that widget meant when it came down: when the
screen changes under the finger, or the widget comes to mean something else, the touch is void.
A second finger, the right or middle button and the wheel do nothing.
"""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty

from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class Touchable(Panel):
    """Calls ``emit(event)`` when pressed; with no ``event`` it is off, in its place.

    ``down`` while a finger holds it; the same frame shows it.
    """

    event = ObjectProperty(None, allownone=True)
    emit = ObjectProperty(None, allownone=True)
    down = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._finger: Any = None
        self._meant: Any = None
        super().__init__(**kwargs)

    def void(self) -> None:
        """Forget the finger that is on it: what it pressed is no longer there."""
        self._finger = None
        self._meant = None
        self.down = False

    def on_event(self, _widget: object, event: object) -> None:
        """It means something else now."""
        if self._finger is not None and event != self._meant:
            self.void()

    def on_touch_down(self, touch: Any) -> bool:
        """Take the finger, unless something within took it."""
        if not self.collide_point(*touch.pos):
            return False
        if super().on_touch_down(touch):
            return True
        if self.event is None or not _plain(touch):
            return False
        if self._finger is None:
            touch.grab(self)
            self._finger, self._meant, self.down = touch, self.event, True
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Show whether lifting the finger here would act."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        if touch is self._finger:
            self.down = bool(self.collide_point(*touch.pos))
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Act, if all is as it was when the finger came down."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        meant, ours = self._meant, touch is self._finger
        if not ours:
            return True
        self.void()
        if meant is not None and self.collide_point(*touch.pos) and self.emit is not None:
            self.emit(meant)
        return True


def _plain(touch: Any) -> bool:
    """A finger, or the left button of a mouse."""
    return getattr(touch, "button", "left") in ("left", None, "") and not getattr(
        touch, "is_mouse_scrolling", False
    )
