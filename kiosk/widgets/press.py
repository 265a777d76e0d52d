"""Base of every pressable widget, and the rules of a press.

* A press acts on release, inside the widget on which it began; sliding off cancels it.
* It acts with the event that the widget had when the press began. If the screen or the widget's
  event changes before the release, the press is void.
* A key of the keypad holds and releases a widget under the same rules. A finger takes the press
  over: the release of a key is lost when its keypad is unplugged.
* A second finger, the right or middle mouse button and the wheel are ignored.
"""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty

from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel

load_twin(__file__)


class Touchable(Panel):
    """Calls ``emit(event)`` when pressed; without an ``event`` it is disabled but visible.

    ``down`` is True while a finger holds it, and is drawn in the same frame.
    """

    spoken = ""
    """What it is and does, where the label says too little without the rest of the screen."""

    event = ObjectProperty(None, allownone=True)
    emit = ObjectProperty(None, allownone=True)
    down = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._finger: Any = None
        self._meant: Any = None
        super().__init__(**kwargs)

    @property
    def usual_edge_px(self) -> float:
        """That of a button."""
        return float(self.look.button_edge)

    @property
    def words(self) -> str:
        """What is read aloud for it."""
        return self.spoken or str(getattr(self, "label", ""))

    @property
    def works(self) -> bool:
        """Whether it is on the screen and does something."""
        return self.event is not None and self.parent is not None

    def hold(self) -> None:
        """Begin a press by a key, unless a finger holds it. ``release`` ends it."""
        if self.event is not None and self._finger is None:
            self._finger, self._meant, self.down = _KEY, self.event, True

    def release(self) -> None:
        """End the press by a key: emit the event, if the press is still valid."""
        if self._finger is not _KEY:
            return
        meant = self._meant
        self.void()
        if meant is not None and self.emit is not None:
            self.emit(meant)

    def cancel_hold(self) -> None:
        """Cancel the press by a key; the press of a finger goes on."""
        if self._finger is _KEY:
            self.void()

    def void(self) -> None:
        """Cancel the press under way: its target is no longer on the screen."""
        self._finger = None
        self._meant = None
        self.down = False

    def on_event(self, _widget: object, event: object) -> None:
        """Cancel a press under way when the event changes: it was meant for the old one."""
        if self._finger is not None and event != self._meant:
            self.void()

    def on_touch_down(self, touch: Any) -> bool:
        """Begin a press, unless a child widget takes the touch."""
        if not self.collide_point(*touch.pos):
            return False
        if super().on_touch_down(touch):
            return True
        if self.event is None or not _plain(touch):
            return False
        if self._finger is None or self._finger is _KEY:
            touch.grab(self)
            self._finger, self._meant, self.down = touch, self.event, True
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Show whether a release at this point would act."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        if touch is self._finger:
            self.down = bool(self.collide_point(*touch.pos))
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Emit the event, if the press is still valid."""
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


_KEY = object()
"""In place of a finger: a key of the keypad holds the widget."""


def _plain(touch: Any) -> bool:
    """Whether the touch is a finger or the left button of a mouse."""
    return getattr(touch, "button", "left") in ("left", None, "") and not getattr(
        touch, "is_mouse_scrolling", False
    )
