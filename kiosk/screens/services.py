"""The services of an agency, and the choice of a priority group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty

from kiosk.domain.events import ClosedAsked, DetailsAsked, Event, PriorityChosen, ServiceChosen
from kiosk.domain.visit_screens import (
    PAGE_OF_LIT,
    Services,
)
from kiosk.screens.agencies_plan import Rect
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.screens.services_plan import ServicesPlan, plan_services
from kiosk.ui.i18n import DOT, Phrases
from kiosk.ui.opening_phrases import OpeningPhrases
from kiosk.widgets.base import load_twin
from kiosk.widgets.chip import Chip
from kiosk.widgets.pager import Pager
from kiosk.widgets.reading import Reading, ReadItem, nonempty, reachable
from kiosk.widgets.service_row import ServiceRow
from menu.catalogue import Agency, Place, Service
from menu.schedule import Opening, Why

load_twin(__file__)

NOTE_W = 240.0
"""Width in millimetres of a line that fits both sentences about priority."""


class ServicesView(ScreenView):
    """Rows and chips are reused: another agency only refills them."""

    moves_down = True

    place = StringProperty("")

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._rows: list[ServiceRow] = []
        self._chips: list[Chip] = []
        self._pager: Pager | None = None
        self._large: Any = None
        self._view_context: ViewContext | None = None
        self._places: tuple[int, int] = (0, 0)
        for name in ("pos", "size", "look"):
            self.fbind(name, self._again)

    def head(self, context: ViewContext) -> HeaderText:
        """The agency."""
        agency = _agency(context)
        if agency is None:
            return super().head(context)
        phrases = context.phrases
        return HeaderText(phrases.short_name(agency), phrases.full_name(agency), agency.icon)

    def fill(self, context: ViewContext) -> None:
        """Show the page of services of the visit."""
        self._view_context = context
        agency, screen = _agency(context), context.visit.screen
        if agency is None or not isinstance(screen, Services):
            return
        if self.look.theme.large:
            self._fill_large(agency, screen, context)
            return
        if self._large is not None:
            self._large.clear()
        snapshot, phrases = context.snapshot, context.phrases
        groups = snapshot.priority_groups(agency)
        plan = self._plan(agency, len(groups), screen)
        self.page = plan.page
        until = OpeningPhrases(phrases).until(snapshot.opening(agency))
        parts = (phrases.place(agency.place), until)
        self.place = DOT.join(p for p in parts if p)
        self.put(self.ids.place, plan.place)
        self.ids.heading.text = _priority_heading(
            plan.heading, phrases, chosen=bool(context.visit.priorities)
        )
        self.put(self.ids.heading, plan.heading or Rect(0, 0, 0, 0))
        self.keep(self._chips, len(groups), lambda: Chip(emit=self.emit, look=self.look))
        for chip, group, place in zip(self._chips, groups, plan.chips, strict=False):
            self.put(chip, place)
            chip.label = phrases.local(group.name, group.code)
            chip.chosen = group.code in context.visit.priorities
            chip.icon = group.icon
            chip.spoken = phrases.say("read.chosen", name=chip.label) if chip.chosen else ""
            chip.event = PriorityChosen(group.code)
        here = agency.services[plan.first : plan.first + len(plan.rows)]
        self._places = (plan.first, len(agency.services))
        self.keep(self._rows, len(here), lambda: ServiceRow(emit=self.emit, look=self.look))
        for row, service, place in zip(self._rows, here, plan.rows, strict=False):
            self.put(row, place)
            self._describe(row, agency, service, context)
            row.lit = service.code == screen.lit
        self._keep_pager(plan.pager, (plan.page, plan.pages), context)

    def reading(self) -> Reading:
        """The priority groups, and each service: its text, which opens the details as "Syarat"
        does, then the button that takes its number."""
        if self._large is not None and self.look.theme.large:
            read: Reading = self._large.reading()
            return read
        first, count = self._places
        items = [*reachable(*self._chips)]
        start = 0
        rows = [row for row in self._rows if row.works]
        for i, row in enumerate(rows, start=first + 1):
            details, take = row.ids.details, row.ids.take
            if row.lit or (self.page and i == first + 1):
                start = len(items)
            same = (details,) if details.works else ()
            items.append(ReadItem(row.words, row, same, (i, count)))
            items += reachable(take)
        pager = Reading() if self._pager is None else self._pager.reading()
        notes = nonempty(self.place, self.ids.heading.text, *pager.notes)
        return Reading(notes=notes, items=(*items, *pager.items), start=start)

    def _fill_large(self, agency: Agency, screen: Services, context: ViewContext) -> None:
        """Show the page in large text."""
        if self._large is None:
            from kiosk.screens.services_large import LargeServices  # when the mode is first used

            self._large = LargeServices(self)
        self.ids.heading.text = ""
        for pool in (self._chips, self._rows):
            self.keep(pool, 0, Chip)
        self._keep_pager(None, (0, 0), context)
        self.page, self.place = self._large.fill(agency, screen, context)

    def _plan(self, agency: Agency, groups: int, screen: Services) -> ServicesPlan:
        """The layout of the screen's page; of the page with the lit service, if that is asked."""
        count = len(agency.services)
        plan = plan_services(self.space, count, groups, max(0, screen.page))
        if screen.page != PAGE_OF_LIT or plan.pages == 1:
            return plan
        codes = [service.code for service in agency.services]
        at = codes.index(screen.lit) if screen.lit in codes else 0
        return plan_services(self.space, count, groups, at // max(1, len(plan.rows)))

    def _describe(
        self, row: ServiceRow, agency: Agency, service: Service, context: ViewContext
    ) -> None:
        phrases, snapshot = context.phrases, context.snapshot
        now = snapshot.opening(agency, service)
        row.event = DetailsAsked(service.code)
        gives = now.open and not snapshot.barred
        row.ids.take.event = ServiceChosen(service.code) if gives else ClosedAsked(service.code)
        row.name = phrases.service_name(service)
        row.shut = not gives
        row.ask = phrases.say("service.requirements_short")
        row.take, row.take_brief = _take_words(context, now)
        if row.shut and self.look.theme.dashed:
            row.take, row.take_brief = phrases.closed_tag(), ""
        items = [phrases.local(r) for r in service.requirements]
        row.bring = phrases.say("service.bring", items=", ".join(i for i in items if i))
        row.bring_list = "\n".join(f"• {i}" for i in items if i)
        if not any(items):
            row.bring = ""
        row.ids.take.spoken = f"{row.take}: {row.name}"
        row.offer_details(DetailsAsked(service.code) if any(items) else None)
        if row.shut:
            said = phrases.say("state.machine_short")
            if not now.open:
                said = OpeningPhrases(phrases).brief(now, snapshot.now)
            row.metas = [said, said.replace(DOT, "\n"), said.split(DOT)[0]]
            return
        own_place = service.place if service.place != agency.place else Place()
        counter = phrases.counter(own_place)
        if own_place.floor != agency.place.floor:
            counter = phrases.place(own_place)
        state = snapshot.live.services.get(service.code)
        minutes = ""
        if service.minutes and (state is None or state.wait_minutes is None):
            minutes = phrases.say("service.minutes", n=service.minutes)
        where = (phrases.place(own_place), counter)
        if snapshot.late(agency, service):
            waits = phrases.queue(state, brief=True)[:2]
            row.metas = _late_words(where, waits, phrases.say("busy.late"))
            return
        row.metas = _about(where, phrases.queue(state), phrases.queue(state, brief=True), minutes)

    def _keep_pager(self, place: Rect | None, where: tuple[int, int], context: ViewContext) -> None:
        if self._pager is None:
            if place is None:
                return
            self._pager = Pager(self.emit, look=self.look)
        if place is None:
            if self._pager.parent is not None:
                self.remove_widget(self._pager)
            return
        self._pager.look = self.look
        self.put(self._pager, place)
        self._pager.show(*where, context.phrases)
        if self._pager.parent is None:
            self.add_widget(self._pager)

    def _again(self, *_: object) -> None:
        if self._view_context is not None:
            self.fill(self._view_context)


def _priority_heading(place: Rect | None, phrases: Phrases, *, chosen: bool) -> str:
    """The question for the group, and that staff may ask for proof.

    On a line too short for both, the second sentence replaces the first once a group is chosen."""
    if place is None:
        return ""
    asks, note = phrases.say("priority.short"), phrases.say("priority.note")
    if place.w >= NOTE_W:
        return DOT.join((asks, note))
    return note if chosen else asks


def _take_words(context: ViewContext, now: Opening) -> tuple[str, str]:
    """The words of the button, and the same for a narrow one: empty where they are short."""
    phrases = context.phrases
    if now.open and context.snapshot.barred:
        return phrases.say("state.closed_short"), ""
    if not now.open:
        paused = now.why is Why.PAUSED
        brief = phrases.say("state.closed_short") if paused else ""
        return OpeningPhrases(phrases).word(now), brief
    if not context.visit.priorities:
        return phrases.say("service.take_short"), ""
    return phrases.say("service.take_priority"), phrases.say("service.take_priority_short")


def _about(
    places: tuple[str, str], figures: list[str], brief: list[str], minutes: str
) -> list[str]:
    """Place and queue of a service, in shorter and shorter wordings.

    ``places``: the place in full and short. ``figures``: people, time and numbers left;
    ``brief``: the same in fewer words.
    """
    where, counter = places
    if not figures:
        return [_line(where, minutes)]
    first, *rest = (*figures, minutes)
    queue = _line(first, *rest)
    return [
        _line(where, queue),
        _lines(where, queue),
        _lines(_line(where, first), _line(*rest)),
        _line(counter, queue),
        _lines(_line(counter, first), _line(*rest)),
        _lines(_line(counter, first), _line(*figures[1:2], *brief[2:])),
        _lines(_line(counter, first), _line(*brief[1:])),
        _line(counter, *brief),
        queue,
        _lines(_line(*figures[:2]), _line(*figures[2:], minutes)),
        _line(*brief),
        _lines(_line(*brief[:2]), _line(*brief[2:])),
    ]


def _late_words(places: tuple[str, str], waits: list[str], late: str) -> list[str]:
    """Place and wait of a service that may not serve a visitor today; the warning is never left
    out."""
    where, counter = places
    return [
        _lines(_line(where, *waits), late),
        _lines(_line(counter, *waits), late),
        _lines(_line(*waits), late),
        late,
    ]


def _line(*parts: str) -> str:
    return DOT.join(p for p in parts if p)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _agency(context: ViewContext) -> Agency | None:
    screen = context.visit.screen
    return (
        context.snapshot.catalogue.agency(screen.agency) if isinstance(screen, Services) else None
    )
