"""The number: from the request to the end of the visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.domain.delivery import Proof
from kiosk.domain.events import AnotherTapped, CancelTapped, DoneTapped, Event
from kiosk.domain.live import Ahead
from kiosk.domain.visit_screens import (
    Issuing,
    Shown,
)
from kiosk.domain.visit_timers import stands_s
from kiosk.screens.agencies_plan import Rect
from kiosk.screens.number_plan import NumberPlan, plan_number
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import Phrases, TitleAndText
from kiosk.widgets import ahead, button, code, place, strip  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.reading import Reading, nonempty, reachable
from menu.catalogue import Found, survey_of

load_twin(__file__)


class Countdown(BaseWidget):
    """``words`` above a bar of which ``part`` (0 to 1) is left; empty words hide both."""

    words = StringProperty("")
    part = NumericProperty(0.0)


class NumberView(ScreenView):
    """The number as large as possible, where to wait, and the state of the slip.

    In large text a ``brief`` card has no title, and a ``bare`` one only the number, and the badge
    of a priority number: the service's name would leave the number much smaller than the place."""

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
    wait_title = StringProperty("")
    alert = StringProperty("")
    wait = StringProperty("")
    link = StringProperty("")
    follow = StringProperty("")
    follow_text = StringProperty("")
    waiting = BooleanProperty(False)
    brief = BooleanProperty(False)
    bare = BooleanProperty(False)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._phrases: Phrases | None = None
        self._stands_s = 0.0
        for name in ("more", "done", "cancel"):
            self.ids[name].emit = emit
        for name in ("pos", "size", "look", "people", "link"):
            self.fbind(name, self._arrange)
        for name in ("text", "mood"):
            self.ids.paper.fbind(name, self._arrange)

    def _arrange(self, *_: object) -> None:
        plan = self._plan()
        nothing = Rect(0, 0, 0, 0)
        self.ids.code.link = self.link if plan.code is not None else ""
        for name, rect in (
            ("paper", plan.strip),
            ("card", plan.number),
            ("place", plan.place),
            ("queue", plan.queue or nothing),
            ("code", plan.code or nothing),
            ("countdown", plan.countdown),
            ("cancel", plan.cancel),
            ("more", plan.more),
            ("done", plan.done),
        ):
            self.put(self.ids[name], rect)

    def _plan(self) -> NumberPlan:
        paper = self.ids.paper
        queue, link, note = bool(self.people), bool(self.link), bool(paper.text)
        if not self.look.theme.large:
            return plan_number(self.space, queue=queue, code=link, note=note)
        from kiosk.screens.number_large_plan import large_number  # when the mode is first used

        warn = note or paper.mood == "warn"
        return large_number(self.space, queue=queue, code=link, note=note, warn=warn)

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
        screen = context.visit.screen
        self._phrases = context.phrases
        if isinstance(screen, Issuing):
            self._fill_issuing(screen, context)
        elif isinstance(screen, Shown):
            self._fill_shown(screen, context)

    def _fill_issuing(self, screen: Issuing, context: ViewContext) -> None:
        phrases = context.phrases
        self.waiting = True
        self.number = ""
        self._about(context.snapshot.catalogue.service(screen.request.service), phrases)
        self.badge = phrases.say("slip.priority") if screen.request.priority else ""
        self.label = phrases.say("printing.text")
        self.link = self.foot = ""
        self._queue(None, phrases)
        self._paper("info", "timer-sand", TitleAndText(phrases.say("printing.title")))
        self._buttons(None, phrases)
        self.count(None)

    def _fill_shown(self, screen: Shown, context: ViewContext) -> None:
        phrases, ticket, site = context.phrases, screen.ticket, context.snapshot.catalogue.site
        self.waiting = False
        self.number = ticket.number
        self._about(context.snapshot.catalogue.service(ticket.service), phrases)
        self.badge = phrases.say("slip.priority") if ticket.priority else ""
        self.label = phrases.say("done.number")
        self.foot = f"{phrases.say('slip.valid')}. {phrases.say('done.missed')}"
        url = site.public_url.rstrip("/")
        found = context.snapshot.catalogue.service(ticket.service)
        survey = survey_of(site, found.agency) if found else site.survey_url
        self.link = f"{url}/t/{ticket.track}" if url else survey
        self._queue(screen.ahead, phrases)
        if found and screen.ahead and context.snapshot.ends_late(found.service, screen.ahead):
            self.alert = phrases.say("busy.late_short")
        self.follow = phrases.say("done.follow" if url else "done.survey")
        self.follow_text = phrases.say("done.follow_text" if url else "done.survey_text")
        said = phrases.paper(screen.result, copy=screen.copy)
        mood, icon = _mood(screen.proof)
        if screen.hangs:
            said = TitleAndText(phrases.say("done.take"), phrases.say("done.take_hint"))
            mood, icon = "info", "arrow-down-bold"
        elif screen.taken:
            said = TitleAndText(phrases.say("done.taken"))
            mood, icon = "good", "check-circle-outline"
        if screen.kept:
            said = TitleAndText(phrases.say("done.kept"))
            mood, icon = "warn", "alert-circle-outline"
        self._paper(mood, icon, said)
        self._buttons(screen, phrases)
        self._stands_s = stands_s(context.visit, context.snapshot)
        self.count(context.left_s)

    def reading(self) -> Reading:
        """The number, where to wait, people and time, where the slip comes out; the buttons."""
        paper = self.ids.paper
        notes = nonempty(
            f"{self.label}: {self.number}" if self.number else self.label,
            self.badge,
            self.service,
            self.agency,
            self.where,
            self.floor,
            self.counter,
            f"{self.ahead}: {self.people}" if self.ahead else self.people,
            f"{self.wait_title}: {self.wait}" if self.wait else "",
            self.alert,
            paper.title,
            paper.text,
        )
        items = reachable(self.ids.cancel, self.ids.more, self.ids.done)
        # Not at the key that gives the number back, which is the first one on the screen.
        start = max(0, len(items) - 1)
        result = bool(self.number)
        return Reading(notes=notes, items=items, start=start, news=True, result=result)

    def _queue(self, known: Ahead | None, phrases: Phrases) -> None:
        """Who is ahead, and for how long."""
        self.ahead = self.people = self.wait_title = self.wait = self.alert = ""
        if known is None:
            return
        if not known.people:
            self.people = phrases.say("done.first")
            return
        self.ahead = phrases.say("done.ahead_label")
        self.people = phrases.say("done.ahead_people", n=known.people)
        self.wait_title = phrases.say("confirm.about")
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

    def _paper(self, mood: str, icon: str, said: TitleAndText) -> None:
        strip_ = self.ids.paper
        strip_.mood, strip_.icon, strip_.title, strip_.text = mood, icon, said.title, said.text

    def _buttons(self, screen: Shown | None, phrases: Phrases) -> None:
        """The ways on; none of them while the number is being made."""
        cancel, more, done = (self.ids[name] for name in ("cancel", "more", "done"))
        cancel.event = CancelTapped() if screen else None
        more.event = AnotherTapped() if screen else None
        done.event = DoneTapped() if screen else None
        cancel.label = phrases.say("done.cancel")
        more.label = phrases.say("done.more")
        proved = screen is None or screen.taken or screen.proof in (None, Proof.CONFIRMED)
        done.label = phrases.say("done.finish" if proved else "done.noted")

    def count(self, left_s: int | None) -> None:
        """Show the seconds until home, in words and as a bar that shortens."""
        countdown = self.ids.countdown
        if left_s is None or self._phrases is None:
            countdown.words = ""
            return
        countdown.words = self._phrases.say("done.auto", n=left_s)
        countdown.part = min(1.0, left_s / self._stands_s) if self._stands_s else 0.0


def _mood(proof: Proof | None) -> tuple[str, str]:
    if proof is None:
        return "info", "printer"
    if proof is Proof.CONFIRMED:
        return "good", "printer-check"
    if proof is Proof.SENT:
        return "info", "printer-eye"
    return "warn", "camera-outline"
