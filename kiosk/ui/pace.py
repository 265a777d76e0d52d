"""How fast the loop runs: at full pace while somebody acts, at a walk while nobody does.

Kivy's loop turns 60 times a second for ever, and asks SDL for touches at the end of a turn, so
that a touch waits for the whole next turn before it is seen. Here the touches are asked for
right before they are handed out, after the loop's sleep, and a calm loop turns 20 times a
second: a touch is seen within 50 ms, drawn in that same turn, and the loop is fast from then on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.input.provider import MotionEventProvider

ACTIVE_FPS = 60.0
CALM_FPS = 20.0
CALM_AFTER_S = 3.0
"""Without a touch, a post or an animation for this long the loop walks."""

ANIMATION_GAP_S = 0.1
"""Two frames drawn closer than this are an animation; a countdown draws once a second."""


class FreshInput(MotionEventProvider):
    """Asks the window for what the fingers did, in the turn in which it is handed out.

    It stands before the ``mouse`` provider, which then passes on what the window has said.
    """

    def __init__(self, window: Any) -> None:
        super().__init__("fresh", "")
        self._window = window
        self._asking = False

    def update(self, dispatch_fn: Callable[..., None]) -> None:  # noqa: ARG002 - Kivy's signature
        """Let the window read its events. A resize runs a turn from inside: not twice."""
        if self._asking:
            return
        self._asking = True
        try:
            self._window.mainloop()
        finally:
            self._asking = False


class Pace:
    """Sets the loop's pace. ``window`` is Kivy's; ``now`` a monotonic clock in seconds."""

    def __init__(self, window: Any, now: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._now = now
        self._awake_until = 0.0
        self._drawn = float("-inf")
        self._input = FreshInput(window)

    @property
    def calm(self) -> bool:
        """Whether the loop walks."""
        return self._fps() == CALM_FPS

    def start(self) -> None:
        """Begin, at full pace. Kivy's own providers stand already."""
        EventLoop.input_providers.insert(0, self._input)
        for name in ("on_mouse_down", "on_mouse_move", "on_mouse_up"):
            self._window.bind(**{name: self._woken})
        self._window.bind(on_flip=self._flipped)
        self.wake()

    def stop(self) -> None:
        """Leave the loop as it was."""
        EventLoop.remove_input_provider(self._input)
        for name in ("on_mouse_down", "on_mouse_move", "on_mouse_up"):
            self._window.unbind(**{name: self._woken})
        self._window.unbind(on_flip=self._flipped)
        self._set(ACTIVE_FPS)

    def wake(self) -> None:
        """Somebody is there: full pace from the very next turn."""
        self._awake_until = self._now() + CALM_AFTER_S
        self._set(ACTIVE_FPS)

    def settle(self) -> None:
        """To be called now and then: slow down when nothing has happened for a while."""
        if self._now() >= self._awake_until:
            self._set(CALM_FPS)

    def _woken(self, *_: object) -> None:
        self.wake()

    def _flipped(self, *_: object) -> None:
        now = self._now()
        if now - self._drawn < ANIMATION_GAP_S:
            self._awake_until = max(self._awake_until, now + ANIMATION_GAP_S)
        self._drawn = now

    # Kivy reads maxfps once, at import, and has no public way to change it later.
    def _fps(self) -> float:
        return float(Clock._max_fps)  # noqa: SLF001

    def _set(self, fps: float) -> None:
        Clock._max_fps = fps  # noqa: SLF001
