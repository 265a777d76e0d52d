"""How fast the loop runs: at full pace while somebody acts, at a walk while nobody does.

Kivy's loop turns 60 times a second for ever, sleeps each turn to its end whatever happens, and
asks SDL for touches last, so that a touch waits for the whole next turn before it is seen. Here
the sleep is cut short by a touch or by news from a worker, the touches are asked for right
before they are handed out, and a loop that nobody needs turns ten times a second. A touch is
seen within 25 ms and drawn in that same turn; idle costs less than a bare window.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.input.provider import MotionEventProvider

from kiosk.ui.sdl import Doorbell

ACTIVE_FPS = 60.0
CALM_FPS = 10.0
DEAF_CALM_FPS = 25.0
"""Where SDL cannot be asked during the sleep."""

CALM_AFTER_S = 3.0
"""Without a touch, news or an animation for this long the loop walks."""

ANIMATION_GAP_S = 0.12
"""Two frames drawn closer than this are an animation; a countdown draws once a second."""

SLICE_S = 0.005
CALM_SLICE_S = 0.025
"""How long a sleep goes on without a look at what came."""

SHORTEST_S = 0.001


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


class FrameRate:
    """Sets the loop's pace. ``window`` is Kivy's; ``now`` a monotonic clock in seconds."""

    def __init__(self, window: Any, now: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._now = now
        self._awake_until = 0.0
        self._drawn = float("-inf")
        self._input = FreshInput(window)
        self._bell = Doorbell()
        self._fps = ACTIVE_FPS
        self._poked = False
        self._sleeping = False

    @property
    def calm(self) -> bool:
        """Whether the loop walks."""
        return self._fps < ACTIVE_FPS

    def start(self) -> None:
        """Begin, at full pace. Kivy's own providers stand already."""
        EventLoop.input_providers.insert(0, self._input)
        self._window.fbind("on_flip", self._flipped)
        Clock.idle = self._idle
        self.wake()

    def stop(self) -> None:
        """Leave the loop as it was."""
        EventLoop.remove_input_provider(self._input)
        self._window.funbind("on_flip", self._flipped)
        del Clock.idle

    def wake(self) -> None:
        """Somebody is there: full pace from now on."""
        self._awake_until = self._now() + CALM_AFTER_S
        self._fps = ACTIVE_FPS

    def poke(self) -> None:
        """There is news for the UI thread: end its sleep. From any thread."""
        self._poked = True

    def settle(self) -> None:
        """To be called now and then: slow down when nothing has happened for a while."""
        if self._now() >= self._awake_until:
            self._fps = DEAF_CALM_FPS if self._bell.deaf else CALM_FPS

    def _flipped(self, *_: object) -> None:
        now = self._now()
        if now - self._drawn < ANIMATION_GAP_S:
            self._awake_until = max(self._awake_until, now + ANIMATION_GAP_S)
        self._drawn = now

    # Kivy calls this in every turn to sleep until the next one, and wants the time noted so.
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

    def _sleep(self, begun: float) -> None:
        """Until the turn is over, or somebody is at the door."""
        while (left := begun + 1 / self._fps - Clock.time()) > SHORTEST_S:
            time.sleep(min(left, CALM_SLICE_S if self.calm else SLICE_S))
            if self._bell.rings():
                self.wake()
                return
            if self._poked:
                self._poked = False
                return
