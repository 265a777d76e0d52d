"""Measurements of any window: press feedback, screen change and idle processor time.

``frame`` runs one turn of the window's event loop, as Kivy's main loop does.
"""

from __future__ import annotations

import gc
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from benchmarks.common import cpu_s, quantile, say
from benchmarks.fingertip import DOWN, UP, MouseInjector, PressDetector

PRESSES = 60
CHANGES = 30
HELD_S = 0.1
APART_S = 1.3
"""A screen accepts touches only after it was in view for half a second."""

WAIT_LIMIT_S = 2.0
SETTLE_S = 5.0
"""Work that a program defers until after its first frame has ended by then."""


def press_feedback(
    window: Any,
    widget: Any,
    frame: Callable[[], None],
    before_press: Callable[[], None] = lambda: None,
) -> None:
    """Press ``widget`` at random moments and report the times until a frame shows the press, in ms.

    ``before_press`` is called before each press. ``read``: time until the event has been read.
    ``turns``: turns of the event loop from reading the event to the frame that shows it.
    """
    reads: list[float] = []
    window.fbind("on_touch_down", lambda *_: reads.append(time.perf_counter()))
    settled = time.perf_counter() + SETTLE_S
    while time.perf_counter() < settled:
        frame()
    mouse, detector = MouseInjector(window), PressDetector(window, widget)
    x, y = widget.to_window(*widget.center)
    rng = random.Random(1)
    times: list[float] = []
    read_times: list[float] = []
    turn_counts: list[int] = []
    for _ in range(PRESSES):
        window.canvas.ask_update()
        detector.forget()
        while detector.frames == 0 or window.canvas.needs_redraw:
            frame()
        frame()
        before_press()
        pressed_at: list[float] = []
        wait_s = rng.uniform(0.1, 0.2)

        def press(wait_s: float = wait_s, pressed_at: list[float] = pressed_at) -> None:
            time.sleep(wait_s)
            pressed_at.append(time.perf_counter())
            mouse.push(DOWN, x, y)

        thread = threading.Thread(target=press)
        thread.start()
        give_up_s = time.perf_counter() + WAIT_LIMIT_S
        reads.clear()
        turns_used = 0
        while not detector.changed:
            if time.perf_counter() > give_up_s:
                raise RuntimeError("no frame showed the press")
            frame()
            turns_used += bool(reads)
        times.append((time.perf_counter() - pressed_at[0]) * 1000)
        read_times.append((reads[0] - pressed_at[0]) * 1000)
        turn_counts.append(turns_used)
        thread.join()
        mouse.slide_off(window.width - 2, 2)
        for _ in range(4):
            frame()
    detector.close()
    say(
        p50=quantile(times, 0.5),
        p95=quantile(times, 0.95),
        max=max(times),
        read=quantile(read_times, 0.5),
        read_max=max(read_times),
        turns=float(max(turn_counts)),
    )


def screen_change(
    window: Any,
    find: Callable[[], Any],
    frame: Callable[[], None],
    shown: Callable[[], bool],
    back: Callable[[], None],
) -> None:
    """Touch the widget of ``find`` and report the times from its release until a frame shows the
    next screen, in ms.

    ``shown``: whether the program is on the next screen; ``back`` returns to the first. The frame
    is the first one after that in which the pixels below the finger are not those of the press.
    """

    def run(seconds: float) -> None:
        end_s = time.perf_counter() + seconds
        while time.perf_counter() < end_s:
            frame()

    run(SETTLE_S)
    mouse = MouseInjector(window)
    rng = random.Random(1)
    times: list[float] = []
    for _ in range(CHANGES):
        widget = find()
        x, y = widget.to_window(*widget.center)
        detector = PressDetector(window, widget)
        mouse.push(DOWN, x, y)
        run(HELD_S)
        detector.forget()
        window.canvas.ask_update()
        while detector.frames == 0 or window.canvas.needs_redraw:
            frame()
        released_at: list[float] = []

        def release(at: list[float] = released_at, x: float = x, y: float = y) -> None:
            time.sleep(rng.uniform(0.0, 0.1))
            at.append(time.perf_counter())
            mouse.push(UP, x, y)

        thread = threading.Thread(target=release)
        thread.start()
        give_up_s = time.perf_counter() + WAIT_LIMIT_S
        while not (shown() and detector.changed):
            if time.perf_counter() > give_up_s:
                raise RuntimeError("no frame showed the next screen")
            frame()
        times.append((time.perf_counter() - released_at[0]) * 1000)
        thread.join()
        detector.close()
        run(APART_S)
        back()
        run(APART_S)
    say(p50=quantile(times, 0.5), p95=quantile(times, 0.95), max=max(times))


def idle_cpu(frame: Callable[[], None], seconds: float) -> None:
    """Run the event loop for ``seconds`` without input; report its processor share in percent."""
    until = time.perf_counter() + SETTLE_S
    while time.perf_counter() < until:
        frame()
    gc.collect()  # garbage of the start must not be collected during the measurement
    used, begun = cpu_s(), time.perf_counter()
    while time.perf_counter() < begun + seconds:
        frame()
    passed = time.perf_counter() - begun
    say(percent=(cpu_s() - used) / passed * 100, seconds=passed)
