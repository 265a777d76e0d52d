"""An application under test with simulated touches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kiosk.app.kiosk_app import KioskApp
from kiosk.demo.fingers import Fingers
from kiosk.demo.robot import Robot, SkippingClock
from kiosk.demo.timing_port import TimingKioskPort
from kiosk.domain.events import AgencyChosen, Event, ServiceChosen
from kiosk.domain.ticket import TicketRequest
from kiosk.domain.visit_state import (
    Visit,
)
from tests.ui.kiosk_ports import FakeKioskPort
from tests.ui.plain_root_view import PlainRootView

WAIT_S = 20.0


def plain(settings: Any, window: Any, emit: Callable[[Event], None]) -> PlainRootView:
    """The minimal root view."""
    return PlainRootView(settings, emit)


class FreezableClock(SkippingClock):
    """The robot's clock, which can be frozen: else a slow machine would look like a slow finger."""

    def __init__(self) -> None:
        super().__init__()
        self._frozen_s: float | None = None

    def __call__(self) -> float:
        return self.ahead_s + (time.monotonic() if self._frozen_s is None else self._frozen_s)

    def freeze(self) -> None:
        """Stop the clock: from now on only ``advance`` and the robot move it."""
        self._frozen_s = time.monotonic()

    def advance(self, seconds: float) -> None:
        """Advance the clock, frozen or not."""
        self.ahead_s += seconds


class AppUnderTest:
    """A started application with a minimal root view, or with the one given."""

    def __init__(
        self, window: Any, kiosk_port: Any = None, root_view_maker: Callable[..., Any] = plain
    ) -> None:
        self.window = window
        self.kiosk_port: Any = kiosk_port or FakeKioskPort()
        self.clock = FreezableClock()
        self.timing_port = timing_port = TimingKioskPort(self.kiosk_port)
        self.app = KioskApp(timing_port, window, root_view_maker, self.clock)
        self.robot = Robot(self.app, window, timing_port, self.clock)
        self.fingers = Fingers(window)
        self.robot_fingers = self.robot._fingers
        self.app.begin()
        self.fingers.attach()
        self.robot_fingers.attach()
        self.frames(2)

    def end(self) -> None:
        """Remove the fingers and finish the application."""
        self.fingers.detach()
        self.robot_fingers.detach()
        self.app.finish()

    @property
    def visit(self) -> Visit:
        return self.app.visit

    @property
    def root_view(self) -> Any:
        return self.app.root

    def kiosk_port_request(self, service: str) -> TicketRequest:
        """A request made without a touch."""
        return TicketRequest("id-1", "0" * 32, service, "id", self.kiosk_port.now())

    def frames(self, count: int) -> None:
        """Run ``count`` frames."""
        for _ in range(count):
            self.app.frame()

    def until(self, condition: Callable[[], bool], what: str = "it") -> None:
        """Run frames until ``condition`` holds; AssertionError after WAIT_S."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come: {self.visit}"
            self.app.frame()

    def on(self, screen: type) -> None:
        """Wait for a screen."""
        self.until(lambda: isinstance(self.visit.screen, screen), screen.__name__)

    def tap(self, event: Event) -> None:
        """Tap the button of ``event``, after the debounce."""
        self.robot.tap(event)

    def take(self) -> None:
        """Take a number of the test menu with two taps."""
        self.tap(AgencyChosen("dlh"))
        self.tap(ServiceChosen("ukl"))

    def button(self) -> tuple[float, float]:
        """Open the services of an agency; return the centre of the button that takes a number."""
        self.tap(AgencyChosen("dlh"))
        self.clock.advance(2)
        return self.middle(ServiceChosen("ukl"))

    def middle(self, event: Event) -> tuple[float, float]:
        """The centre of the button for ``event``, in window coordinates."""
        self.until(lambda: self.robot.find(event) is not None, f"a button for {event}")
        widget = self.robot.find(event)
        x, y = widget.to_window(*widget.center)
        return float(x), float(y)

    def pass_time(self, seconds: float) -> None:
        """Advance the visit's clock, and wait for two ticks."""
        self.clock.ahead_s += seconds
        ticks = self.root_view.ticks
        self.until(lambda: self.root_view.ticks > ticks + 1, "a tick")
