"""Filters touches before they reach any widget, and measures them.

Kivy asks its event managers before the widgets. This one drops right and middle clicks and touches
above a rate limit. A touch that was held while the screen changed is moved off the screen: the
widget that grabbed it sees a finger that slid off, and the next screen does not see it.

``visit.step`` ignores unintended repeats. It needs to know when a finger came down and how far from
earlier releases: ``touch`` holds this while the widgets handle the release.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.eventmanager import EventManagerBase

from kiosk.domain.visit_state import (
    Touch,
)

TOUCHES_A_SECOND = 16
"""Rate limit. More come from a tremor or a broken panel, and would keep the loop busy drawing."""

RELEASES = 10
RECENT_S = 15.0
"""A touch is compared with this many releases, none older than RECENT_S: longer than the desk
may take to answer a touch with another screen."""

_SCREEN = "kiosk.screen"
_BEGAN = "kiosk.began"
_OFF = -1.0


@dataclass(frozen=True, slots=True)
class _Release:
    """Where and when a finger was lifted: millimetres from the window's corner."""

    at_s: float
    x_mm: float
    y_mm: float


class TouchGuard(EventManagerBase):
    """Passes valid touches on.

    ``screen`` returns a number that changes with every screen. ``touched`` is called at the begin
    and before the end of every valid touch. ``window_mm`` returns the window's width and height.
    ``dropped`` is called for each touch above the rate limit.
    """

    type_ids = ("touch",)

    def __init__(
        self,
        screen: Callable[[], int],
        touched: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
        window_mm: Callable[[], tuple[float, float]] = lambda: (1.0, 1.0),
        dropped: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self._screen = screen
        self._touched = touched
        self._now = now
        self._window_mm = window_mm
        self._dropped = dropped
        self._recent: deque[float] = deque(maxlen=TOUCHES_A_SECOND)
        self._releases: deque[_Release] = deque(maxlen=RELEASES)
        self.touch: Touch | None = None

    def dispatch(self, etype: str, me: Any) -> bool:
        """Whether the touch is dropped (Kivy's event manager protocol)."""
        if etype == "begin":
            return self._begin(me)
        screen = me.ud.get(_SCREEN)
        if screen is None:
            return True
        if etype == "end":
            self.touch = self._measured(me)
            self._touched(etype)
        if screen == self._screen():
            return False
        me.sx = me.sy = _OFF
        return True

    def _begin(self, me: Any) -> bool:
        if getattr(me, "button", "left") not in ("left", None, ""):
            return True
        now = self._now()
        if len(self._recent) == TOUCHES_A_SECOND and now - self._recent[0] < 1.0:
            self._dropped()
            return True
        self._recent.append(now)
        self._touched("begin")
        me.ud[_SCREEN] = self._screen()
        me.ud[_BEGAN] = now
        return False

    def _measured(self, me: Any) -> Touch:
        """The touch that ends here, compared with the releases before it."""
        now, (width, height) = self._now(), self._window_mm()
        here = _Release(now, me.sx * width, me.sy * height)
        apart = min(
            (
                math.hypot(here.x_mm - r.x_mm, here.y_mm - r.y_mm)
                for r in self._releases
                if now - r.at_s <= RECENT_S
            ),
            default=math.inf,
        )
        self._releases.append(here)
        return Touch(me.ud[_BEGAN], apart)
