"""Frames on the real window: the service manager hears of drawn ones, and of nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from kivy.base import EventLoop
from kivy.clock import Clock

from kiosk.app import kiosk_app
from kiosk.app.kiosk_app import EXIT_SCREEN_FAILS, KioskApp
from kiosk.app.touch_guard import TOUCHES_A_SECOND
from kiosk.background import screen_monitor
from kiosk.background.screen_monitor import ScreenMonitor
from kiosk.domain.events import AgencyChosen, ServiceChosen
from kiosk.domain.visit_screens import (
    Shown,
)
from tests.background.test_screen_monitor import Notes
from tests.ui.app_under_test import plain
from tests.ui.kiosk_ports import FakeKioskPort

WAIT_S = 20.0


class Watched:
    """An app whose monitor keeps what it tells the service manager."""

    def __init__(self, window: Any) -> None:
        self.hangs = False
        self.notes = Notes()
        self.monitor = ScreenMonitor(lambda: self.hangs)
        self.monitor.report_to(self.notes)
        self.window = window
        self.app = KioskApp(FakeKioskPort(), window, plain, monitor=self.monitor)
        self.app.begin()

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, self.notes.said
            self.app.frame()

    def turns(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.app.frame()


@pytest.fixture
def watched(window: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(screen_monitor, "FRAME_EVERY_S", 0.3)
    monkeypatch.setattr(screen_monitor, "FEED_EVERY_S", 0.0)
    made = Watched(window)
    yield made
    made.app.finish()


def test_an_idle_screen_feeds_the_watchdog_with_forced_frames(watched: Watched) -> None:
    watched.until(lambda: watched.notes.said.count("WATCHDOG=1") >= 4)
    assert watched.notes.said[0] == "READY=1"
    health = watched.monitor.health()
    assert health is not None
    assert (health.frames_failed, health.frozen) == (0, False)
    flip = watched.window.flip
    watched.app.finish()
    assert watched.window.flip != flip
    assert watched.notes.said[-1] == "STOPPING=1"
    assert watched.monitor.health() is None


def test_a_worker_that_hangs_ends_an_idle_app_in_order(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.until(lambda: watched.notes.said.count("WATCHDOG=1") >= 2)
    watched.hangs = True
    watched.until(lambda: bool(EventLoop.quit))
    assert watched.app.exit_code == EXIT_SCREEN_FAILS
    assert "printer's thread hangs: the app ends" in caplog.text


def test_a_worker_that_hangs_ends_no_app_that_nobody_would_start_again(watched: Watched) -> None:
    watched.notes.manager, watched.hangs = False, True
    watched.until(lambda: watched.notes.said.count("WATCHDOG=1") >= 4)
    assert not EventLoop.quit


def test_a_loop_that_fails_at_each_turn_ends_the_app(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.until(lambda: "WATCHDOG=1" in watched.notes.said)
    said = len(watched.notes.said)

    def broken(_dt: float) -> None:
        Clock.schedule_once(broken, 0)
        raise ZeroDivisionError("the frame loop broke")

    Clock.schedule_once(broken, 0)
    try:
        watched.until(lambda: bool(EventLoop.quit))
    finally:
        Clock.unschedule(broken)
    assert watched.app.exit_code == EXIT_SCREEN_FAILS == 70
    health = watched.monitor.health()
    assert health is not None
    assert health.frames_failed == 3
    watched.window.flip()
    assert len(watched.notes.said) <= said + 2, "frames after the failure feed nothing"
    assert "ends for a restart" in caplog.text


def test_a_number_stays_to_be_read_before_a_failing_screen_ends(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiosk_app, "NUMBER_STAYS_S", 1.0)
    watched.app.dispatch(AgencyChosen("dlh"))
    # A second choice at once counts as unintended.
    watched.turns(1.5)
    watched.app.dispatch(ServiceChosen("ukl"))
    watched.until(lambda: isinstance(watched.app.visit.screen, Shown))

    def broken(_dt: float) -> None:
        Clock.schedule_once(broken, 0)
        raise ZeroDivisionError("the frame loop broke")

    Clock.schedule_once(broken, 0)
    try:
        watched.until(lambda: watched.app.exit_code == EXIT_SCREEN_FAILS)
        failed = time.monotonic()
        assert not EventLoop.quit
        watched.until(lambda: bool(EventLoop.quit))
    finally:
        Clock.unschedule(broken)
    assert time.monotonic() - failed > 0.5


def test_a_screen_whose_every_tick_fails_ends_the_app(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_monitor, "FAILURES_S", 1.5)
    watched.app.root.fail_tick = True
    watched.until(lambda: bool(EventLoop.quit))
    assert watched.app.exit_code == EXIT_SCREEN_FAILS


def test_one_failure_does_not_end_the_app(watched: Watched) -> None:
    def broken(_dt: float) -> None:
        raise ZeroDivisionError("once")

    for _ in range(2):
        Clock.schedule_once(broken, 0)
        watched.turns(0.2)
    assert not EventLoop.quit
    assert watched.app.exit_code == 0
    said = len(watched.notes.said)
    watched.until(lambda: len(watched.notes.said) > said)


def test_touches_above_the_rate_limit_are_counted_and_others_are_the_last_touch(
    watched: Watched,
) -> None:
    for _ in range(TOUCHES_A_SECOND + 20):
        watched.app._guard.dispatch("begin", SimpleNamespace(ud={}, button="left"))
    health = watched.monitor.health()
    assert health is not None
    assert health.touches_dropped == 20
    assert health.last_touch_s is not None
    assert health.last_touch_s < WAIT_S
