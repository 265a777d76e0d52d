"""A robot that makes visits with real touches, and takes pictures of every screen.

It finds the widget whose ``event`` it wants, touches its centre, and turns the application's loop
until the expected screen appears. It never sleeps: each wait is a condition with a deadline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kivy.base import EventLoop

from kiosk.app.kiosk_app import KioskApp
from kiosk.app.ports import KioskPort
from kiosk.demo.camera import Camera
from kiosk.demo.fingers import Fingers
from kiosk.demo.plans import VisitPlan, plan_visits
from kiosk.demo.timing_port import TimingKioskPort
from kiosk.domain.delivery import Proof
from kiosk.domain.events import (
    AgencyChosen,
    BackTapped,
    ConfirmTapped,
    DoneTapped,
    Event,
    HomeTapped,
    LanguageChosen,
    LanguagesAsked,
    PageChosen,
    PriorityChosen,
    ServiceChosen,
    Tap,
)
from kiosk.domain.visit_repeats import REPEAT_S
from kiosk.domain.visit_screens import (
    Agencies,
    Closed,
    Confirm,
    Problem,
    Services,
    Shown,
)
from kiosk.domain.visit_state import (
    Visit,
)
from kiosk.errors import KioskError

DEADLINE_S = 30.0
"""How long the robot waits for a screen before it gives up."""


class RobotLost(KioskError):
    """The expected screen did not appear."""


@dataclass(frozen=True, slots=True)
class VisitResult:
    """The result of a visit.

    ``number``: empty when none was given; ``trouble`` then says why. ``taps``: touches up to the
    number. ``slip_ms``: milliseconds from the last touch to the printer's report that the slip is
    printed; None without a report.
    """

    number: str
    agency: str
    service: str
    taps: int
    slip_ms: float | None
    proof: Proof | None = None
    trouble: str = ""


class VisitObserver(Protocol):
    """Is called during the visits, to make something happen; ``visit`` counts from 0."""

    def before_last_touch(self, visit: int) -> None:
        """The next touch issues the number."""

    def after(self, visit: int) -> None:
        """The visit has ended."""


class NullObserver:
    """Does nothing."""

    def before_last_touch(self, visit: int) -> None:
        """Do nothing."""

    def after(self, visit: int) -> None:
        """Do nothing."""


NO_OBSERVER = NullObserver()


class SkippingClock:
    """A monotonic clock that can be advanced by ``ahead_s``."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        """Seconds, advanced by ``ahead_s``."""
        return time.monotonic() + self.ahead_s


class Robot:
    """Makes visits in ``app``, on which ``begin`` was called. ``kiosk_port`` is the app's.

    ``observer`` is called between two touches, while the loop does not turn.
    """

    def __init__(
        self,
        app: KioskApp,
        window: Any,
        kiosk_port: TimingKioskPort,
        clock: SkippingClock,
        pictures: Path | None = None,
        observer: VisitObserver = NO_OBSERVER,
    ) -> None:
        self._app = app
        self._window = window
        self._kiosk_port = kiosk_port
        self._clock = clock
        self._camera = Camera(window, pictures) if pictures else None
        self._observer = observer
        self._fingers = Fingers(window)
        self._taps = 0
        self._lifted_s = 0.0

    def visits(self, plans: list[VisitPlan]) -> Iterator[VisitResult]:
        """Make the visits in order, each from the home screen."""
        self._fingers.attach()
        try:
            for visit, plan in enumerate(plans):
                yield self._visit(plan, visit)
                self._observer.after(visit)
        finally:
            self._fingers.detach()

    def _visit(self, plan: VisitPlan, visit: int) -> VisitResult:
        self._taps = 0
        self.until(lambda v: v.screen == Agencies(), "the home screen")
        self._picture()
        if plan.language:
            self._choose_language(plan.language)
            self._picture()
        self._to_page_with(AgencyChosen(plan.agency))
        self.tap(AgencyChosen(plan.agency))
        self.until(lambda v: v.screen != Agencies(), "an answer to the agency")
        if isinstance(self._app.visit.screen, Services):
            self._choose_service(plan, visit)
        if isinstance(self._app.visit.screen, Confirm):
            self._picture()
            self.tap(ConfirmTapped())
            self.until(lambda v: not isinstance(v.screen, Confirm), "an answer to yes")
        return self._outcome(plan)

    def _choose_service(self, plan: VisitPlan, visit: int) -> None:
        self._picture()
        if plan.priority:
            self.tap(PriorityChosen(plan.priority))
            self.until(lambda v: plan.priority in v.priorities, "the priority")
            self._picture()
        self._to_page_with(ServiceChosen(plan.service))
        self._observer.before_last_touch(visit)
        self.tap(ServiceChosen(plan.service))
        self.until(lambda v: not isinstance(v.screen, Services), "an answer to the service")

    def _outcome(self, plan: VisitPlan) -> VisitResult:
        lifted, taps = self._lifted_s, self._taps
        self._picture(settled=False)
        self.until(_has_ended, "a number")
        self._picture()
        screen = self._app.visit.screen
        found = self._kiosk_port.settings.catalogue.service(plan.service)
        language = self._kiosk_port.settings.catalogue.site.languages[0]
        agency = found.agency.short.in_(language) if found else plan.agency
        service = found.service.name.in_(language) if found else plan.service
        if isinstance(screen, Shown):
            done = self._kiosk_port.delivered_s.get(screen.ticket.id)
            slip_ms = None if done is None else (done - lifted) * 1000
            result = VisitResult(screen.ticket.number, agency, service, taps, slip_ms, screen.proof)
        else:
            why = screen.trouble.value if isinstance(screen, Problem) else "closed"
            result = VisitResult("", agency, service, taps, None, trouble=why)
        self._go_home()
        return result

    def _go_home(self) -> None:
        """End the visit as a visitor does, so that the next one starts on the home screen."""
        ways: tuple[Tap, ...] = (DoneTapped(), HomeTapped(), BackTapped())
        for way in ways:
            if self.find(way) is not None:
                self.tap(way)
                break
        self.until(lambda v: v.screen == Agencies(), "home")
        language = self._kiosk_port.settings.catalogue.site.languages[0]
        if self._app.visit.language != language:
            self._choose_language(language)

    def _choose_language(self, language: str) -> None:
        """By its key, which three and more languages have behind another one."""
        key, opens = LanguageChosen(language), LanguagesAsked(open=True)
        self._until(lambda: self.find(key) or self.find(opens), f"a key for {language}")
        if self.find(key) is None:
            self.tap(opens)
        self.tap(key)
        self.until(lambda v: v.language == language, f"the language {language}")

    # ── touching and finding ─────────────────────────────────────────────────────────────

    def tap(self, event: Event) -> None:
        """Touch the centre of the widget with ``event``, and lift the finger."""
        self._clock.ahead_s += REPEAT_S
        self._until(lambda: self.find(event) is not None, f"a button for {event}")
        widget = self.find(event)
        x, y = widget.to_window(*widget.center)
        touch = self._fingers.down(x, y)
        self._app.frame()
        self._fingers.up(touch, x, y)
        self._lifted_s = time.monotonic()
        self._taps += 1
        self._app.frame()

    def find(self, event: Event) -> Any:
        """The visible widget with ``event``, or None."""
        for root in self._window.children:
            for widget in root.walk(restrict=True):
                if getattr(widget, "event", None) == event and is_touchable(widget):
                    return widget
        return None

    def until(self, seen: Callable[[Visit], bool], what: str) -> None:
        """Turn the loop until ``seen`` is true for the visit; ``what`` names it in the error."""
        self._until(lambda: seen(self._app.visit), what)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            if EventLoop.quit:
                raise KeyboardInterrupt
            if time.monotonic() > deadline:
                screen = type(self._app.visit.screen).__name__
                raise RobotLost("demo.lost", screen=screen, what=what)
            self._app.frame()

    def _to_page_with(self, event: Event) -> None:
        """Go to the next page until a widget with ``event`` is visible."""
        self._app.frame()
        for page in range(1, 100):
            if self.find(event) is not None or self.find(PageChosen(page)) is None:
                return
            self.tap(PageChosen(page))

    def _picture(self, *, settled: bool = True) -> None:
        if self._camera is not None:
            if settled:
                self._until(self._camera.is_still, "a still picture")
            self._camera.take(_name(self._app.visit))
            if settled:
                self._camera.develop()


def _has_ended(visit: Visit) -> bool:
    """Whether the print job has ended, or no number was given."""
    screen = visit.screen
    return isinstance(screen, Problem | Closed) or (
        isinstance(screen, Shown) and screen.proof is not None
    )


def is_touchable(widget: Any) -> bool:
    """Whether the widget is enabled and neither it nor an ancestor is hidden."""
    if getattr(widget, "disabled", False) or widget.width <= 0 or widget.height <= 0:
        return False
    node = widget
    while node is not None and node.parent is not node:
        if getattr(node, "opacity", 1) == 0:
            return False
        node = node.parent
    return True


def _name(visit: Visit) -> str:
    """A picture's name: screen, language and priority."""
    words = {"Shown": "number", "Issuing": "printing"}
    kind = type(visit.screen).__name__
    parts = [words.get(kind, kind.lower()), visit.language]
    return "-".join([*parts, "priority"] if visit.priorities else parts)


def run_robot(
    kiosk_port: KioskPort,
    window: Any,
    count: int,
    pictures: Path | None = None,
    observer: VisitObserver = NO_OBSERVER,
) -> list[VisitResult]:
    """Make ``count`` visits off-screen and save pictures of the screens in ``pictures``.

    Raises KioskError when nothing is open, RobotLost when an expected screen does not appear.
    """
    plans = plan_visits(kiosk_port.settings.catalogue, kiosk_port.now(), count)
    timing, clock = TimingKioskPort(kiosk_port), SkippingClock()
    app = KioskApp(timing, window, mono=clock)
    app.begin()
    try:
        return list(Robot(app, window, timing, clock, pictures, observer).visits(plans))
    finally:
        app.finish()
