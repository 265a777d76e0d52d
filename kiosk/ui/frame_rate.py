"""Adapt the loop's frame rate: 60 turns a second while in use, 5 while idle.

Kivy's loop turns 60 times a second without end, always sleeps a turn to its end, and polls SDL
after it has handed out the touches, so that a touch waits one whole turn before it is seen.
``FrameRate`` changes three things: a pending touch or a posted event ends the sleep early; touches
are polled right before they are handed out; and an idle loop slows down. A touch is seen within
20 ms and drawn in the same turn, and an idle kiosk uses less CPU than a bare Kivy window.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.input.provider import MotionEventProvider

from kiosk.ui.native import SdlEventQueue

ACTIVE_FPS = 60.0
IDLE_FPS = 5.0
IDLE_FPS_WITHOUT_SDL = 25.0
"""Idle rate where SDL's queue cannot be read during the sleep."""

IDLE_AFTER_S = 3.0
"""The loop slows down after this long without a touch, a posted event or an animation."""

ANIMATION_GAP_S = 1.1 / IDLE_FPS
"""Two frames closer than this belong to an animation: if it begins while the loop is idle, its
first frames are one idle turn apart. The app's tick, four times a second, is none."""

SLICE_S = 0.005
IDLE_SLICE_S = 0.020
"""A sleep is cut into slices of this length; SDL's queue is checked after each."""

SHORTEST_S = 0.001


class FreshInput(MotionEventProvider):
    """Polls the window's events in the same turn in which they are handed out.

    It must come before the ``mouse`` provider, which passes on what the window has read.
    """

    def __init__(self, window: Any) -> None:
        super().__init__("fresh", "")
        self._window = window
        self._polling = False

    def update(self, dispatch_fn: Callable[..., None]) -> None:  # noqa: ARG002 - Kivy's signature
        """Have the window read its events. Not reentrant: a resize runs a turn from inside."""
        if self._polling:
            return
        self._polling = True
        try:
            self._window.mainloop()
        finally:
            self._polling = False


class FrameRate:
    """Controls how long the loop sleeps. ``window`` is Kivy's; ``now`` a monotonic clock in
    seconds."""

    def __init__(self, window: Any, now: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._now = now
        self._active_until_s = 0.0
        self._last_flip_s = float("-inf")
        self._input = FreshInput(window)
        self._events = SdlEventQueue()
        self._fps = ACTIVE_FPS
        self._interrupted = False
        self._sleeping = False

    @property
    def idle(self) -> bool:
        """Whether the loop runs at its idle rate."""
        return self._fps < ACTIVE_FPS

    def start(self) -> None:
        """Take over the loop's sleep, at the active rate. Call after Kivy's own providers exist."""
        EventLoop.input_providers.insert(0, self._input)
        self._window.fbind("on_flip", self._flipped)
        Clock.idle = self._idle
        self.wake()

    def stop(self) -> None:
        """Restore Kivy's own sleep."""
        EventLoop.remove_input_provider(self._input)
        self._window.funbind("on_flip", self._flipped)
        del Clock.idle

    def wake(self) -> None:
        """Return to the active rate, for IDLE_AFTER_S seconds at least. UI thread only."""
        self._active_until_s = self._now() + IDLE_AFTER_S
        self._fps = ACTIVE_FPS

    def interrupt(self) -> None:
        """End the present sleep: an event was posted to the UI thread. From any thread."""
        self._interrupted = True

    def slow_down_when_idle(self) -> None:
        """Change to the idle rate when nothing has happened for IDLE_AFTER_S. Call periodically."""
        if self._now() >= self._active_until_s:
            self._fps = IDLE_FPS if self._events.available else IDLE_FPS_WITHOUT_SDL

    def _flipped(self, *_: object) -> None:
        now = self._now()
        if now - self._last_flip_s < ANIMATION_GAP_S:
            self._active_until_s = max(self._active_until_s, now + ANIMATION_GAP_S)
        self._last_flip_s = now

    # Replaces kivy.clock.Clock.idle, which sleeps until the next turn and records its time.
    def _idle(self) -> float:
        if not self._sleeping:
            self._sleeping = True
            try:
                self._sleep(Clock.get_time())
            finally:
                self._sleeping = False
        current = float(Clock.time())
        Clock._dt = current - Clock._last_tick  # noqa: SLF001
        Clock._last_tick = current  # noqa: SLF001
        return current

    def _sleep(self, turn_began_s: float) -> None:
        """Sleep until the turn is over, an SDL event is pending, or ``interrupt`` was called."""
        while (left := turn_began_s + 1 / self._fps - Clock.time()) > SHORTEST_S:
            time.sleep(min(left, IDLE_SLICE_S if self.idle else SLICE_S))
            if self._events.pending():
                self.wake()
                return
            if self._interrupted:
                self._interrupted = False
                return
