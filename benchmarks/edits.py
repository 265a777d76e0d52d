"""The measured part of ``menu_edit.py``: rename an agency, and wait for the frame that shows it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kivy.clock import Clock

from benchmarks.common import quantile, say
from kiosk.domain.events import AgencyChosen
from kiosk.runtime import Kiosk

if TYPE_CHECKING:
    from kiosk.demo.robot import Robot

APART_S = 5.0
"""An edit comes at a random moment of this time: of the interval between two exchanges with the
server, and of many looks at the settings folder."""

WAIT_LIMIT_S = 60.0


class Edits:
    """Renames the first agency of ``menu`` again and again; ``robot`` reads the screen."""

    def __init__(self, kiosk: Kiosk, app: Any, robot: Robot, menu: Path) -> None:
        self._app, self._robot = app, robot
        self._chosen = AgencyChosen(kiosk.settings.catalogue.agencies[0].code)
        self._name = self._shown()
        self._text = menu.read_text(encoding="utf-8")
        self._random = random.Random(1)
        self._turn_began_s = time.monotonic()
        self._slept, Clock.idle = Clock.idle, self._note_turn

    def report(self, **ways: tuple[Path, int, Callable[[Path], None]]) -> None:
        """Say the times of each way: the file to write, how often, and what is done after it.

        ``p50``, ``p95``, ``max``: seconds from the write to the frame. ``turn_ms``: the longest
        turn of the event loop on the way, without its sleep.
        """
        figures: dict[str, float] = {}
        for way, (menu, times, written) in ways.items():
            self._turns_ms: list[float] = []
            took_s = [self._edit(menu, f"{way} {n}", written) for n in range(times)]
            figures |= {
                f"{way}_p50": quantile(took_s, 0.5),
                f"{way}_p95": quantile(took_s, 0.95),
                f"{way}_max": max(took_s),
                f"{way}_turn_ms": max(self._turns_ms),
            }
        say(**figures)

    def _edit(self, menu: Path, name: str, written: Callable[[Path], None]) -> float:
        end_s = time.monotonic() + self._random.random() * APART_S
        while time.monotonic() < end_s:
            self._app.frame()
        begun_s = time.monotonic()
        menu.write_text(self._text.replace(self._name, name), encoding="utf-8")
        written(menu)
        while self._shown() != name:
            assert time.monotonic() - begun_s < WAIT_LIMIT_S, f"{name} was not shown"
            self._frame()
        self._frame()
        return time.monotonic() - begun_s

    def _shown(self) -> str:
        return str(self._robot.find(self._chosen).name)

    def _frame(self) -> None:
        self._app.frame()
        self._turns_ms.append((time.monotonic() - self._turn_began_s) * 1000)

    def _note_turn(self) -> float:
        """In place of the sleep at the start of each turn: the turn's work begins after it."""
        now = float(self._slept())
        self._turn_began_s = time.monotonic()
        return now
