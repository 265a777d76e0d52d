"""Ask before a number of a busy service is issued: is this the right service?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.domain.events import BackTapped, ConfirmTapped, Event
from kiosk.domain.visit_screens import (
    Confirm,
)
from kiosk.screens.agencies_plan import PlanArea, Rect
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import DOT
from kiosk.widgets import button, panel, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.reading import Reading, nonempty, reachable
from menu.catalogue import Found

load_twin(__file__)


MOST_H = 76.0
"""Largest height of a fact in millimetres; further free height is distributed around the facts."""

BUTTON_H = 28.0
BUTTON_H_WIDE = 25.0
NO_PART = 0.38
LOW_MM = 190.0
ABOVE = 6.0
BELOW = 5.0
"""Millimetres: heights of the answers, and the space above the card and below the answers. NO_PART:
the part of the width that the answer no takes. LOW_MM: below this height of a landscape screen
large text leaves labels out."""


@dataclass(frozen=True, slots=True)
class ConfirmPlan:
    """The card with the chosen service, and the answers below it."""

    card: Rect
    no: Rect
    yes: Rect


def plan_confirm(space: PlanArea) -> ConfirmPlan:
    """The layout in millimetres from the upper left corner of the area below the header."""
    x, width = space.margin, space.width - 2 * space.margin
    button_h = BUTTON_H_WIDE if space.width > space.height else BUTTON_H
    y = space.height - BELOW - button_h
    no_w = (width - space.gap) * NO_PART
    no = Rect(x, y, no_w, button_h)
    yes = Rect(x + no_w + space.gap, y, width - no_w - space.gap, button_h)
    return ConfirmPlan(Rect(x, ABOVE, width, y - space.gap - ABOVE), no, yes)


class Fact(BaseWidget):
    """One fact to know before confirming: a large ``value`` and its ``label``.

    ``bare``: in large text a small one has no icon."""

    icon = StringProperty("")
    value = StringProperty("")
    label = StringProperty("")
    large = BooleanProperty(False)
    bare = BooleanProperty(False)


class ConfirmView(ScreenView):
    """The chosen service, the queue and the place, with the answers yes (issue) and no (back).

    ``low``: a landscape screen on which large text has no room for every label."""

    service = StringProperty("")
    agency = StringProperty("")
    group = StringProperty("")
    warning = StringProperty("")
    upright = BooleanProperty(True)
    low = BooleanProperty(False)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._facts: list[Fact] = []
        self._view_context: ViewContext | None = None
        for answer, event in ((self.ids.no, BackTapped()), (self.ids.yes, ConfirmTapped())):
            answer.emit, answer.event = emit, event
        for name in ("pos", "size", "look"):
            self.fbind(name, self._again)
        for name in ("pos", "size"):
            self.ids.area.fbind(name, self._place_facts)

    def head(self, context: ViewContext) -> HeaderText:
        """Periksa pilihan Anda; with the reason while the queue is known."""
        say, found = context.phrases.say, _found(context)
        below = super().head(context).title
        if found is not None and context.snapshot.late(found.agency, found.service):
            below = say("busy.late")
        elif found is not None and context.snapshot.busy(found.service):
            below = say("confirm.busy")
        return HeaderText(say("confirm.title"), below, "account-group")

    def fill(self, context: ViewContext) -> None:
        """Show the chosen service. Figures that are no longer known are left out."""
        self._view_context = context
        screen, phrases = context.visit.screen, context.phrases
        found = _found(context)
        if found is None or not isinstance(screen, Confirm):
            return
        self.upright = self.look.metrics.portrait
        self.service = phrases.service_name(found.service)
        large, short = self.look.theme.large, phrases.short_name(found.agency)
        self.low = large and not self.upright and self.height < self.look.mm(LOW_MM)
        self.agency = short if large else phrases.full_name(found.agency) or short
        groups = context.snapshot.catalogue.priority_groups
        visit = context.visit
        chosen = [phrases.local(g.name, g.code) for g in groups if g.code in visit.priorities]
        self.group = ""
        if chosen:
            name = ", ".join(chosen)
            note = phrases.say("priority.note")
            said = phrases.say("confirm.group", group=name)
            self.group = said if self.low else DOT.join((said, note))
        plan = plan_confirm(self.space)
        self.put(self.ids.card, plan.card)
        self.put(self.ids.no, plan.no)
        self.put(self.ids.yes, plan.yes)
        well = context.snapshot.printer.well
        self.ids.no.label = phrases.say("confirm.no")
        self.ids.yes.label = phrases.say("confirm.yes" if well else "confirm.yes_screen")
        late = context.snapshot.late(found.agency, found.service)
        self.warning = phrases.say("busy.late") if late else ""
        self._tell(found, context)

    def reading(self) -> Reading:
        """The service and what to know about it; then no, then yes."""
        facts = [f"{fact.label}: {fact.value}" for fact in self._facts if fact.parent is not None]
        notes = nonempty(self.service, self.agency, self.group, self.warning, *facts)
        return Reading(notes=notes, items=reachable(self.ids.no, self.ids.yes))

    def _tell(self, found: Found, context: ViewContext) -> None:
        """Show people, minutes and place, as far as they are known."""
        phrases, say = context.phrases, context.phrases.say
        known: list[tuple[str, str, str]] = []
        state = context.snapshot.live.services.get(found.service.code)
        if state is not None and state.waiting is not None:
            known.append(("account-group", str(state.waiting), say("confirm.waiting")))
        if state is not None and state.wait_minutes is not None:
            wait = phrases.wait(state.wait_minutes, brief=True)
            known.append(("timer-sand", wait, say("confirm.about")))
        floor, counter = phrases.floor(found.service.place), phrases.counter(found.service.place)
        # One line where two do not fit; a large text would break within the counter's name.
        between = DOT if self.upright and len(known) > 1 else "\n"
        place = between.join(part for part in (floor, counter) if part)
        if place:
            label = "" if self.low else say("confirm.place")
            known.append(("map-marker-outline", place, label))
        self.keep(self._facts, len(known), lambda: Fact(look=self.look))
        for fact, (icon, value, label) in zip(self._facts, known, strict=False):
            fact.icon, fact.value, fact.label = icon, value, label
        self._place_facts()

    def _place_facts(self, *_: object) -> None:
        """Place the facts: one below the other in portrait, side by side in landscape."""
        area, shown = self.ids.area, [f for f in self._facts if f.parent is not None]
        if not shown:
            return
        gap = self.look.gap
        across, down = (1, len(shown)) if self.upright else (len(shown), 1)
        width = (area.width - (across - 1) * gap) / across
        height = min(self.look.mm(MOST_H), area.height / down)
        # Computed, because a widget's ``top`` is updated later than its size.
        top = area.y + (area.height + down * height) / 2
        for i, fact in enumerate(shown):
            fact.size = (int(width), int(height))
            fact.pos = (
                round(area.x + i % across * (width + gap)),
                round(top - (i // across + 1) * height),
            )

    def _again(self, *_: object) -> None:
        if self._view_context is not None:
            self.fill(self._view_context)


def _found(context: ViewContext) -> Found | None:
    screen = context.visit.screen
    return (
        context.snapshot.catalogue.service(screen.service) if isinstance(screen, Confirm) else None
    )
