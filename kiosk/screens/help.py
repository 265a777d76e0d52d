"""Help in three steps: how to take a number, or what to do with the number just given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty

from kiosk.domain.delivery import Proof
from kiosk.domain.events import BackTapped, Event
from kiosk.domain.visit_screens import (
    Shown,
    number_on,
)
from kiosk.screens.desk import offer_call, show_desk
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.theme import Look
from kiosk.widgets import button, code, strip, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.panel import Panel
from kiosk.widgets.reading import Reading, nonempty, reachable
from kiosk.widgets.text_fit import Box, fit
from menu.catalogue import Place

load_twin(__file__)

MACHINE_ICONS = ("office-building-outline", "gesture-tap", "ticket-confirmation-outline")
PAPER = {
    None: ("ticket-confirmation-outline", "help.take_or_note"),
    Proof.SENT: ("ticket-confirmation-outline", "help.take_or_note"),
    Proof.CONFIRMED: ("ticket-confirmation-outline", "help.take_ticket"),
}
"""Icon and text of the step about the slip; a slip that was not printed means noting the number."""

NUMBER_ICONS = ("map-marker-outline", "bullhorn-outline")

MOST_MM, EMPTY_MM = 100.0, 3.6
"""A height that no step has; the empty part of two lines that may lie outside a step in large text,
so that 1 mm is between its edge and the letters."""


class HelpStep(Panel):
    """One step: its number, an icon, a sentence.

    ``even``: the height of a step where all have the same. ``needed``: the height of the sentence
    in the smallest letters of the mode."""

    count = StringProperty("")
    icon = StringProperty("")
    text = StringProperty("")
    even = NumericProperty(0)
    needed = NumericProperty(0)

    def need(self, words: str, width: float, look: Look) -> int:
        """The height of ``words`` in lines of ``width``; 0 outside large text."""
        if not look.theme.large:
            return 0
        body = int(look.body)
        return fit(words, "semibold", Box(width, look.mm(MOST_MM), body, body, 4)).height


class HelpView(ScreenView):
    """Three steps and the information desk, and a code for complaints where the site names an
    address. If a number is behind it, the back button names it."""

    step1 = StringProperty("")
    step2 = StringProperty("")
    step3 = StringProperty("")
    icons = ListProperty(list(MACHINE_ICONS))
    step_h = NumericProperty(0)
    heights = ListProperty([0, 0, 0])
    calls = BooleanProperty(False)
    link = StringProperty("")
    complaint = StringProperty("")
    complaint_text = StringProperty("")

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self.ids.back.emit = emit
        self.ids.back.event = BackTapped()
        self.ids.call.emit = emit

    def head(self, context: ViewContext) -> HeaderText:
        """Bantuan; with the number, if one is behind it."""
        phrases, number = context.phrases, number_on(context.visit.screen)
        below = phrases.local(context.snapshot.catalogue.site.name)
        if number is not None:
            below = phrases.say("help.number", number=number.ticket.number)
        return HeaderText(phrases.say("help.title"), below, "help-circle-outline")

    def fill(self, context: ViewContext) -> None:
        """Show the steps in the visit's language."""
        say, number = context.phrases.say, number_on(context.visit.screen)
        snapshot = context.snapshot
        show_desk(self.ids.desk, snapshot.catalogue.site.desk, snapshot.call, context.phrases)
        self.calls = offer_call(self.ids.call, snapshot.call, context.phrases)
        self._complaint(snapshot.catalogue.site.complaint_url, context)
        if number is None:
            self._steps(MACHINE_ICONS, *(say(f"help.step{i}") for i in (1, 2, 3)))
            self.ids.back.label = say("nav.back")
            return
        icon, paper = PAPER.get(number.proof, ("camera-outline", "help.note_number"))
        where = self._where(number, context)
        where = where or say("help.ask_where")
        self._steps((icon, *NUMBER_ICONS), say(paper), where, say("help.wait_call"))
        self.ids.back.label = say("help.back_to_number", number=number.ticket.number)

    def reading(self) -> Reading:
        """The steps, the information desk or call; the call for staff, and the way back.

        The focus begins at the way back."""
        desk = self.ids.desk
        notes = nonempty(self.step1, self.step2, self.step3, desk.title, desk.text, self.complaint)
        items = reachable(self.ids.call, self.ids.back)
        return Reading(notes=notes, items=items, start=len(items) - 1, news=True)

    def share(self, even: float, *needed: float) -> list[float]:
        """The heights of the steps: ``even`` ones; where a sentence needs more, each as high as its
        own needs, without the empty parts of its first and last line, and a share of the rest."""
        least = [high - self.look.mm(EMPTY_MM) for high in needed]
        if max(least) <= even:
            return [even] * len(needed)
        spare = even - sum(least) / len(least)
        return [high + spare for high in least]

    def _complaint(self, address: str, context: ViewContext) -> None:
        """Where to complain. A landscape screen in large text has no room for it."""
        crowded = self.look.theme.large and not self.look.metrics.portrait
        self.link = "" if crowded else address
        self.complaint = context.phrases.say("help.complaint") if self.link else ""
        self.complaint_text = context.phrases.say("help.complaint_text") if self.link else ""

    def _steps(self, icons: tuple[str, ...], *texts: str) -> None:
        self.icons = list(icons)
        self.step1, self.step2, self.step3 = texts

    def _where(self, number: Shown, context: ViewContext) -> str:
        phrases, found = context.phrases, context.snapshot.catalogue.service(number.ticket.service)
        place = found.service.place if found else Place()
        floor, counter = phrases.floor(place), phrases.counter(place)
        if floor and counter:
            return phrases.say("help.go_to", floor=floor, counter=counter)
        if floor:
            return phrases.say("help.go_to_floor", floor=floor)
        return phrases.say("help.go_to_counter", counter=counter) if counter else ""
