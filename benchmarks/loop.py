"""What is measured in either window, whatever it shows: presses, memory, idle CPU.

``frame`` turns the window's loop once, as Kivy's own main loop does.
"""

from __future__ import annotations

import gc
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from benchmarks.common import cpu_s, quantile, say
from benchmarks.fingertip import DOWN, UP, Eye, Fingertip

PRESSES = 60
PATIENCE_S = 2.0
SETTLE_S = 5.0
"""What a program does after its first frame is over by then."""


def press_feedback(
    window: Any,
    widget: Any,
    frame: Callable[[], None],
    calm: Callable[[], None] = lambda: None,
) -> None:
    """Press ``widget`` at random moments, and say how long it took to be seen.

    ``calm`` is called before each press. ``read`` is when the program had read it; the turns of
    its loop from that one to the drawn one are ``turns``.
    """
    reads: list[float] = []
    window.fbind("on_touch_down", lambda *_: reads.append(time.perf_counter()))
    settled = time.perf_counter() + SETTLE_S
    while time.perf_counter() < settled:
        frame()
    finger, eye = Fingertip(window), Eye(window, widget)
    x, y = widget.to_window(*widget.center)
    chance = random.Random(1)
    times: list[float] = []
    heard: list[float] = []
    turns: list[int] = []
    for _ in range(PRESSES):
        window.canvas.ask_update()
        eye.forget()
        while eye.frames == 0 or window.canvas.needs_redraw:
            frame()
        frame()
        calm()
        pressed: list[float] = []
        wait_s = chance.uniform(0.1, 0.2)

        def press(wait_s: float = wait_s, pressed: list[float] = pressed) -> None:
            time.sleep(wait_s)
            pressed.append(time.perf_counter())
            finger.push(DOWN, x, y)

        thread = threading.Thread(target=press)
        thread.start()
        late = time.perf_counter() + PATIENCE_S
        reads.clear()
        taken = 0
        while not eye.changed:
            if time.perf_counter() > late:
                raise RuntimeError("the press was never seen")
            frame()
            taken += bool(reads)
        times.append((time.perf_counter() - pressed[0]) * 1000)
        heard.append((reads[0] - pressed[0]) * 1000)
        turns.append(taken)
        thread.join()
        finger.push(UP, window.width - 2, 2)
        for _ in range(4):
            frame()
    eye.close()
    say(
        p50=quantile(times, 0.5),
        p95=quantile(times, 0.95),
        max=max(times),
        read=quantile(heard, 0.5),
        read_max=max(heard),
        turns=float(max(turns)),
    )


def idle_cpu(frame: Callable[[], None], seconds: float) -> None:
    """Turn the loop for ``seconds`` with nobody there; say the CPU it took, in percent."""
    until = time.perf_counter() + SETTLE_S
    while time.perf_counter() < until:
        frame()
    gc.collect()  # what the start left behind is none of the idle time's
    used, begun = cpu_s(), time.perf_counter()
    while time.perf_counter() < begun + seconds:
        frame()
    passed = time.perf_counter() - begun
    say(percent=(cpu_s() - used) / passed * 100, seconds=passed)
