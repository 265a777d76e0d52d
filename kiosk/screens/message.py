"""Why no number is given and what the visitor can do: closed, a fault, an empty menu."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty

from kiosk.domain.events import (
    AnotherTapped,
    BackTapped,
    BrowseAsked,
    DoneTapped,
    Event,
    HomeTapped,
    RetryTapped,
    VoidConfirmed,
)
from kiosk.domain.staff_call import NO_CALL
from kiosk.domain.ticket import Ticket
from kiosk.domain.visit_screens import (
    Agencies,
    CancelAsked,
    Cancelled,
    Cancelling,
    Closed,
    DetailsSlip,
    Problem,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
)
from kiosk.errors import Refusal
from kiosk.screens.desk import offer_call, show_desk
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import TitleAndText
from kiosk.ui.opening_phrases import HoursLine, OpeningPhrases
from kiosk.widgets import button, code, strip, timetable  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.reading import Reading, nonempty, reachable
from menu.schedule import WeeklyHours, Why

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
AFTER_NUMBERS = (Why.BREAK, Why.CUTOFF, Why.PAUSED, Why.QUOTA)
"""Reasons of a closed site after which people may still wait with a number."""

ELSEWHERE = (Refusal.QUOTA, Refusal.PAUSED)
"""Troubles of one service: another agency may still give a number."""


Button = tuple[str, str, Event]
"""The key of a button's words, its icon and its event."""

HOME: Button = ("nav.home", "home-outline", HomeTapped())


class MessageView(ScreenView):
    """An icon, a sentence, an explanation, opening hours where they help, a code for complaints
    where something is wrong and the site names an address, and the buttons.

    ``low``: a low landscape screen in large text. ``crowded``: there, or upright where the
    sentences leave less than they need (``over``: what they take), the hours have no room; the
    sentences say when it opens. ``fits``: the icon is no higher than the room that the sentences
    leave (``spare``), and is left out where that is little; ``part``: its share of the card."""

    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
    hours_title = StringProperty("")
    hours = ListProperty()
    upright = BooleanProperty(True)
    tall = BooleanProperty(False)
    split = BooleanProperty(False)
    low = BooleanProperty(False)
    crowded = BooleanProperty(False)
    over = NumericProperty(0)
    good = BooleanProperty(False)
    note = StringProperty("")
    with_desk = BooleanProperty(True)
    calls = BooleanProperty(False)
    bottom = NumericProperty(0)
    row_h = NumericProperty(0)
    sentence = NumericProperty(10)
    pad = NumericProperty(0)
    content = NumericProperty(0)
    beside = BooleanProperty(False)
    link = StringProperty("")
    complaint = StringProperty("")
    complaint_text = StringProperty("")
    code_h = NumericProperty(0)
    below = NumericProperty(0)
    spare = NumericProperty(0)
    fits = BooleanProperty(False)
    part = NumericProperty(0)
    side_x = NumericProperty(0)
    side_w = NumericProperty(0)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self.ids.main.emit = emit
        self.ids.other.emit = emit
        self.ids.call.emit = emit

    def head(self, context: ViewContext) -> HeaderText:
        """Agency and service, if there are any; otherwise a general title."""
        phrases, screen = context.phrases, context.visit.screen
        about = screen.back if isinstance(screen, DetailsSlip) else screen
        of_agency = about.agency if isinstance(about, Closed | Services) else ""
        agency = context.snapshot.catalogue.agency(of_agency)
        if agency is not None:
            service = about.details if isinstance(about, Services) else None
            if isinstance(about, Closed):
                service = about.service
            found = context.snapshot.catalogue.service(service) if service else None
            below = phrases.service_name(found.service) if found else phrases.full_name(agency)
            return HeaderText(phrases.short_name(agency), below, agency.icon)
        site = phrases.local(context.snapshot.catalogue.site.name)
        if isinstance(screen, Cancelled):
            return HeaderText(phrases.say("cancel.title"), site)
        if isinstance(screen, CancelAsked | Cancelling):
            number = phrases.say("help.number", number=_ticket(screen).number)
            return HeaderText(phrases.say("cancel.title"), number)
        if isinstance(screen, Agencies):
            return HeaderText(site)
        key = "problem.title" if isinstance(screen, Problem) else "agency.title"
        return HeaderText(phrases.say(key), site)

    def fill(self, context: ViewContext) -> None:
        """Show the reason and what the visitor can do."""
        screen, site = context.visit.screen, context.snapshot.catalogue.site
        self.note = ""
        self.good = isinstance(screen, Cancelled)
        self.with_desk = not isinstance(screen, CancelAsked | Cancelling | Cancelled | DetailsSlip)
        call = context.snapshot.call if self.with_desk else NO_CALL
        show_desk(self.ids.desk, site.desk, call, context.phrases)
        self.calls = offer_call(self.ids.call, call, context.phrases)
        self._complaint(context)
        if isinstance(screen, Agencies):
            self._home(context)
        elif isinstance(screen, Closed):
            self._closed(screen, context)
        elif isinstance(screen, Problem):
            self._problem(screen, context)
        elif isinstance(screen, CancelAsked | Cancelling | Cancelled):
            self._cancel(screen, context)
        elif isinstance(screen, DetailsSlip):
            self._details_slip(screen, context)
        else:
            self._empty(context)
        if self.calls and context.snapshot.call.state.open and not self.look.metrics.portrait:
            # In landscape the call's words need the place of hours and note.
            self.hours, self.note = [], ""

    def reading(self) -> Reading:
        """The sentence, hours and information desk or call; then the buttons from left to right.

        The focus does not begin at the call: a key that is pressed twice must not call staff."""
        hours = [f"{line.days}: {line.times}" for line in self.hours]
        title = self.hours_title if hours else ""
        desk = (self.ids.desk.title, self.ids.desk.text) if self.with_desk else ()
        said = nonempty(self.title, self.text, self.note, title, *hours, *desk, self.complaint)
        items = reachable(self.ids.call, self.ids.other, self.ids.main)
        return Reading(notes=said, items=items, start=int(self.ids.call.works), news=True)

    def _complaint(self, context: ViewContext) -> None:
        """Where to complain, on the screens of a problem. A landscape screen in large text has no
        room for it."""
        screen, snapshot = context.visit.screen, context.snapshot
        out_of_service = isinstance(screen, Agencies) and snapshot.barred is not None
        shown = isinstance(screen, Problem) or (out_of_service and snapshot.catalogue.agencies)
        crowded = self.look.theme.large and not self.look.metrics.portrait
        self.link = snapshot.catalogue.site.complaint_url if shown and not crowded else ""
        self.complaint = context.phrases.say("help.complaint") if self.link else ""
        self.complaint_text = context.phrases.say("help.complaint_text") if self.link else ""

    def _say(self, icon: str, said: TitleAndText, hours: list[HoursLine] | None = None) -> None:
        self.icon, self.title, self.text = icon, said.title, said.text
        self.hours = hours or []

    def _buttons(self, context: ViewContext, main: Button | None, other: Button | None) -> None:
        """Label the main button and the one beside it; None hides a button."""
        for widget, button_ in ((self.ids.main, main), (self.ids.other, other)):
            key, icon, event = button_ or ("", "", None)
            widget.label = context.phrases.say(key) if key else ""
            widget.icon, widget.event = icon, event

    def _closed(self, screen: Closed, context: ViewContext) -> None:
        phrases, now = context.phrases, context.snapshot.now
        openings = OpeningPhrases(phrases)
        said = openings.reason(screen.opening, now)
        agency = context.snapshot.catalogue.agency(screen.agency)
        found = context.snapshot.catalogue.service(screen.service) if screen.service else None
        hours = found.service.hours if found else (agency.hours if agency else None)
        if agency is not None and found is None and agency.services:
            hours = agency.services[0].hours
        known = screen.opening.why is not Why.NEVER
        lines = openings.timetable(hours, now.date()) if hours and known else []
        self.hours_title = phrases.say("service.hours")
        self._say(WHY_ICONS.get(screen.opening.why, "clock-outline"), said, lines)
        key = "state.other_service" if screen.service else "state.other_agency"
        self._buttons(context, (key, "arrow-left", BackTapped()), None)

    def _problem(self, screen: Problem, context: ViewContext) -> None:
        phrases, snapshot = context.phrases, context.snapshot
        said = phrases.problem(screen, snapshot.now, snapshot.kiosks)
        self._say(TROUBLE_ICONS.get(screen.trouble, "alert-circle-outline"), said)
        if screen.request is not None:
            self._buttons(context, ("nav.retry", "refresh", RetryTapped()), HOME)
        else:
            key = "state.other_agency" if screen.trouble in ELSEWHERE else "nav.home"
            self._buttons(context, (key, "home-outline", HomeTapped()), None)

    def _home(self, context: ViewContext) -> None:
        """Home without an agency to offer: no menu, a machine that cannot give, or all closed."""
        phrases, snapshot = context.phrases, context.snapshot
        browse = ("state.browse", "clipboard-list-outline", BrowseAsked())
        closed = snapshot.site_closed
        if not snapshot.catalogue.agencies:
            self._empty(context)
        elif snapshot.barred:
            icon = TROUBLE_ICONS.get(snapshot.barred, "alert-circle-outline")
            self._say(icon, phrases.machine(snapshot.barred, snapshot.kiosks))
            self._buttons(context, browse, None)
        elif closed is not None:
            openings = OpeningPhrases(phrases)
            lines = openings.timetable(usual_hours(snapshot), snapshot.now.date())
            self.hours_title = phrases.say("service.hours")
            icon = WHY_ICONS.get(closed.why, "clock-outline")
            self._say(icon, openings.site_closed(closed, snapshot.now), lines)
            self.note = phrases.say("state.have_number") if closed.why in AFTER_NUMBERS else ""
            self._buttons(context, browse, None)

    def _cancel(self, screen: CancelAsked | Cancelling | Cancelled, context: ViewContext) -> None:
        """A number is given back: the question, the short wait, and that it is done."""
        say, ticket = context.phrases.say, _ticket(screen)
        match screen:
            case CancelAsked():
                title = say("cancel.ask", number=ticket.number)
                self._say("ticket-outline", TitleAndText(title, say("cancel.ask_text")))
                yes = ("cancel.yes", "close-circle-outline", VoidConfirmed())
                self._buttons(context, yes, ("cancel.no", "arrow-left", BackTapped()))
            case Cancelling():
                wait = TitleAndText(say("printing.title"), say("cancel.going"))
                self._say("timer-sand", wait)
                self._buttons(context, None, None)
            case Cancelled():
                title = say("cancel.done", number=ticket.number)
                self._say("check-circle-outline", TitleAndText(title, say("cancel.done_text")))
                done = ("done.finish", "check", DoneTapped())
                more = ("done.more", "plus-circle-outline", AnotherTapped())
                self._buttons(context, done, more)

    def _details_slip(self, screen: DetailsSlip, context: ViewContext) -> None:
        """A slip without a number: that it is being printed, and how that ended."""
        result = screen.result
        said = context.phrases.details_slip(result)
        if result is None:
            self._say("timer-sand", said)
            self._buttons(context, None, None)
            return
        self.good = result.is_printed
        self._say("printer-check" if self.good else "printer-alert", said)
        self._buttons(context, ("details.back", "arrow-left", BackTapped()), HOME)

    def _empty(self, context: ViewContext) -> None:
        say = context.phrases.say
        services = isinstance(context.visit.screen, Services)
        part = "service" if services else "agency"
        said = TitleAndText(say(f"{part}.none"), say(f"{part}.none_text"))
        self._say("clipboard-text-off-outline", said)
        main = ("state.other_agency", "arrow-left", BackTapped()) if services else None
        self._buttons(context, main, None)


def usual_hours(snapshot: KioskSnapshot) -> WeeklyHours:
    """The hours that most services of the site have."""
    hours = Counter(found.service.hours for found in snapshot.catalogue.services())
    return hours.most_common(1)[0][0]


def _ticket(screen: CancelAsked | Cancelling | Cancelled) -> Ticket:
    return screen.ticket if isinstance(screen, Cancelled) else screen.number.ticket
