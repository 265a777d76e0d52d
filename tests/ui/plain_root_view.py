"""A minimal root view for tests of the application: one button for each event of a screen.

With it, a change of the real screens does not affect these tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.uix.boxlayout import BoxLayout
from kivy.uix.button import Button
from kivy.uix.label import Label

from kiosk.domain.config import Settings
from kiosk.domain.events import (
    AgencyChosen,
    AnotherTapped,
    BackTapped,
    ConfirmTapped,
    DoneTapped,
    Event,
    LanguageChosen,
    OfferTaken,
    PriorityChosen,
    RetryTapped,
    ServiceChosen,
)
from kiosk.domain.visit_screens import (
    Agencies,
    Closed,
    Confirm,
    Offered,
    Problem,
    Services,
    Shown,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)


class Press(Button):
    """A button that emits its event when the finger is lifted on it."""

    def __init__(self, event: Event, emit: Callable[[Event], None]) -> None:
        super().__init__(text=repr(event), min_state_time=0)
        self.event = event
        self._emit = emit

    def on_touch_up(self, touch: Any) -> bool:
        inside = touch.grab_current is self and self.collide_point(*touch.pos)
        taken = super().on_touch_up(touch)
        if inside:
            self._emit(self.event)
        return bool(taken)


class PlainRootView(BoxLayout):
    """Shows a visit as a column of buttons.

    ``shown``: the screens shown, in order. ``fail``: the screen whose drawing raises an error.
    """

    def __init__(self, settings: Settings, emit: Callable[[Event], None]) -> None:
        super().__init__(orientation="vertical")
        self.settings = settings
        self.fail: type | None = None
        self.fail_tick = False
        self.ticks = 0
        self.shown: list[type] = []
        self.staff = False
        self._emit = emit

    def show(
        self, visit: Visit, snapshot: KioskSnapshot, staff: bool = False, demo: bool = False
    ) -> None:
        if self.fail is type(visit.screen):
            raise RuntimeError("a screen broke")
        self.shown.append(type(visit.screen))
        self.staff = staff
        self.clear_widgets()
        if visit.warned_s is None:
            for event in self._offers(visit, snapshot):
                self.add_widget(Press(event, self._emit))
        self.add_widget(Label(text=type(visit.screen).__name__))

    def tick(self, visit: Visit, snapshot: KioskSnapshot) -> None:
        self.ticks += 1
        if self.fail_tick:
            raise RuntimeError("a tick broke")

    def new_settings(self, settings: Settings) -> None:
        self.settings = settings

    @staticmethod
    def _offers(visit: Visit, snapshot: KioskSnapshot) -> list[Event]:
        menu = snapshot.catalogue
        languages: list[Event] = [LanguageChosen(code) for code in menu.site.languages]
        match visit.screen:
            case Agencies():
                return [*(AgencyChosen(a.code) for a in menu.agencies), *languages]
            case Services(agency=code):
                agency = menu.agency(code)
                assert agency is not None
                services = [ServiceChosen(s.code) for s in agency.services]
                groups = [PriorityChosen(g.code) for g in menu.priority_groups]
                return [*services, *groups, BackTapped()]
            case Confirm():
                return [ConfirmTapped(), BackTapped()]
            case Shown():
                return [DoneTapped(), AnotherTapped()]
            case Offered():
                return [OfferTaken(), DoneTapped()]
            case Problem():
                return [RetryTapped(), BackTapped()]
            case Closed():
                return [BackTapped()]
            case _:
                return []
