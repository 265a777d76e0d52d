"""Which view draws a screen, and the views that are built already.

Apart from the root view because it knows every screen by name and the root view needs to know
none: a new screen is registered here. Views are built at their first use, or in advance while the
first screen is shown, because importing and building them takes longer than a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from kivy.clock import Clock

from kiosk.domain.events import Event
from kiosk.domain.visit_screens import (
    Agencies,
    Attract,
    Confirm,
    Dark,
    Find,
    Help,
    Issuing,
    Offered,
    Services,
    Shown,
    Staff,
    StaffPin,
)
from kiosk.screens.agencies import AgenciesView
from kiosk.screens.screen_view import ScreenView, ViewContext
from kiosk.ui.theme import Look

VIEWS = {
    "find": ("kiosk.screens.find", "FindView"),
    "services": ("kiosk.screens.services", "ServicesView"),
    "confirm": ("kiosk.screens.confirm", "ConfirmView"),
    "details": ("kiosk.screens.details", "DetailsView"),
    "number": ("kiosk.screens.number", "NumberView"),
    "offered": ("kiosk.screens.offered", "OfferedView"),
    "dark": ("kiosk.screens.dark", "DarkView"),
    "attract": ("kiosk.screens.attract", "AttractView"),
    "message": ("kiosk.screens.message", "MessageView"),
    "help": ("kiosk.screens.help", "HelpView"),
    "staff-pin": ("kiosk.screens.staff_pin", "StaffPinView"),
    "staff": ("kiosk.screens.staff", "StaffView"),
}
"""Screens other than the first, by name: built when first shown, or earlier while idle."""

NAMES = {
    Attract: "attract",
    Dark: "dark",
    Find: "find",
    Issuing: "number",
    Shown: "number",
    Offered: "offered",
    Help: "help",
    StaffPin: "staff-pin",
    Staff: "staff",
}
"""The view of a screen that is always drawn by the same one; any other is a message."""

LATER_S = 0.4
"""Interval at which the other screens are built after the first one is shown."""


def view_name(context: ViewContext) -> str:
    """The name of the view that draws ``context``."""
    match context.visit.screen:
        case Agencies(browse=browse):
            return "agencies" if browse or context.snapshot.offers else "message"
        case Services(agency=code, details=details):
            agency = context.snapshot.catalogue.agency(code)
            if agency is None or not agency.services:
                return "message"
            return "details" if details else "services"
        case Confirm(service=code):
            return "confirm" if context.snapshot.catalogue.service(code) else "message"
        case screen:
            return NAMES.get(type(screen), "message")


class ViewStore:
    """The views by name; their number is that of the views built. ``look``: that of the views that
    are built from now on."""

    def __init__(self, emit: Callable[[Event], None], look: Look) -> None:
        self.look = look
        self._emit = emit
        self._views: dict[str, ScreenView] = {"agencies": AgenciesView(emit, look=look)}
        Clock.schedule_once(self.build_ahead, LATER_S)

    def __len__(self) -> int:
        return len(self._views)

    def get(self, name: str) -> ScreenView:
        """The view of this name, built if it is not yet."""
        if name not in self._views:
            module, kind = VIEWS[name]
            self._views[name] = getattr(import_module(module), kind)(self._emit, look=self.look)
            self._views[name].size_hint = (None, None)
        return self._views[name]

    def build_ahead(self, _dt: float) -> None:
        """Build one more screen in advance, so that its first display is fast."""
        for name in VIEWS:
            if name not in self._views:
                self.get(name)
                Clock.schedule_once(self.build_ahead, LATER_S)
                return
