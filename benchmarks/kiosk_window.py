"""The kiosk, off-screen, as a process that the benchmarks measure.

Arguments: ``first`` (reports the time of its first frame and ends), ``press``, ``press-calm``,
``idle SECONDS``, ``memory VISITS``, ``wander VISITS``, ``speech TOUCHES``, ``slips VISITS``,
``outages VISITS EACH``, ``edits TIMES`` or ``soak WARM_UP DAY RUSH SEED``.

The menu is that of ``config/``. Environment variables: ``KIOSK_BENCH_PRINTER``, the port of the
virtual printer (``paper.py``); ``KIOSK_BENCH_LEVEL``, its level; ``KIOSK_BENCH_SERVER`` and
``KIOSK_BENCH_TOKEN``, the queue server's address and the file of a token, if there is a server;
``KIOSK_BENCH_SWITCH``, the control port of a relay in front of it (``relay.py``);
``KIOSK_BENCH_MENU``, the agencies file that it serves.
"""

from __future__ import annotations

import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.common import SIZE, memory_kib, process_age_ms, quantile, say
from kiosk.bootstrap import Options, build_kiosk
from kiosk.clock import demo_start
from kiosk.domain.config import ServerSettings
from kiosk.printing import slip_time
from kiosk.runtime import Kiosk
from kiosk.settings.assets import ASSETS
from kiosk.settings.loader import load_settings
from kiosk.ui import heap, kivy_env

if TYPE_CHECKING:
    from kiosk.demo.robot import Robot, SkippingClock, VisitResult

CONFIG = Path(__file__).resolve().parent.parent / "config"

EXCHANGE_EVERY_S = 5.0
WAIT_LIMIT_S = 60.0
ROUND = 40
"""Number of different visits, repeated for the memory: after one round, caches are filled."""


def main() -> None:
    """Build the kiosk and run the measurement that the arguments name."""
    # The virtual printer prints without delay, so no answer may count as too early.
    slip_time.FASTEST_MM_S = math.inf
    state = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    settings = load_settings(CONFIG, ASSETS)
    port = os.environ["KIOSK_BENCH_PRINTER"]
    level = os.environ.get("KIOSK_BENCH_LEVEL", settings.kiosk.printer.level)
    connection = f"network:127.0.0.1:{port}"
    printer = replace(settings.kiosk.printer, connection=connection, level=level)
    server = ServerSettings(
        url=os.environ.get("KIOSK_BENCH_SERVER", ""),
        token_file=os.environ.get("KIOSK_BENCH_TOKEN", ""),
    )
    settings = replace(settings, kiosk=replace(settings.kiosk, printer=printer, server=server))
    with build_kiosk(settings, state, Options(demo=True, start=demo_start(settings))) as kiosk:
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
    from kiosk.demo.robot import Robot, SkippingClock, TimingKioskPort

    timing_port, clock = TimingKioskPort(kiosk), SkippingClock()
    app = KioskApp(timing_port, window, mono=clock, when_shown=kiosk.start, when_unused=heap.settle)
    app.begin()
    while app.first_frame_ms is None:
        app.frame()
    match asked:
        case ["idle", seconds]:
            from benchmarks.loop import idle_cpu

            idle_cpu(app.frame, float(seconds))
        case ["press" | "press-calm" as kind]:
            press(app, window, calm=kind == "press-calm")
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


def edits(kiosk: Kiosk, app: Any, robot: Any, times: int) -> None:
    """Rename the first agency ``times`` times; report the seconds until home shows each name.

    First in the file that the server serves, at random moments between two exchanges; then in a
    file of this machine, which is loaded at once.
    """
    from kiosk.domain.events import AgencyChosen

    agency = kiosk.settings.catalogue.agencies[0]
    served, here = Path(os.environ["KIOSK_BENCH_MENU"]), Path(os.environ["KIOSK_BENCH_MENU"] + "2")
    text = served.read_text(encoding="utf-8")
    old = str(robot.find(AgencyChosen(agency.code)).name)
    rng = random.Random(1)

    def shown(menu: Path, name: str, taken: Callable[[], None]) -> float:
        menu.write_text(text.replace(old, name), encoding="utf-8")
        begun_s = time.monotonic()
        taken()
        while str(robot.find(AgencyChosen(agency.code)).name) != name:
            assert time.monotonic() - begun_s < WAIT_LIMIT_S, f"{name} was not shown"
            app.frame()
        app.frame()
        return time.monotonic() - begun_s

    found: dict[str, list[float]] = {"served": [], "here": []}
    for n in range(times):
        end_s = time.monotonic() + rng.random() * EXCHANGE_EVERY_S
        while time.monotonic() < end_s:
            app.frame()
        found["served"].append(shown(served, f"Edit {n}", lambda: None))
    for n in range(times):
        name = f"Here {n}"
        found["here"].append(
            shown(here, name, lambda: kiosk._settings.use_menu(kiosk._settings.load_menu(here)))
        )
    say(
        **{f"{way}_p50": quantile(took, 0.5) for way, took in found.items()},
        **{f"{way}_max": max(took) for way, took in found.items()},
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


def press(app: Any, window: Any, *, calm: bool) -> None:
    """Press a tile of the home screen, at the full or (``calm``) at the idle frame rate."""
    from benchmarks.loop import press_feedback
    from kiosk.demo.robot import Robot
    from kiosk.domain.events import AgencyChosen

    robot = Robot(app, window, app._kiosk_port, app._mono)
    code = app._kiosk_port.settings.catalogue.agencies[0].code

    def slow_down() -> None:
        app._frame_rate._active_until_s = 0.0
        app._frame_rate.slow_down_when_idle()

    tile = robot.find(AgencyChosen(code))
    press_feedback(window, tile, app.frame, slow_down if calm else lambda: None)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
