"""A target that acts when a finger has been held on it: the emblem, which opens the staff screen.

A shorter press does nothing. A ring around the emblem fills while it is held, so that staff see
that the machine follows, and a curious visitor that something would happen.
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Line
from kivy.properties import NumericProperty, ObjectProperty

from kiosk.domain.colours import CLEAR
from kiosk.widgets.base import BaseWidget

HOLD_S = 3.0
SHOWN_AFTER_S = 0.4
"""A usual touch shows no ring."""
TURN_S = 1 / 30
LONGEST_TURN_S = 0.1
"""A turn of a stalled loop counts for no more: the finger may have been lifted meanwhile, which the
loop would see only after it."""
WHOLE = 360


class HoldTarget(BaseWidget):
    """Calls ``emit(event)`` when the first finger has stayed on it for HOLD_S; without an ``event``
    it takes no touches. ``part``: how much of the ring is filled, 0 to 1."""

    event = ObjectProperty(None, allownone=True)
    emit = ObjectProperty(None, allownone=True)
    part = NumericProperty(0.0)

    def __init__(self, **kwargs: Any) -> None:
        self._finger: Any = None
        self._held_s = 0.0
        self._turns: Any = None
        super().__init__(**kwargs)
        with self.canvas:
            self._colour = Color(rgba=CLEAR)
            self._ring = Line(circle=(0, 0, 1, 0, 0), width=1)
        for name in ("pos", "size", "look", "part"):
            self.fbind(name, self._draw)

    def void(self) -> None:
        """Cancel the press under way."""
        if self._turns is not None:
            self._turns.cancel()
        self._finger = self._turns = None
        self.part = 0.0

    def on_event(self, _widget: object, event: object) -> None:
        """Cancel the press when the target is switched off."""
        if event is None:
            self.void()

    def on_touch_down(self, touch: Any) -> bool:
        """Begin a press."""
        if self.event is None or not self.collide_point(*touch.pos):
            return False
        if self._finger is None and not getattr(touch, "is_mouse_scrolling", False):
            touch.grab(self)
            self._finger, self._held_s = touch, 0.0
            self._turns = Clock.schedule_interval(self._turn, TURN_S)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """A finger that slides off cancels the press."""
        if touch.grab_current is not self:
            return False
        if touch is self._finger and not self.collide_point(*touch.pos):
            self.void()
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """A finger that is lifted cancels the press."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        if touch is self._finger:
            self.void()
        return True

    def _turn(self, dt: float) -> None:
        self._held_s += min(dt, LONGEST_TURN_S)
        held_s, event = self._held_s, self.event
        if held_s < HOLD_S:
            self.part = held_s / HOLD_S if held_s >= SHOWN_AFTER_S else 0.0
            return
        self.void()
        if event is not None and self.emit is not None:
            self.emit(event)

    def _draw(self, *_: object) -> None:
        ink = self.look.colour.on_header if self.part else CLEAR
        self._colour.rgba = ink
        width = self.look.mm(0.8)
        radius = max(1.0, min(self.size) / 2 - width)
        self._ring.width = max(1.0, width)
        self._ring.circle = (*self.center, radius, 0, WHOLE * self.part)
