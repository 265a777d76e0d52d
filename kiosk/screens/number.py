"""The number: from the request to the end of the visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.domain.delivery import PrintResult, Proof
from kiosk.domain.events import AnotherTapped, DoneTapped, Event
from kiosk.domain.live import Ahead
from kiosk.domain.visit_state import Issuing, Shown
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import Phrases
from kiosk.widgets import ahead, button, code, place, strip  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from menu.catalogue import Found

load_twin(__file__)


class NumberView(ScreenView):
    """The number as large as possible, where to wait, and the state of the slip."""

    number = StringProperty("")
    label = StringProperty("")
    service = StringProperty("")
    agency = StringProperty("")
    badge = StringProperty("")
    foot = StringProperty("")
    where = StringProperty("")
    floor = StringProperty("")
    counter = StringProperty("")
    ahead = StringProperty("")
    people = StringProperty("")
    wait = StringProperty("")
    in_line = StringProperty("")
    in_line_wait = StringProperty("")
    link = StringProperty("")
    follow = StringProperty("")
    follow_text = StringProperty("")
    upright = BooleanProperty(True)
    waiting = BooleanProperty(False)
    inset = NumericProperty(0)
    left = NumericProperty(0)
    side_x = NumericProperty(0)
    side_w = NumericProperty(0)
    low = NumericProperty(0)
    high = NumericProperty(0)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._phrases: Phrases | None = None
        self._result: PrintResult | None = None
        self.ids.more.emit = emit
        self.ids.done.emit = emit

    def head(self, context: ViewContext) -> HeaderText:
        """Take the ticket, or note the number."""
        screen, phrases = context.visit.screen, context.phrases
        key = "printing.title"
        if isinstance(screen, Shown):
            paper = screen.proof in (None, Proof.CONFIRMED, Proof.SENT)
            key = "done.title" if paper else "done.title_screen"
        return HeaderText(phrases.say(key), phrases.local(context.snapshot.catalogue.site.name))

    def fill(self, context: ViewContext) -> None:
        """Show the number with place, queue and slip."""
        screen, phrases = context.visit.screen, context.phrases
        self._phrases = phrases
        self.upright = self.look.metrics.portrait
        if isinstance(screen, Issuing):
            self._fill_issuing(screen, context)
        elif isinstance(screen, Shown):
            self._fill_shown(screen, context)

    def _fill_issuing(self, screen: Issuing, context: ViewContext) -> None:
        phrases = context.phrases
        self.waiting = True
        self.number = ""
        self._result = None
        self._about(context.snapshot.catalogue.service(screen.request.service), phrases)
        self.badge = phrases.say("slip.priority") if screen.request.priority else ""
        self.label = phrases.say("printing.text")
        self.link = self.foot = ""
        self._queue(None, phrases)
        self._paper("info", "timer-sand", phrases.say("printing.title"), "")
        self._buttons(None, None)

    def _fill_shown(self, screen: Shown, context: ViewContext) -> None:
        phrases, ticket, site = context.phrases, screen.ticket, context.snapshot.catalogue.site
        self.waiting = False
        self.number = ticket.number
        self._about(context.snapshot.catalogue.service(ticket.service), phrases)
        self.badge = phrases.say("slip.priority") if ticket.priority else ""
        self.label = phrases.say("done.number")
        between = " " if self.upright else "\n"
        self.foot = between.join((f"{phrases.say('slip.valid')}.", phrases.say("done.missed")))
        url = site.public_url.rstrip("/")
        self.link = f"{url}/t/{ticket.track}" if url else ""
        self._queue(screen.ahead, phrases)
        self.follow = phrases.say("done.follow")
        self.follow_text = phrases.say("done.follow_text")
        self._result = screen.result
        said = phrases.paper(screen.result, copy=screen.copy)
        mood, icon = _mood(screen.proof)
        self._paper(mood, icon, said.title, said.text)
        self._buttons(AnotherTapped(), DoneTapped())
        self.count(context.left_s)

    def _queue(self, known: Ahead | None, phrases: Phrases) -> None:
        """Who is ahead: a card beside the place if it fits, otherwise a line below the number."""
        self.ahead = self.people = self.wait = self.in_line = self.in_line_wait = ""
        if known is None:
            return
        if not self.upright:
            self.in_line = phrases.ahead(known)
            if known.people and known.wait_minutes:
                self.in_line_wait = phrases.wait(known.wait_minutes)
            return
        if not known.people:
            self.people = phrases.say("done.first")
            return
        self.ahead = phrases.say("done.ahead_label")
        self.people = phrases.say("done.ahead_people", n=known.people)
        self.wait = phrases.wait(known.wait_minutes) if known.wait_minutes else ""

    def _about(self, found: Found | None, phrases: Phrases) -> None:
        self.service = phrases.service_name(found.service) if found else ""
        self.agency = ""
        self.floor = self.counter = ""
        self.where = phrases.say("done.where_label")
        if found is None:
            self.where = phrases.say("done.where_ask")
            return
        self.agency = phrases.full_name(found.agency) or phrases.short_name(found.agency)
        self.floor = phrases.floor(found.service.place)
        self.counter = phrases.counter(found.service.place)
        if not self.floor and not self.counter:
            self.where = phrases.say("done.where_ask")

    def _paper(self, mood: str, icon: str, title: str, text: str) -> None:
        strip_ = self.ids.paper
        strip_.mood, strip_.icon, strip_.title, strip_.text = mood, icon, title, text

    def _buttons(self, more: Event | None, done: Event | None) -> None:
        self.ids.more.event, self.ids.done.event = more, done
        if self._phrases is not None:
            self.ids.more.label = self._phrases.say("done.more")
            self.count(None)

    def count(self, left_s: int | None) -> None:
        """Show the seconds until home on the button that ends the visit."""
        if self._phrases is None:
            return
        proof = self._result.proof if self._result else None
        if left_s is not None and proof is Proof.CONFIRMED:
            label = self._phrases.say("done.finish_in", s=left_s)
        elif proof in (None, Proof.CONFIRMED):
            label = self._phrases.say("done.finish")
        else:
            label = self._phrases.say("done.noted")
        self.ids.done.label = label


def _mood(proof: Proof | None) -> tuple[str, str]:
    if proof is None:
        return "info", "printer"
    if proof is Proof.CONFIRMED:
        return "good", "printer-check"
    if proof is Proof.SENT:
        return "info", "printer-eye"
    return "warn", "camera-outline"
