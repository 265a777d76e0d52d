"""The Kivy application: turns touches into events, events into steps of the visit, and shows it.

::

    touch -> TouchGuard -> widget -> emit(event) ─┐
    key -> Keypad -> widget with the focus ───────┤
    worker -> Bridge.post(event) ─────────────────┼─> dispatch -> visit.step -> effects -> KioskPort
    four times a second: Tick ────────────────────┘                         └-> RootView.show

It decides nothing about the visit. No exception, key or window event ends its loop: only ``stop``.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kivy.app import App
from kivy.base import EventLoop, ExceptionManager, runTouchApp
from kivy.clock import Clock

from kiosk.app.effect_runner import EffectRunner
from kiosk.app.keypad import Keypad
from kiosk.app.ports import KioskPort, RootViewPort
from kiosk.app.safety import FaultLog, LastResort, LoopGuard, ThreadHooks
from kiosk.app.snapshots import SnapshotSource
from kiosk.app.speech_switch import SpeechSwitch
from kiosk.app.touch_guard import TouchGuard
from kiosk.app.window_events import WindowEvents
from kiosk.background.screen_monitor import ScreenMonitor
from kiosk.domain.config import Settings, SpeechSettings
from kiosk.domain.effects import CallStaff, Issue
from kiosk.domain.events import (
    Event,
    HeadsetChanged,
    PrintFinished,
    Refused,
    Tick,
    Touched,
    Unfinished,
)
from kiosk.domain.visit import begin, step
from kiosk.domain.visit_display import displayed, targets
from kiosk.domain.visit_recovery import recoveries
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Dark,
    Shown,
    number_on,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Touch,
    Visit,
)
from kiosk.signals import StopSignals
from kiosk.ui.bridge import Bridge
from kiosk.ui.frame_rate import FrameRate
from kiosk.ui.lettering import left_out
from kiosk.ui.metrics import Metrics
from kiosk.ui.theme import Look

if TYPE_CHECKING:
    from kiosk.app.speech_mode import SpeechMode

log = logging.getLogger(__name__)

TICK_S = 0.25
SWITCH_S = 0.0005
"""Python's thread switch interval while the app runs: short, so that desk and printer threads get
the GIL while a screen is laid out."""

EXIT_SCREEN_FAILS = os.EX_SOFTWARE
"""Exit code 70 (sysexits.h): the screen failed again and again."""

NUMBER_STAYS_S = 10.0
"""Less than the watchdog's time, which is not fed any more."""

UNUSED_AFTER_S = 1.0
"""``when_unused`` is called this long after a screen is shown: its first frames come first."""

HEAD_START_S = 0.03
"""Kivy holds the GIL while drawing (up to 100 ms on a slow machine). Give the desk thread this long
to commit the number and start printing before the next frame: with half of it the slowest slips
waited for a whole frame."""

RootViewMaker = Callable[[Settings, Any, Callable[[Event], None]], Any]


def make_root_view(settings: Settings, window: Any, emit: Callable[[Event], None]) -> RootViewPort:
    """The kiosk's screens in the window's size; keeps the window's background in their colour."""
    from kiosk.screens.root_view import RootView

    def paint(_root_view: Any, look: Look) -> None:
        window.clearcolor = look.colour.ground

    root_view = RootView(settings, Metrics.of(settings.kiosk.screen, window.size), emit)
    root_view.fbind("look", paint)
    paint(root_view, root_view.look)
    return root_view


def process_age_ms() -> float:
    """Milliseconds since this process was started (proc(5), field 22 of ``stat``)."""
    stat = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    started = int(stat.rpartition(")")[2].split()[19])
    ticks = os.sysconf("SC_CLK_TCK")
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started / ticks) * 1000


class KioskApp(App):
    """The application. ``window``: from ``kivy_env.open_window``.

    ``when_shown`` is called after the first frame, for work that can wait until then. ``signals``:
    those that the caller has entered already, so that a stop asked for before ``run`` is not lost.
    ``when_unused`` is called on the UI thread while nobody uses the kiosk: soon after the first
    frame, and each time that the attract or the dark screen is shown.
    ``monitor`` is told of each frame and touch. ``exit_code``: 0, or EXIT_SCREEN_FAILS when the app
    gave up.

    ``restart``: staff have ended the app in order to start it again.

    ``run`` returns after ``stop`` or a signal of ``kiosk.signals.STOPPING``. A caller that turns
    the loop itself (the demo's robot, the tests) uses ``begin``, ``frame`` and ``finish``.
    """

    title = "MPP"
    use_kivy_settings = False

    def __init__(
        self,
        kiosk_port: KioskPort,
        window: Any,
        root_view_maker: RootViewMaker = make_root_view,
        mono: Callable[[], float] = time.monotonic,
        when_shown: Callable[[], None] = lambda: None,
        when_unused: Callable[[], None] = lambda: None,
        signals: StopSignals | None = None,
        monitor: ScreenMonitor | None = None,
    ) -> None:
        super().__init__()
        self.visit = Visit(language="")
        self.first_frame_ms: float | None = None
        self.restart = False
        self.exit_code = 0
        self._ending_s: float | None = None
        self._kiosk_port = kiosk_port
        self._settings = kiosk_port.settings
        self._window = window
        self._make_root_view = root_view_maker
        self._mono = mono
        self._when_shown = when_shown
        self._when_unused = when_unused
        self._root_view: Any = None
        self._screens = 0
        self._recovering = False
        self._renewing = False
        self._last_resort = LastResort()
        self._answered = threading.Event()
        self._bridge = Bridge(self.dispatch)
        self._faults = FaultLog()
        self._hooks = ThreadHooks(self._faults)
        self._loop_guard = LoopGuard(self._loop_failed)
        self._monitor = monitor or ScreenMonitor()
        self._guard = TouchGuard(
            lambda: self._screens,
            self._on_touch,
            mono,
            self._window_mm,
            self._monitor.touch_dropped,
        )
        self._keypad = Keypad(
            settings=lambda: self._settings.kiosk.keypad,
            visit=lambda: self.visit,
            focus=lambda: self._root_view,
            act=self.dispatch,
            release=self._release_by_key,
            now=mono,
        )
        self._voice = SpeechSwitch(self._make_speech)
        self.snapshots = SnapshotSource(kiosk_port, self._keypad, self._voice, mono)
        self._frame_rate = FrameRate(window)
        self._effects = EffectRunner(kiosk_port, self._faults, self.post, self._end_for_staff)
        self._window_events = WindowEvents(
            window, self._keypad, self._faults, self._frame_rate.wake, self._failed
        )
        self._flip: Callable[[], None] = window.flip
        self._tick_event: Any = None
        self._soon_unused = Clock.create_trigger(self._unused, UNUSED_AFTER_S)
        self._signals = signals or StopSignals()
        self._switch_s = sys.getswitchinterval()

    # ── the loop ─────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Run the loop until ``stop`` is called."""
        self.begin()
        try:
            while not EventLoop.quit:
                self.frame()
        finally:
            self.finish()

    def begin(self) -> None:
        """Install the handlers and show the first screen; then call ``frame``."""
        self._hooks.__enter__()
        self._switch_s = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        ExceptionManager.add_handler(self._loop_guard)
        self._run_prepare()
        runTouchApp(embedded=True)
        self._frame_rate.start()
        self._flip, self._window.flip = self._window.flip, self._flip_and_note
        self._monitor.begin()
        self._window.register_event_manager(self._guard)
        self._window_events.bind()
        self._tick_event = Clock.schedule_interval(self._tick, TICK_S)
        self._signals.__enter__()
        self._signals.listen(self.stop)
        found = self._kiosk_port.unfinished()
        if found is not None:
            self.dispatch(Unfinished(found))

    def frame(self) -> None:
        """Turn the loop once: sleep, touches, posted events, drawing."""
        try:
            EventLoop.idle()
        except BaseException as error:
            if ExceptionManager.handle_exception(error) == ExceptionManager.RAISE:
                raise
        if self._ending_s is not None and time.monotonic() >= self._ending_s:
            self.stop()

    def finish(self) -> None:
        """Undo ``begin``; idempotent. The window stays open."""
        if self._tick_event is None:
            return
        self._tick_event.cancel()
        self._tick_event = None
        self._soon_unused.cancel()
        sys.setswitchinterval(self._switch_s)
        self._signals.listen(None)
        self._signals.__exit__(None, None, None)
        self._window_events.unbind()
        self._window.unregister_event_manager(self._guard)
        self._frame_rate.stop()
        self._window.flip = self._flip
        self._monitor.end(again=self.restart)
        self._voice.close()
        self._last_resort.uncover(self._window)
        self._stop()
        ExceptionManager.remove_handler(self._loop_guard)
        self._hooks.__exit__(None, None, None)

    def stop(self, *_: object) -> None:
        """End the loop after the present turn. From any thread or signal handler."""
        EventLoop.quit = True

    def build(self) -> Any:
        """Build the root view (Kivy's protocol)."""
        snapshot = self._world()
        self.visit = begin(snapshot)
        self._root_view = self._make_root_view(self._settings, self._window, self._emitted)
        self._monitor.note_fonts(left_out())
        self._show(snapshot)
        self._window.bind(on_flip=self._first_frame)
        return self._root_view

    def _flip_and_note(self) -> None:
        """Show the frame (replaces the window's ``flip`` while the app runs)."""
        self._flip()
        self._monitor.drawn()

    def _first_frame(self, *_: object) -> None:
        self._window.unbind(on_flip=self._first_frame)
        Clock.schedule_once(self._shown_first, 0)

    def _shown_first(self, _dt: float) -> None:
        self.first_frame_ms = process_age_ms()
        log.info("first frame after %.0f ms", self.first_frame_ms)
        with self._faults.caught("what waits for the first frame"):
            self._when_shown()
        self._soon_unused()

    def _unused(self, _dt: float) -> None:
        if isinstance(self.visit.screen, Agencies | Attract | Dark):
            with self._faults.caught("what waits until nobody uses the kiosk"):
                self._when_unused()

    # ── the visit ────────────────────────────────────────────────────────────────────────

    def dispatch(self, event: Event, touch: Touch | None = None) -> None:
        """Apply ``event`` to the visit, carry out its effects and show the result.

        ``touch``: the touch that it comes from. UI thread only; never raises."""
        with self._faults.caught("the screen", self._failed):
            self.snapshots.headset |= isinstance(event, HeadsetChanged)
            snapshot = self._world(touch)
            before, (self.visit, effects) = self.visit, step(self.visit, event, snapshot)
            changed = displayed(before) != displayed(self.visit)
            self._screens += targets(before) != targets(self.visit)
            self._answered.clear()
            for effect in effects:
                self._effects.run(effect)
            called = CallStaff() in effects
            if changed or called:
                self._frame_rate.wake()
                self._show(self._world() if called else snapshot)
                self._renew_if_home()
            self._voice.after(event, before, self.visit)
            if isinstance(self.visit.screen, Attract | Dark) and changed:
                self._soon_unused()
            if any(isinstance(effect, Issue) for effect in effects):
                self._answered.wait(HEAD_START_S)

    def _emitted(self, event: Event) -> None:
        """A widget was touched: it emits while the guard passes the release on."""
        self.dispatch(event, self._guard.touch)

    def _release_by_key(self, target: Any, touch: Touch) -> None:
        """The keypad releases a widget: what it emits comes from ``touch``."""
        self._guard.touch = touch
        target.release()

    def post(self, event: Event) -> None:
        """``dispatch`` from any thread, in the next frame."""
        if isinstance(event, PrintFinished | Refused):
            self._answered.set()
        self._bridge.post(event)
        self._frame_rate.interrupt()

    def _call(self, function: Callable[[], None]) -> None:
        """Call ``function`` on the UI thread, in the next frame. From any thread."""
        self._bridge.call(function)
        self._frame_rate.interrupt()

    def _make_speech(self, program: str | None) -> SpeechMode:
        from kiosk.app.speech_mode import SpeechMode

        def settings() -> SpeechSettings:
            return self._settings.kiosk.speech

        def usual() -> int:
            return self._kiosk_port.staff.facts().volume

        return SpeechMode(self._root_view, program, settings, self._call, self._mono, usual)

    def settings_changed(self) -> None:
        """Use the kiosk's new settings when the home screen is next shown. From any thread."""
        self._bridge.call(self._renew)

    def _world(self, touch: Touch | None = None) -> KioskSnapshot:
        return self.snapshots.take(self._settings, self.visit, touch)

    def _window_mm(self) -> tuple[float, float]:
        metrics = Metrics.of(self._settings.kiosk.screen, self._window.size)
        return metrics.width_mm, metrics.height_mm

    def _end_for_staff(self, restart: bool) -> None:
        self.restart = restart
        self.stop()

    def _show(self, snapshot: KioskSnapshot) -> None:
        self._last_resort.uncover(self._window)
        staff = bool(self._kiosk_port.notices())
        self._root_view.show(self.visit, snapshot, staff=staff, demo=self._kiosk_port.demo)

    def _tick(self, _dt: float) -> None:
        """Timer tick. Must not raise: Kivy cancels an interval whose callback raises."""
        with self._faults.caught("the screen", self._tick_failed):
            self.dispatch(Tick())
            self._root_view.tick(self.visit, self._world())
            self._voice.tick(self.visit)
            if self._voice.busy and self.visit.warned_s is None:
                self.dispatch(Touched())  # who listens is present
            self._frame_rate.slow_down_when_idle()
            self._monitor.ticked()
        if self._monitor.restart_due():
            self._give_up("the printer's thread hangs")
        elif self._monitor.frame_due():
            self._window.canvas.ask_update()

    def _on_touch(self, etype: str) -> None:
        """A touch began or ended. Idle warning and attract screen end on release, not on press.

        Their end is posted, so that the warning's buttons, or the bar, get the release first.
        """
        self._frame_rate.wake()
        self._monitor.touched()
        if self.visit.warned_s is None and not isinstance(self.visit.screen, Attract):
            self.dispatch(Touched())
        elif etype == "end":
            self._bridge.post(Touched())

    def _renew(self) -> None:
        self._renewing = True
        self._renew_if_home()

    def _renew_if_home(self) -> None:
        if self._renewing and self.visit.screen in (Agencies(), Attract(), Dark()):
            self._renewing = False
            self._settings = self._kiosk_port.settings
            self._root_view.new_settings(self._settings)
            self._monitor.note_fonts(left_out())
            self._screens += 1
            self._show(self._world())

    # ── recovery from failures ───────────────────────────────────────────────────────────

    def _loop_failed(self, error: Exception) -> None:
        self._faults.write(error, "the loop")
        if self._monitor.turn_failed():
            self._give_up()
        else:
            self._failed(error)

    def _tick_failed(self, error: Exception) -> None:
        if self._monitor.tick_failed():
            self._give_up()
        else:
            self._failed(error)

    def _give_up(self, why: str = "the screen fails again and again") -> None:
        """End the app for a restart, and log ``why``.

        The last picture stays on the panel until then. With a number on it, its visitor gets
        NUMBER_STAYS_S to read it: the slip may not have been printed.
        """
        if self._ending_s is not None:
            return
        log.critical("%s: the app ends for a restart", why)
        self.exit_code = EXIT_SCREEN_FAILS
        stays_s = NUMBER_STAYS_S if number_on(self.visit.screen) is not None else 0.0
        self._ending_s = time.monotonic() + stays_s

    def _failed(self, _error: Exception) -> None:
        """After an exception: show a screen that helps the visitor. Not reentrant."""
        if self._recovering or self._root_view is None:
            return
        self._recovering = True
        try:
            self._recover()
        finally:
            self._recovering = False

    def _recover(self) -> None:
        """Show the first of the visit's ``recoveries`` that can be drawn.

        A committed number stays visible: if its screen cannot be drawn, as plain large text. At
        last the site's fonts and other languages are left out: they may be what cannot be drawn.
        """
        for choice in recoveries(self.visit, self._mono()):
            self.visit, screen = choice, choice.screen
            self._screens += 1
            shown = False
            with self._faults.caught(f"showing {type(screen).__name__}"):
                self._show(self._world())
                shown = True
                self._renew_if_home()
            if not shown and isinstance(screen, Shown):
                self._last_resort.cover(self._window, screen.ticket.number)
                shown = True
            if shown:
                return
        with self._faults.caught("showing the first language without fonts"):
            self._leave_fonts_out()
            self._show(self._world())

    def _leave_fonts_out(self) -> None:
        fonts = tuple(files.regular for files in self._settings.fonts)
        self._settings = replace(self._settings, fonts=())
        self._root_view.new_settings(self._settings)
        self._monitor.note_fonts(fonts)
        self.visit = replace(self.visit, language=self._settings.catalogue.site.languages[0])

    def _install_settings_keys(self, window: Any) -> None:
        """Override: Kivy binds F1 to its settings panel here."""

    def open_settings(self, *_: object) -> bool:
        """Override: there is no settings panel."""
        return False
