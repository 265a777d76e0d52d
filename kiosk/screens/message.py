"""Why no number is given and what the visitor can do: closed, a fault, an empty menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty

from kiosk.domain.events import BackTapped, Event, HomeTapped, RetryTapped
from kiosk.domain.visit_state import Closed, Problem, Services
from kiosk.errors import Refusal
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import HoursLine, TitleAndText
from kiosk.widgets import button, timetable  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from menu.schedule import Why

load_twin(__file__)

WHY_ICONS = {
    Why.NOT_YET: "clock-start",
    Why.BREAK: "coffee-outline",
    Why.CUTOFF: "clock-end",
    Why.NOT_TODAY: "calendar-clock-outline",
    Why.HOLIDAY: "calendar-remove-outline",
    Why.PAUSED: "pause-circle-outline",
    Why.QUOTA: "ticket-outline",
    Why.NEVER: "calendar-question-outline",
}
TROUBLE_ICONS = {
    Refusal.QUOTA: "ticket-outline",
    Refusal.PAUSED: "pause-circle-outline",
    Refusal.PRINTER: "printer-alert",
    Refusal.BUSY: "timer-sand",
    Refusal.SLOW: "timer-sand",
}
ELSEWHERE = (Refusal.QUOTA, Refusal.PAUSED)
"""Troubles of one service: another agency may still give a number."""


class MessageView(ScreenView):
    """An icon, a sentence, an explanation, opening hours where they help, and the buttons."""

    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
    hours_title = StringProperty("")
    hours = ListProperty()
    upright = BooleanProperty(True)
    beside = BooleanProperty(False)
    pad = NumericProperty(0)
    words_w = NumericProperty(0)
    words_h = NumericProperty(0)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self.ids.main.emit = emit
        self.ids.other.emit = emit

    def head(self, context: ViewContext) -> HeaderText:
        """Agency and service, if there are any; otherwise a general title."""
        phrases, screen = context.phrases, context.visit.screen
        code = screen.agency if isinstance(screen, Closed | Services) else ""
        agency = context.snapshot.catalogue.agency(code)
        if agency is not None:
            service = screen.service if isinstance(screen, Closed) else None
            found = context.snapshot.catalogue.service(service) if service else None
            below = phrases.service_name(found.service) if found else phrases.full_name(agency)
            return HeaderText(phrases.short_name(agency), below, agency.icon)
        site = phrases.local(context.snapshot.catalogue.site.name)
        key = "problem.title" if isinstance(screen, Problem) else "agency.title"
        return HeaderText(phrases.say(key), site)

    def fill(self, context: ViewContext) -> None:
        """Show the reason and what the visitor can do."""
        screen = context.visit.screen
        if isinstance(screen, Closed):
            self._closed(screen, context)
        elif isinstance(screen, Problem):
            self._problem(screen, context)
        else:
            self._empty(context)

    def _say(self, icon: str, said: TitleAndText, hours: list[HoursLine] | None = None) -> None:
        self.icon, self.title, self.text = icon, said.title, said.text
        self.hours = hours or []

    def _buttons(
        self, context: ViewContext, main: tuple[str, str, Event] | None, other: bool
    ) -> None:
        """``main``: key, icon and event of the main button; ``other``: home beside it."""
        say = context.phrases.say
        widget = self.ids.main
        widget.label = say(main[0]) if main else ""
        widget.icon = main[1] if main else ""
        widget.event = main[2] if main else None
        self.ids.other.label = say("nav.home") if other else ""
        self.ids.other.event = HomeTapped() if other else None

    def _closed(self, screen: Closed, context: ViewContext) -> None:
        phrases, now = context.phrases, context.snapshot.now
        said = phrases.opening(screen.opening, now)
        agency = context.snapshot.catalogue.agency(screen.agency)
        found = context.snapshot.catalogue.service(screen.service) if screen.service else None
        hours = found.service.hours if found else (agency.hours if agency else None)
        if agency is not None and found is None and agency.services:
            hours = agency.services[0].hours
        known = screen.opening.why is not Why.NEVER
        lines = phrases.timetable(hours, now.date()) if hours and known else []
        self.hours_title = phrases.say("service.hours")
        self._say(WHY_ICONS.get(screen.opening.why, "clock-outline"), said, lines)
        key = "state.other_service" if screen.service else "state.other_agency"
        self._buttons(context, (key, "arrow-left", BackTapped()), other=False)

    def _problem(self, screen: Problem, context: ViewContext) -> None:
        phrases, snapshot = context.phrases, context.snapshot
        said = phrases.problem(screen, snapshot.now)
        if screen.trouble is Refusal.PRINTER and not snapshot.printer.well:
            said = TitleAndText(
                said.title, f"{phrases.printer_fault(snapshot.printer)}. {said.text}"
            )
        self._say(TROUBLE_ICONS.get(screen.trouble, "alert-circle-outline"), said)
        if screen.request is not None:
            self._buttons(context, ("nav.retry", "refresh", RetryTapped()), other=True)
        else:
            key = "state.other_agency" if screen.trouble in ELSEWHERE else "nav.home"
            self._buttons(context, (key, "home-outline", HomeTapped()), other=False)

    def _empty(self, context: ViewContext) -> None:
        say = context.phrases.say
        services = isinstance(context.visit.screen, Services)
        part = "service" if services else "agency"
        said = TitleAndText(say(f"{part}.none"), say(f"{part}.none_text"))
        self._say("clipboard-text-off-outline", said)
        main = ("state.other_agency", "arrow-left", BackTapped()) if services else None
        self._buttons(context, main, other=False)
