"""When the watchdog is fed, when the app gives up, and what staff read about screen and touch."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.background.screen_monitor import (
    FRAME_EVERY_S,
    GHOST_NOTICE_S,
    UNTOUCHED_S,
    ScreenMonitor,
)
from kiosk.background.service_manager import ServiceNotifier
from kiosk.domain.health import ScreenHealth, TouchTrouble

TODAY = date(2026, 11, 27)


class Notes(ServiceNotifier):
    """Keeps the messages."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.manager = True

    @property
    def present(self) -> bool:
        return self.manager

    def _send(self, text: str) -> None:
        self.said.append(text)


class Screen:
    """A monitor with a clock and a worker that the test moves."""

    def __init__(self) -> None:
        self.now_s, self.hangs, self.notes = 1000.0, False, Notes()
        self.monitor = ScreenMonitor(lambda: self.hangs, lambda: self.now_s)
        self.monitor.report_to(self.notes)
        self.monitor.begin()

    def health(self) -> ScreenHealth:
        found = self.monitor.health()
        assert found is not None
        return found


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_the_first_frame_is_ready_and_each_second_with_a_frame_feeds(screen: Screen) -> None:
    assert screen.notes.said == []
    for _ in range(10):
        screen.monitor.drawn()
        screen.now_s += 0.25
    assert screen.notes.said == ["READY=1", *["WATCHDOG=1"] * 3]
    screen.monitor.end()
    screen.monitor.end()
    assert screen.notes.said[-2:] == ["WATCHDOG=1", "STOPPING=1"]


def test_a_restart_by_staff_is_no_stop_to_the_service_manager(screen: Screen) -> None:
    screen.monitor.end(again=True)
    assert screen.notes.said == []


def test_a_frame_is_forced_after_four_seconds(screen: Screen) -> None:
    screen.monitor.drawn()
    screen.now_s += FRAME_EVERY_S - 0.1
    assert not screen.monitor.frame_due()
    screen.now_s += 0.1
    assert screen.monitor.frame_due()
    assert not screen.monitor.restart_due()


def test_a_thread_that_hangs_ends_an_idle_app_in_order(screen: Screen) -> None:
    screen.monitor.drawn()
    screen.hangs = True
    assert not screen.monitor.restart_due(), "somebody uses the screen"
    screen.now_s += FRAME_EVERY_S
    assert screen.monitor.restart_due()
    assert not screen.monitor.restart_due()
    assert not screen.monitor.frame_due()


def test_a_thread_that_hangs_ends_no_app_that_nobody_would_start_again(screen: Screen) -> None:
    screen.hangs, screen.notes.manager = True, False
    screen.now_s += FRAME_EVERY_S
    assert not screen.monitor.restart_due()
    assert screen.monitor.frame_due()


def test_failures_with_frames_between_them_do_not_give_up(screen: Screen) -> None:
    for _ in range(20):
        screen.now_s += 0.5
        assert not screen.monitor.turn_failed()
        screen.monitor.drawn()
        assert not screen.monitor.turn_failed()
        screen.monitor.drawn()
        screen.monitor.drawn()
    assert screen.health().frames_failed == 40


def test_failed_turns_that_draw_all_the_same_give_up(screen: Screen) -> None:
    for _ in range(2):
        assert not screen.monitor.turn_failed()
        screen.monitor.drawn()
    assert screen.monitor.turn_failed()


def test_three_failed_turns_in_ten_seconds_give_up_and_feed_no_more(screen: Screen) -> None:
    screen.monitor.drawn()
    assert [screen.monitor.turn_failed(), screen.monitor.turn_failed()] == [False, False]
    screen.now_s += 9
    assert screen.monitor.turn_failed()
    said = list(screen.notes.said)
    screen.now_s += 5
    screen.monitor.drawn()
    assert screen.notes.said == said
    assert not screen.monitor.frame_due()
    assert screen.health().frames_failed == 3


def test_seldom_failures_do_not_give_up(screen: Screen) -> None:
    for _ in range(20):
        screen.now_s += 6
        assert not screen.monitor.turn_failed()


def test_a_timer_that_fails_for_ten_seconds_gives_up(screen: Screen) -> None:
    for _ in range(39):
        assert not screen.monitor.tick_failed()
        screen.now_s += 0.25
    screen.monitor.ticked()
    for _ in range(40):
        assert not screen.monitor.tick_failed()
        screen.now_s += 0.25
    assert screen.monitor.tick_failed()


def test_a_screen_without_a_frame_for_half_a_minute_is_frozen(screen: Screen) -> None:
    screen.now_s += 31
    assert (screen.health().frozen, screen.health().last_frame_s) == (True, None)
    screen.monitor.drawn()
    screen.now_s += 29
    assert (screen.health().frozen, screen.health().last_frame_s) == (False, 29.0)
    screen.now_s += 2
    assert screen.health().frozen
    screen.monitor.end()
    assert screen.monitor.health() is None, "no app draws: no frame is due"


def test_touches_are_counted(screen: Screen) -> None:
    assert screen.health().last_touch_s is None
    screen.monitor.touched()
    screen.monitor.touch_dropped()
    screen.now_s += 5
    assert (screen.health().last_touch_s, screen.health().touches_dropped) == (5.0, 1)


@pytest.mark.parametrize(
    ("a_second", "seconds", "noticed"), [(8, 61, True), (8, 50, False), (7, 600, False)]
)
def test_touches_that_no_finger_makes_are_a_notice(
    screen: Screen, a_second: int, seconds: int, noticed: bool
) -> None:
    for _ in range(a_second * seconds):
        screen.monitor.touch_dropped()
        screen.now_s += 1 / a_second
    assert (screen.health().touch_trouble is TouchTrouble.GHOST) is noticed
    screen.now_s += GHOST_NOTICE_S
    assert screen.health().touch_trouble is None


def hours(screen: Screen, seconds: float, *, open_now: bool = True, day: date = TODAY) -> None:
    for _ in range(int(seconds // 10)):
        screen.now_s += 10
        screen.monitor.note_hours(day, open_now=open_now)


def test_an_open_day_without_a_touch_is_a_notice(screen: Screen) -> None:
    hours(screen, UNTOUCHED_S - 60)
    assert screen.health().touch_trouble is None
    hours(screen, 120)
    assert screen.health().touch_trouble is TouchTrouble.NONE_TODAY
    screen.monitor.touched()
    assert screen.health().touch_trouble is None
    hours(screen, UNTOUCHED_S - 60)
    hours(screen, 10 * UNTOUCHED_S, open_now=False)
    assert screen.health().touch_trouble is None
    hours(screen, UNTOUCHED_S - 60, day=TODAY + timedelta(days=1))
    assert screen.health().touch_trouble is None


def test_the_stacks_of_a_frozen_app_are_written(tmp_path: Path) -> None:
    """Also while a C function holds the GIL, as a drawing library that hangs does."""
    path = tmp_path / "kiosk.threads"
    program = (
        "import ctypes, sys\n"
        "from pathlib import Path\n"
        "from kiosk.background.screen_monitor import ThreadDump\n"
        "dump = ThreadDump(Path(sys.argv[1]), 0.2)\n"
        "def hangs_in_drawing():\n"
        "    ctypes.PyDLL(None).usleep(900_000)\n"
        "dump.arm()\n"
        "hangs_in_drawing()\n"
        "dump.close()\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)
    assert "hangs_in_drawing" in path.read_text()
