"""Filters touches before they reach any widget.

Kivy asks its event managers before the widgets. This one drops right and middle clicks and touches
above a rate limit. A touch that was held while the screen changed is moved off the screen: the
widget that grabbed it sees a finger that slid off, and the next screen does not see it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from kivy.eventmanager import EventManagerBase

TOUCHES_A_SECOND = 16
"""Rate limit. More come from a tremor or a broken panel, and would keep the loop busy drawing."""

_SCREEN = "kiosk.screen"
_OFF = -1.0


class TouchGuard(EventManagerBase):
    """Passes valid touches on.

    ``screen`` returns a number that changes with every screen. ``touched`` is called at the begin
    and before the end of every valid touch.
    """

    type_ids = ("touch",)

    def __init__(
        self,
        screen: Callable[[], int],
        touched: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._screen = screen
        self._touched = touched
        self._now = now
        self._recent: deque[float] = deque(maxlen=TOUCHES_A_SECOND)

    def dispatch(self, etype: str, me: Any) -> bool:
        """Whether the touch is dropped (Kivy's event manager protocol)."""
        if etype == "begin":
            return self._begin(me)
        screen = me.ud.get(_SCREEN)
        if screen is None:
            return True
        if etype == "end":
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
            return True
        self._recent.append(now)
        self._touched("begin")
        me.ud[_SCREEN] = self._screen()
        return False
