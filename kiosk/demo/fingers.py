"""Simulated fingers for the off-screen demo, the tests and the benchmarks.

``Fingers`` is an input provider of Kivy's loop, like a touchscreen's driver: its touches pass the
touch guard and the window, and reach the widget at that point.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from kivy.base import EventLoop
from kivy.input.motionevent import MotionEvent
from kivy.input.provider import MotionEventProvider


class FingerTouch(MotionEvent):
    """One finger. Positions are parts of the window from 0 to 1, from the lower left."""

    def __init__(self, device: str, number: int, place: tuple[float, float]) -> None:
        super().__init__(device, number, place, is_touch=True, type_id="touch")

    def depack(self, args: tuple[float, float]) -> None:
        """Take a position (Kivy's protocol)."""
        self.profile = ("pos",)
        self.sx, self.sy = args
        super().depack(args)


class Fingers(MotionEventProvider):
    """Touches the window. Positions are pixels from the lower left."""

    def __init__(self, window: Any) -> None:
        super().__init__("fingers", "")
        self._window = window
        self._numbers = count(1)
        self._waiting: deque[tuple[str, FingerTouch, tuple[float, float]]] = deque()

    def attach(self) -> None:
        """Register as an input provider of the loop."""
        EventLoop.add_input_provider(self)

    def detach(self) -> None:
        """Unregister as an input provider."""
        EventLoop.remove_input_provider(self)

    def down(self, x: float, y: float) -> FingerTouch:
        """Put a finger down, in the loop's next turn."""
        place = self._place(x, y)
        touch = FingerTouch(self.device, next(self._numbers), place)
        self._waiting.append(("begin", touch, place))
        return touch

    def move(self, touch: FingerTouch, x: float, y: float) -> None:
        """Slide a finger that is down."""
        self._waiting.append(("update", touch, self._place(x, y)))

    def up(self, touch: FingerTouch, x: float, y: float) -> None:
        """Lift a finger."""
        self._waiting.append(("end", touch, self._place(x, y)))

    def tap(self, x: float, y: float) -> None:
        """Put a finger down and lift it at the same position."""
        self.up(self.down(x, y), x, y)

    def update(self, dispatch_fn: Callable[[str, FingerTouch], None]) -> None:
        """Dispatch the queued touches (Kivy's protocol): one change of each finger in a turn."""
        later: deque[tuple[str, FingerTouch, tuple[float, float]]] = deque()
        moved: set[int] = set()
        while self._waiting:
            kind, touch, place = self._waiting.popleft()
            if touch.id in moved:
                later.append((kind, touch, place))
                continue
            moved.add(touch.id)
            if kind != "begin":
                touch.move(place)
            if kind == "end":
                touch.update_time_end()
            dispatch_fn(kind, touch)
        self._waiting = later

    def _place(self, x: float, y: float) -> tuple[float, float]:
        width, height = self._window.size
        return x / max(1, width - 1), y / max(1, height - 1)
