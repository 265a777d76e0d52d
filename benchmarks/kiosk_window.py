"""The kiosk, off-screen, as a process that the benchmarks measure.

Arguments: ``first`` (reports the time of its first frame and ends), ``press``, ``press-calm``,
``change``, ``idle SECONDS``, ``memory VISITS``, ``wander VISITS``, ``speech TOUCHES``,
``slips VISITS``, ``outages VISITS EACH``, ``edits TIMES`` or ``soak WARM_UP DAY RUSH SEED``.

The menu is that of ``config/``. Environment variables: ``KIOSK_BENCH_PRINTER``, the port of the
virtual printer (``paper.py``); ``KIOSK_BENCH_LEVEL``, its level; ``KIOSK_BENCH_SERVER`` and
``KIOSK_BENCH_TOKEN``, the queue server's address and the file of a token, if there is a server;
``KIOSK_BENCH_KIND``, the server's kind, if it is none of the contract;
``KIOSK_BENCH_SWITCH``, the control port of a relay in front of it (``relay.py``);
``KIOSK_BENCH_MENU``, the agencies file that it serves.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.common import SIZE, memory_kib, process_age_ms, quantile, say
from kiosk.background.settings_folder import open_settings
from kiosk.bootstrap import Options, build_kiosk
from kiosk.clock import demo_start
from kiosk.domain.config import MPP, ServerSettings
from kiosk.messages import TEXTS
from kiosk.printing import slip_time
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.ui import heap, kivy_env
from menu.agencies import AGENCIES_FILE

if TYPE_CHECKING:
    from kiosk.demo.robot import Robot, SkippingClock, VisitResult

CONFIG = Path(__file__).resolve().parent.parent / "config"

ROUND = 40
"""Number of different visits, repeated for the memory: after one round, caches are filled."""


def main() -> None:
    """Build the kiosk and run the measurement that the arguments name."""
    # The virtual printer prints without delay, so no answer may count as too early.
    slip_time.FASTEST_MM_S = math.inf
    state = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    opened = None
    if sys.argv[1] == "edits":
        shutil.copytree(CONFIG, state / "config")
        opened = open_settings(state / "config", state, TEXTS.languages[0])
    settings = load_settings(CONFIG, ASSETS) if opened is None else opened.settings
    port = os.environ["KIOSK_BENCH_PRINTER"]
    level = os.environ.get("KIOSK_BENCH_LEVEL", settings.kiosk.printer.level)
    connection = f"network:127.0.0.1:{port}"
    printer = replace(settings.kiosk.printer, connection=connection, level=level)
    server = ServerSettings(
        url=os.environ.get("KIOSK_BENCH_SERVER", ""),
        token_file=os.environ.get("KIOSK_BENCH_TOKEN", ""),
        kind=os.environ.get("KIOSK_BENCH_KIND", MPP),
    )
    settings = replace(settings, kiosk=replace(settings.kiosk, printer=printer, server=server))
    options = Options(demo=True, start=demo_start(settings), opened=opened)
    with build_kiosk(settings, state, options) as kiosk:
        kivy_env.prepare(offscreen=True, windowed=False, size=SIZE, home=state / "kivy")
        window = kivy_env.open_window()
        measure(kiosk, window, sys.argv[1:])


def measure(kiosk: Kiosk, window: Any, asked: list[str]) -> None:
    """Run one measurement in the window."""
    from kiosk.app.kiosk_app import KioskApp

    if asked == ["first"]:
        app = KioskApp(kiosk, window, when_shown=kiosk.start, when_unused=heap.settle)
        app.begin()
        while app.first_frame_ms is None:
            app.frame()
        say(first_ms=app.first_frame_ms, inside_ms=process_age_ms())
        app.finish()
        return

    from kiosk.demo.plans import plan_visits
    from kiosk.demo.robot import Robot, SkippingClock
    from kiosk.demo.timing_port import TimingKioskPort

    timing_port, clock = TimingKioskPort(kiosk), SkippingClock()
    app = KioskApp(timing_port, window, mono=clock, when_shown=kiosk.start, when_unused=heap.settle)
    app.begin()
    while app.first_frame_ms is None:
        app.frame()
    match asked:
        case ["idle", seconds]:
            from benchmarks.loop import idle_cpu

            idle_cpu(app.frame, float(seconds))
        case ["press" | "press-calm" | "change" as kind]:
            touch(app, window, kind)
        case ["memory", visits]:
            kiosk.probe_now()
            memory(kiosk, Robot(app, window, timing_port, clock), int(visits))
        case ["speech", touches]:
            from benchmarks.listener import sounds

            say(**sounds(app, window, clock, int(touches)))
        case ["slips", visits]:
            ready(kiosk)
            robot = Robot(app, window, timing_port, clock)
            plans = plan_visits(kiosk.settings.catalogue, kiosk.now(), int(visits))
            results = list(robot.visits(plans))
            say(**waits(results), **outcomes(results))
        case ["outages", visits, each]:
            ready(kiosk)
            robot = Robot(app, window, timing_port, clock, observer=Outages(kiosk, int(each)))
            plans = plan_visits(kiosk.settings.catalogue, kiosk.now(), int(visits))
            results = list(robot.visits(plans))
            first = [r for n, r in enumerate(results) if not n % int(each)]
            rest = [r for n, r in enumerate(results) if n % int(each)]
            say(**waits(first, "first_"), **waits(rest, "next_"), **outcomes(results))
        case ["edits", times]:
            kiosk.on_settings(app.settings_changed)
            ready(kiosk)
            edits(kiosk, app, Robot(app, window, timing_port, clock), int(times))
        case ["wander" | "soak" as kind, *figures]:
            make = wander if kind == "wander" else soak
            make(kiosk, app, window, timing_port, clock, *map(int, figures))
        case _:
            raise SystemExit(__doc__)
    app.finish()


def wander(
    kiosk: Kiosk, app: Any, window: Any, port: Any, clock: SkippingClock, visits: int
) -> None:
    """Report what ``visits`` random visits leave behind."""
    from benchmarks.wanderer import Wanderer

    kiosk.probe_now()
    say(**Wanderer(app, window, port, clock).visits(visits))


def soak(
    kiosk: Kiosk, app: Any, window: Any, port: Any, clock: SkippingClock, *figures: int
) -> None:
    """Make the visits of ``soak.py``; ``figures``: to warm up, of the day, of the rush, seed."""
    from benchmarks.soak_visits import Soak

    ready(kiosk)
    warm_up, day, rush, seed = figures
    Soak(kiosk, app, window, port, clock).run(warm_up, day, rush, seed)


def memory(kiosk: Kiosk, robot: Robot, visits: int) -> None:
    """Report the memory after ``visits`` visits, and that after the 50th."""
    from kiosk.demo.plans import plan_visits

    some = plan_visits(kiosk.settings.catalogue, kiosk.now(), ROUND)
    plans = [some[number % ROUND] for number in range(visits)]
    early = 0.0
    for number, _ in enumerate(robot.visits(plans), 1):
        if number == min(50, visits):
            early = memory_kib()[1]
    pss, late = memory_kib()
    say(pss_kib=pss, early_kib=early, late_kib=late)


def ready(kiosk: Kiosk) -> None:
    """Probe the printer, and wait for an exchange with the server if there is one."""
    kiosk.probe_now()
    if kiosk.queue is not None:
        from kiosk.demo.offscreen import meet

        meet(kiosk)


def edits(kiosk: Kiosk, app: Any, robot: Robot, times: int) -> None:
    """Edit the menu ``times`` times where this kiosk has it from: the server, or its own folder.

    Without a server it also loads as many menus at once, which is the baseline.
    """
    from benchmarks.edits import Edits

    if kiosk.queue is not None:
        menu = Path(os.environ["KIOSK_BENCH_MENU"])
        Edits(kiosk, app, robot, menu).report(served=(menu, times, lambda _: None))
        return
    menu = Path(kiosk.settings.config_dir) / AGENCIES_FILE
    settings = kiosk._settings
    Edits(kiosk, app, robot, menu).report(
        here=(menu, times, lambda _: None),
        # Last: a menu that was put in force this way wins over the folder's.
        load=(kiosk.state / "menu.yaml", times, lambda m: settings.use_menu(settings.load_menu(m))),
    )


class Outages:
    """Makes the relay a black hole from the last touch of each ``each``-th visit until the visit
    before the next of them has ended."""

    def __init__(self, kiosk: Kiosk, each: int) -> None:
        self._kiosk = kiosk
        self._each = each
        self._switch = int(os.environ["KIOSK_BENCH_SWITCH"])

    def before_last_touch(self, visit: int) -> None:
        """Begin an outage, after an exchange, so that the kiosk does not know of it."""
        if visit % self._each == 0:
            from benchmarks.relay import HOLD, turn

            ready(self._kiosk)
            turn(self._switch, HOLD)

    def after(self, visit: int) -> None:
        """End the outage, and wait until the kiosk has sent its outbox."""
        if visit % self._each == self._each - 1:
            from benchmarks.relay import PASS, turn

            turn(self._switch, PASS)
            ready(self._kiosk)


def waits(results: list[VisitResult], name: str = "") -> dict[str, float]:
    """The times of these visits' slips in ms; ``name`` is the prefix of each figure's name."""
    times = [r.slip_ms for r in results if r.slip_ms is not None]
    figures = {"p50": quantile(times, 0.5), "p95": quantile(times, 0.95), "max": max(times)}
    return {name + key: value for key, value in {**figures, "slips": float(len(times))}.items()}


def outcomes(results: list[VisitResult]) -> dict[str, float]:
    """Count visits without a slip, and numbers of the own series, which have a letter."""
    numbers = [r.number.partition("-")[2] for r in results]
    own = sum(number[:1].isalpha() for number in numbers)
    return {"missing": float(sum(r.slip_ms is None for r in results)), "own": float(own)}


def touch(app: Any, window: Any, kind: str) -> None:
    """Press tiles of the home screen at the full or (``press-calm``) at the idle frame rate, or go
    to the services of the agency of the first page that has the most (``change``)."""
    from benchmarks.loop import press_feedback, screen_change
    from kiosk.demo.robot import Robot
    from kiosk.domain.events import AgencyChosen, BackTapped
    from kiosk.domain.visit_screens import (
        Services,
    )

    robot = Robot(app, window, app._kiosk_port, app._mono)
    agencies = app._kiosk_port.settings.catalogue.agencies
    if kind == "change":
        first_page = [a for a in agencies if robot.find(AgencyChosen(a.code)) is not None]
        chosen = AgencyChosen(max(first_page, key=lambda agency: len(agency.services)).code)
        screen_change(
            window,
            lambda: robot.find(chosen),
            app.frame,
            lambda: isinstance(app.visit.screen, Services),
            lambda: app.dispatch(BackTapped()),
        )
        return

    def slow_down() -> None:
        app._frame_rate._active_until_s = 0.0
        app._frame_rate.slow_down_when_idle()

    tile = robot.find(AgencyChosen(agencies[0].code))
    press_feedback(window, tile, app.frame, slow_down if kind == "press-calm" else lambda: None)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
