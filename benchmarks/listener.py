"""Touches in speech mode and the sounds that follow, for the benchmark of the start of speech."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.common import quantile
from kiosk.app.kiosk_app import KioskApp
from kiosk.demo.fingers import Fingers
from kiosk.demo.robot import SkippingClock, is_touchable
from kiosk.domain.events import AgencyChosen, ModeToggled
from kiosk.domain.modes import Mode
from kiosk.domain.visit_repeats import REPEAT_S
from kiosk.ui.sound import Speaker

WAIT_S = 5.0
SETTLING_S = 1.0


def sounds(app: KioskApp, window: Any, clock: SkippingClock, touches: int) -> dict[str, float]:
    """Switch speech on and touch a tile ``touches`` times; times in milliseconds."""
    played: list[float] = []
    play = Speaker.play

    def noted(speaker: Speaker, samples: bytes, level: int) -> bool:
        plays = play(speaker, samples, level)
        if plays:
            played.append(time.perf_counter())
        return plays

    Speaker.play = noted  # type: ignore[method-assign,assignment]
    fingers, times = Fingers(window), []
    fingers.attach()
    try:
        _touch(app, fingers, _targets(window, ModeToggled(Mode.SPEECH))[0])
        _settle(app)
        tiles = _targets(window, AgencyChosen)
        for number in range(touches):
            clock.ahead_s += REPEAT_S
            before = len(played)
            began = _touch(app, fingers, tiles[number % len(tiles)])
            until = began + WAIT_S
            while len(played) == before and time.perf_counter() < until:
                app.frame()
            if len(played) > before:
                times.append((played[before] - began) * 1000)
            _settle(app)
    finally:
        fingers.detach()
        Speaker.play = play  # type: ignore[method-assign]
    if not times:
        return {"heard": 0, "p50": 0, "p95": 0}
    return {"heard": len(times), "p50": quantile(times, 0.5), "p95": quantile(times, 0.95)}


def _targets(window: Any, wanted: Any) -> list[Any]:
    """The visible targets with this event, or with an event of this class."""
    return [
        widget
        for root in window.children
        for widget in root.walk(restrict=True)
        if is_touchable(widget)
        and (event := getattr(widget, "event", None)) is not None
        and (isinstance(event, wanted) if isinstance(wanted, type) else event == wanted)
    ]


def _touch(app: KioskApp, fingers: Fingers, widget: Any) -> float:
    """Touch the centre of ``widget``; returns when the finger came down."""
    x, y = widget.to_window(*widget.center)
    touch, began = fingers.down(x, y), time.perf_counter()
    app.frame()
    fingers.up(touch, x, y)
    app.frame()
    return began


def _settle(app: KioskApp) -> None:
    """Turn the loop until the next process waits for its sentence."""
    until = time.perf_counter() + SETTLING_S
    while time.perf_counter() < until:
        app.frame()
