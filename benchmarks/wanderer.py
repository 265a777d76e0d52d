"""Visitors who touch at random what they see, for the benchmark of leaks."""

from __future__ import annotations

import gc
import random
from collections import Counter
from pathlib import Path
from typing import Any

from kivy.core.text import Label as TextTexture
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from benchmarks.common import memory_kib
from kiosk.app.kiosk_app import KioskApp
from kiosk.demo.fingers import Fingers
from kiosk.demo.robot import SkippingClock, is_touchable
from kiosk.demo.timing_port import TimingKioskPort
from kiosk.domain.visit_repeats import REPEAT_S
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
)
from kiosk.domain.visit_state import (
    Visit,
)
from kiosk.widgets.press import Touchable

MOST_TOUCHES = 10
LEAVING_S = 300.0
"""Longer than every idle time of the kiosk, in every mode."""
EARLY = 500
FRAMES = 400
"""Turns of the loop within which the kiosk is home after the visitor left."""


class Wanderer:
    """Makes random visits in ``app``, on which ``begin`` was called."""

    def __init__(
        self, app: KioskApp, window: Any, port: TimingKioskPort, clock: SkippingClock
    ) -> None:
        self._app, self._window, self._port, self._clock = app, window, port, clock
        self._fingers = Fingers(window)
        self._random = random.Random(1)
        self.found: Counter[str] = Counter()
        self._screens: set[str] = set()
        self._modes: set[str] = set()

    def visits(self, count: int) -> dict[str, float]:
        """Make the visits; returns what ``benchmarks/leak.py`` prints."""
        figures: dict[str, float] = {}
        early = min(EARLY, count // 2)
        for number in range(1, count + 1):
            self.wander()
            if number in (early, count):
                when = "early" if number == early else "late"
                sizes = self.sizes() | {"visits": number}
                figures.update({f"{when}_{what}": size for what, size in sizes.items()})
        return figures | {
            "touches": self.found["touches"],
            "numbers": len(self._port.committed_s),
            "screens": len(self._screens),
            "modes": len(self._modes),
        }

    def wander(self) -> None:
        """Make one visit, and leave; the kiosk goes home by itself."""
        self._fingers.attach()
        try:
            self._wander()
        finally:
            self._fingers.detach()

    def _wander(self) -> None:
        for _ in range(self._random.randint(1, MOST_TOUCHES)):
            self._touch()
            self._note(self._app.visit)
        self._clock.ahead_s += LEAVING_S
        for _ in range(FRAMES):
            self._app.frame()
            self._clock.ahead_s += 0.5
            if isinstance(self._app.visit.screen, Agencies | Attract):
                return
        raise SystemExit(f"not home: {self._app.visit.screen}")

    def _note(self, visit: Visit) -> None:
        self._screens.add(type(visit.screen).__name__)
        self._modes.update(mode.value for mode in visit.modes)

    def _touch(self) -> None:
        self._clock.ahead_s += REPEAT_S
        self._app.frame()
        targets = [
            widget
            for root in self._window.children
            for widget in root.walk(restrict=True)
            if isinstance(widget, Touchable) and is_touchable(widget)
        ]
        if not targets:
            return
        widget = self._random.choice(targets)
        x, y = widget.to_window(*widget.center)
        touch = self._fingers.down(x, y)
        self._app.frame()
        self._fingers.up(touch, x, y)
        self.found["touches"] += 1
        self._app.frame()

    def sizes(self) -> dict[str, float]:
        """Private memory in KiB, and how many widgets, textures and open files there are."""
        gc.unfreeze()  # ``kiosk.ui.heap`` hides objects from ``get_objects``
        private = memory_kib()[1]
        kinds = [type(found) for found in gc.get_objects()]
        return {
            "kib": private,
            "widgets": sum(issubclass(kind, Widget) for kind in kinds),
            "textures": sum(issubclass(kind, Texture | TextTexture) for kind in kinds),
            "files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        }
