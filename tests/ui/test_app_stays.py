"""No input of a visitor and no unexpected error ends the application."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from kivy.base import EventLoop
from kivy.clock import Clock

from kiosk.app.kiosk_app import KioskApp
from kiosk.domain.events import AgencyChosen, HelpTapped, HomeTapped, ServiceChosen
from kiosk.domain.visit_screens import (
    Agencies,
    Help,
    Issuing,
    Problem,
    Services,
    Shown,
)
from kiosk.signals import IGNORED, STOPPING, StopSignals
from tests.domain.menus import agency, menu, service
from tests.ui.app_under_test import AppUnderTest, plain
from tests.ui.kiosk_ports import FakeKioskPort

Make = Callable[..., AppUnderTest]

KEYS = {
    "Esc": (27, 41, "", []),
    "F1": (282, 58, "", []),
    "F11": (292, 68, "", []),
    "F12": (293, 69, "", []),
    "Ctrl+E": (101, 8, "e", ["ctrl"]),
    "Ctrl+Q": (113, 20, "q", ["ctrl"]),
    "Ctrl+C": (99, 6, "c", ["ctrl"]),
    "Alt+F4": (285, 61, "", ["alt"]),
    "Tab": (9, 43, "", []),
    "Enter": (13, 40, "", []),
    "PrintScreen": (1073741894, 70, "", []),
}


def press(context: AppUnderTest, key: str) -> None:
    """Dispatch a key as the window does: down, ``on_keyboard`` unless handled, text, up."""
    code, scan, text, modifiers = KEYS[key]
    if not context.window.dispatch("on_key_down", code, scan, text, modifiers):
        context.window.dispatch("on_keyboard", code, scan, text, modifiers)
    context.window.dispatch("on_textinput", text)
    context.window.dispatch("on_key_up", code, scan)
    context.frames(2)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_has_no_effect(context: Make, key: str) -> None:
    s = context()
    s.tap(AgencyChosen("dukcapil"))
    before, children = s.visit.screen, list(s.window.children)
    press(s, key)
    assert s.visit.screen == before
    assert s.window.children == children
    assert not EventLoop.quit


@pytest.mark.parametrize("key", KEYS)
def test_an_on_keyboard_event_alone_has_no_effect(context: Make, key: str) -> None:
    s = context()
    children = list(s.window.children)
    s.window.dispatch("on_keyboard", *KEYS[key])
    s.frames(2)
    assert s.window.children == children
    assert not EventLoop.quit


@pytest.mark.parametrize("source", [{}, {"source": "keyboard"}])
def test_a_close_request_is_refused(context: Make, source: dict[str, str]) -> None:
    s = context()
    assert s.window.dispatch("on_request_close", **source)
    s.frames(2)
    assert not EventLoop.quit
    assert s.visit.screen == Agencies()


def test_no_module_of_kivy_is_active(context: Make) -> None:
    from kivy.config import Config
    from kivy.modules import Modules

    context()
    assert Config.items("modules") == []
    assert [name for name, module in Modules.mods.items() if module["activated"]] == []
    assert Config.get("kivy", "exit_on_escape") == "0"
    assert Config.items("input") == [("mouse", "mouse,disable_multitouch,disable_hover")]


def test_touches_come_from_one_input_provider(context: Make) -> None:
    context()
    names = [type(p).__name__ for p in EventLoop.input_providers]
    assert names.count("MouseMotionEventProvider") == 1
    assert not [n for n in names if "HID" in n or "MTD" in n or "Probe" in n]


def test_settings_cannot_be_opened(context: Make) -> None:
    s = context()
    assert s.app.open_settings() is False
    assert len(s.window.children) == 1


def test_a_file_dropped_on_the_window_has_no_effect(context: Make) -> None:
    s = context()
    s.window.dispatch("on_drop_file", b"/etc/passwd", 10, 10)
    s.frames(2)
    assert s.visit.screen == Agencies()


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_ends_the_event_loop(context: Make, number: signal.Signals) -> None:
    s = context()
    before = signal.getsignal(number)
    os.kill(os.getpid(), number)
    s.until(lambda: bool(EventLoop.quit), "the end")
    s.end()
    assert signal.getsignal(number) != before


@pytest.mark.parametrize("number", [n for n in IGNORED if n is not signal.SIGALRM])
def test_other_signals_are_ignored(context: Make, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    s = context()
    os.kill(os.getpid(), number)
    s.frames(2)
    assert s.visit.screen == Agencies()
    assert not EventLoop.quit
    s.end()
    assert signal.getsignal(number) == before


def test_a_signal_handler_that_was_installed_on_purpose_stays(context: Make) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: seen.append(number))
    try:
        context()
        os.kill(os.getpid(), signal.SIGUSR1)
        assert seen == [signal.SIGUSR1]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_stop_that_was_asked_for_before_the_app_began_is_not_lost(window: object) -> None:
    with StopSignals() as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.asked
        app = KioskApp(FakeKioskPort(), window, plain, signals=signals)
        app.run()
        assert EventLoop.quit
        # The app leaves the handlers to those who installed them.
        os.kill(os.getpid(), signal.SIGTERM)
    assert not StopSignals().asked


def test_stop_from_another_thread_ends_the_event_loop(context: Make) -> None:
    s = context()
    thread = threading.Thread(target=s.app.stop)
    thread.start()
    thread.join()
    assert EventLoop.quit


# ── unexpected errors ────────────────────────────────────────────────────────────────────


def test_an_error_of_a_screen_shows_the_problem_screen(
    context: Make, caplog: pytest.LogCaptureFixture
) -> None:
    s = context()
    s.root_view.fail = Services
    s.tap(AgencyChosen("dukcapil"))
    assert isinstance(s.visit.screen, Problem)
    assert s.root_view.shown[-1] is Problem
    assert "a screen broke" in caplog.text


def test_an_error_of_the_problem_screen_leads_home(context: Make) -> None:
    s = context()
    s.kiosk_port.answer = s.kiosk_port.broken
    s.root_view.fail = Problem
    s.take()
    s.on(Agencies)
    s.frames(3)
    assert s.root_view.shown[-1] is Agencies


def test_a_pending_menu_is_applied_when_an_error_leads_home(context: Make) -> None:
    s = context()
    s.tap(AgencyChosen("dukcapil"))
    s.on(Services)
    fresh = replace(s.kiosk_port.settings, catalogue=menu(agency("baru", service("satu"))))
    s.kiosk_port.settings = fresh
    s.app.settings_changed()
    s.frames(3)
    assert s.root_view.settings is not fresh, "the menu changed during a visit"
    s.root_view.fail = Problem
    s.kiosk_port.answer = s.kiosk_port.broken
    s.tap(ServiceChosen("ktp"))
    s.on(Agencies)
    assert s.root_view.settings is fresh
    assert s.robot.find(AgencyChosen("baru")) is not None


def test_an_error_of_the_help_screen_leads_back_to_the_number(context: Make) -> None:
    s = context()
    s.take()
    s.on(Shown)
    s.root_view.fail = Help
    s.clock.ahead_s += 1
    s.app.dispatch(HelpTapped())
    assert isinstance(s.visit.screen, Shown)
    assert s.root_view.shown[-1] is Shown


def test_the_timer_runs_on_after_an_exception(
    context: Make, caplog: pytest.LogCaptureFixture
) -> None:
    s = context()
    s.root_view.fail_tick = True
    s.until(lambda: s.root_view.ticks > 2, "three ticks")
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1
    assert not EventLoop.quit


def test_the_event_loop_logs_an_exception_and_runs_on(
    context: Make, caplog: pytest.LogCaptureFixture
) -> None:
    s = context()

    def broken(_dt: float) -> None:
        raise ZeroDivisionError("somewhere in a widget")

    Clock.schedule_once(broken, 0)
    s.on(Problem)
    assert "somewhere in a widget" in caplog.text
    s.clock.ahead_s += 1
    s.app.dispatch(HomeTapped())
    assert s.visit.screen == Agencies()


def test_a_committed_number_stays_on_the_screen_after_an_exception(context: Make) -> None:
    s = context()
    s.take()
    s.on(Shown)
    number = s.visit.screen

    def broken(_dt: float) -> None:
        raise ZeroDivisionError("in the middle of it")

    Clock.schedule_once(broken, 0)
    s.frames(4)
    assert s.visit.screen == number


def test_the_number_is_shown_as_plain_text_if_its_screen_fails(context: Make) -> None:
    s = context()
    s.root_view.fail = Shown
    s.take()
    s.on(Shown)
    s.frames(3)
    (cover,) = [w for w in s.window.children if w is not s.root_view]
    assert cover.text == "AA-001"
    s.pass_time(15)
    assert s.visit.screen == Agencies()
    assert s.window.children == [s.root_view]


def test_a_number_arrives_after_an_exception_while_printing(context: Make) -> None:
    s = context()
    s.kiosk_port.answer = s.kiosk_port.nothing
    s.take()

    def broken(_dt: float) -> None:
        raise ZeroDivisionError("while waiting")

    Clock.schedule_once(broken, 0)
    s.frames(4)
    assert isinstance(s.visit.screen, Issuing)
    s.kiosk_port.number_and_slip(s.kiosk_port.requests[0], s.app.post)
    s.on(Shown)


def test_an_exception_in_a_thread_is_logged(
    context: Make, caplog: pytest.LogCaptureFixture
) -> None:
    context()

    def broken() -> None:
        raise ZeroDivisionError("in a thread")

    thread = threading.Thread(target=broken, name="worker")
    thread.start()
    thread.join()
    assert "thread worker failed" in caplog.text


def test_the_application_survives_a_failing_clock(context: Make) -> None:
    s = context()

    def no_time() -> None:
        raise OSError("no clock")

    button, good = s.button(), s.kiosk_port.clock
    s.kiosk_port.clock = no_time
    s.fingers.tap(*button)
    s.frames(4)
    s.kiosk_port.clock = good
    s.frames(4)
    assert not EventLoop.quit
    s.clock.ahead_s += 5
    s.app.dispatch(HomeTapped())
    assert s.visit.screen == Agencies()
