"""The kiosk's process of ``soak.py``: visitors of a long day and of a rush, and samples of itself.

It prints one line for each visitor (``visit N NUMBER TROUBLE``, ``-`` for none), one for each
sample (``sample name=value …``), ``served`` after the last visitor, and ``end`` with what is left
once the server has everything.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.common import quantile, say
from benchmarks.wanderer import Wanderer
from kiosk.app.kiosk_app import KioskApp
from kiosk.demo.fingers import Fingers
from kiosk.demo.plans import VisitPlan, plan_visits
from kiosk.demo.robot import Robot, SkippingClock
from kiosk.demo.timing_port import TimingKioskPort
from kiosk.domain.events import Touched
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
)
from kiosk.domain.visit_state import (
    Visit,
)
from kiosk.runtime import Kiosk

DAY_S = 8 * 3600.0
RUSH_S = 90 * 60.0
STEP_S = 60.0
"""Nobody is there: the clock is advanced by this much for each turn of the loop."""

WANDERS = 10
"""One of so many visitors touches at random what is on the screen, and leaves."""

SAMPLES = 20
"""Samples of each phase."""

SENT_S = 180.0
LEAVING_STEP_S, HOME_S = 2.0, 60.0
"""Steps of the clock while a visit ends by itself, and how long that may take by the real clock."""


def day_arrivals(count: int, rng: random.Random) -> list[float]:
    """Seconds from the opening at which visitors come: the first hour has twice as many."""
    hours = rng.choices(range(8), [2, *[1] * 7], k=count)
    return sorted((hour + rng.random()) * DAY_S / 8 for hour in hours)


def rush_arrivals(count: int, rng: random.Random) -> list[float]:
    """The same for a rush, at an even rate."""
    return sorted(rng.random() * RUSH_S for _ in range(count))


class Soak:
    """Visits in ``app``, on which ``begin`` was called."""

    def __init__(
        self,
        kiosk: Kiosk,
        app: KioskApp,
        window: Any,
        port: TimingKioskPort,
        clock: SkippingClock,
    ) -> None:
        self._kiosk, self._app, self._window, self._clock = kiosk, app, window, clock
        self._robot = Robot(app, window, port, clock)
        self._wanderer = Wanderer(app, window, port, clock)
        self._fingers = Fingers(window)
        self._began_s = clock()
        self._visits = 0
        self._drawn = False
        self._frames_ms: list[float] = []
        window.fbind("on_flip", self._note_frame)
        self._frame, app.frame = app.frame, self._timed_frame  # type: ignore[method-assign]

    def run(self, warm_up: int, day: int, rush: int, seed: int) -> None:
        """Random visits, all visitors of the day, then those of the rush; returns once the server
        has all numbers."""
        for number in range(1, warm_up + 1):
            self._wanderer.wander()
            print("warm-up", number, flush=True)
        self._began_s = self._clock()
        self._app.frame()
        self._sample("warm-up")
        rng = random.Random(seed)
        plans = plan_visits(self._kiosk.settings.catalogue, self._kiosk.now(), day + rush)
        self._fingers.attach()
        for phase, came in (("day", day_arrivals(day, rng)), ("rush", rush_arrivals(rush, rng))):
            begun_s = self._clock()
            each = max(1, len(came) // SAMPLES)
            for number, plan in enumerate(plans[: len(came)], 1):
                self._nobody_until(begun_s + came[number - 1])
                self._visit(plan)
                if number % each == 0 or number == len(came):
                    self._sample(phase)
            plans = plans[len(came) :]
        self._fingers.detach()
        print("served", flush=True)
        outbox = self._kiosk.ready_journal().outbox
        until_s = time.monotonic() + SENT_S
        while outbox.backlog().pending and time.monotonic() < until_s:
            self._app.frame()
        backlog = outbox.backlog()
        print(f"end pending={backlog.pending} parked={backlog.parked}", flush=True)

    def _nobody_until(self, moment_s: float) -> None:
        """Let time pass without a touch; then wake the screen that is for nobody."""
        while (left_s := moment_s - self._clock()) > 0:
            self._clock.ahead_s += min(STEP_S, left_s)
            self._app.frame()
        until_s = time.monotonic() + HOME_S
        while not self._is_fresh():  # of a visitor who left without a word
            if time.monotonic() > until_s:
                raise SystemExit(f"not home: {self._app.visit}")
            self._clock.ahead_s += LEAVING_STEP_S
            self._app.frame()
        if isinstance(self._app.visit.screen, Attract):
            x, y = self._window.width / 2, self._window.height / 2
            touch = self._fingers.down(x, y)
            self._app.frame()
            self._fingers.up(touch, x, y)
            self._robot.until(lambda visit: visit.screen == Agencies(), "home")
        else:
            # A touch between two tiles: the attract screen that is due now does not come any more.
            self._app.dispatch(Touched())

    def _is_fresh(self) -> bool:
        """Whether nothing of an earlier visitor is left: choices, modes, the idle warning."""
        visit = self._app.visit
        fresh = Visit(self._kiosk.settings.catalogue.site.languages[0])
        kept = (visit.language, visit.priorities, visit.modes, visit.keypad, visit.warned_s)
        home = isinstance(visit.screen, Agencies | Attract)
        return home and kept == (fresh.language, (), fresh.modes, False, None)

    def _visit(self, plan: VisitPlan) -> None:
        self._visits += 1
        if self._visits % WANDERS == 0:
            self._wanderer.wander()
            self._nobody_until(self._clock())
        (result,) = self._robot.visits([plan])
        found = (result.number or "-", result.trouble or "-")
        print("visit", self._visits, *found, flush=True)

    def _sample(self, phase: str) -> None:
        frames, self._frames_ms = self._frames_ms, []
        print("sample", phase, end=" ")
        say(
            hours=(self._clock() - self._began_s) / 3600,
            visits=self._visits,
            **self._wanderer.sizes(),
            threads=threading.active_count(),
            frame_p50=quantile(frames or [0.0], 0.5),
            frame_p95=quantile(frames or [0.0], 0.95),
            frame_max=max(frames, default=0.0),
        )

    def _note_frame(self, *_: object) -> None:
        self._drawn = True

    def _timed_frame(self) -> None:
        """A turn of the loop. Its time counts where it drew: processor time of this thread, which
        does not depend on what else runs on the machine."""
        self._drawn = False
        begun_s = time.thread_time()
        self._frame()
        if self._drawn:
            self._frames_ms.append((time.thread_time() - begun_s) * 1000)


def lines_of(text: Iterator[str]) -> Iterator[list[str]]:
    """The lines that ``Soak`` prints, split into words; others are left out."""
    for line in text:
        words = line.split()
        if words and words[0] in ("warm-up", "visit", "sample", "served", "end"):
            yield words
