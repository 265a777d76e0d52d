"""The services screen in large text: fewer words in each row, and the priority groups behind a key.

Built when the mode is first used. ``ServicesView`` owns it and its widgets.
"""

from __future__ import annotations

from typing import Any

from kiosk.domain.events import (
    ClosedAsked,
    DetailsAsked,
    PriorityAsked,
    PriorityChosen,
    ServiceChosen,
)
from kiosk.domain.visit_screens import (
    PAGE_OF_LIT,
    Services,
)
from kiosk.domain.visit_state import (
    chooses_priority,
)
from kiosk.screens.large_plan import LargeServicesPlan, large_choices, large_services
from kiosk.screens.screen_view import ScreenView, ViewContext
from kiosk.ui.i18n import DOT
from kiosk.ui.opening_phrases import OpeningPhrases
from kiosk.widgets.button import WideButton
from kiosk.widgets.chip import Chip
from kiosk.widgets.large_row import LargeRow
from kiosk.widgets.pager import Pager
from kiosk.widgets.reading import Reading, ReadItem, nonempty, reachable
from kiosk.widgets.text import Text
from kiosk.widgets.text_fit import measure
from menu.catalogue import Agency, PriorityGroup, Service
from menu.schedule import Why

ASK_ICON = "human-cane"


class LargeServices:
    """Rows, keys and texts, reused as in ``ServicesView``."""

    def __init__(self, view: ScreenView) -> None:
        self._view = view
        self._rows: list[LargeRow] = []
        self._groups: list[Chip] = []
        self._asks: list[Chip] = []
        self._back: list[WideButton] = []
        self._texts: list[Text] = []
        self._pager: list[Pager] = []
        self._place_words = ""
        self._places = (0, 0)

    def clear(self) -> None:
        """Take every widget off the screen."""
        self._keep(0, 0, 0, 0, 0, 0)

    def fill(self, agency: Agency, screen: Services, context: ViewContext) -> tuple[int, str]:
        """Show the page of the visit, or the groups; returns the page and the words of the place,
        which are empty where the groups are shown."""
        groups = context.snapshot.priority_groups(agency)
        if chooses_priority(context.visit, context.snapshot):
            self._choose(groups, context)
            return max(0, screen.page), ""
        view, phrases = self._view, context.phrases
        plan = self._plan(agency, screen, asks=bool(groups))
        self._places = (plan.first, len(agency.services))
        here = agency.services[plan.first : plan.first + len(plan.rows)]
        self._keep(len(here), 0, 1 if groups else 0, 0, 0, 1 if plan.pager else 0)
        for row, service, place in zip(self._rows, here, plan.rows, strict=False):
            view.put(row, place)
            self._describe(row, agency, service, context)
            row.lit = service.code == screen.lit
        if groups and plan.priority:
            self._offer_groups(groups, context)
            view.put(self._asks[0], plan.priority)
        if plan.pager is not None:
            view.put(self._pager[0], plan.pager)
            self._pager[0].show(plan.page, plan.pages, phrases)
        view.put(view.ids.place, plan.place)
        return plan.page, self._place(agency, context)

    def reading(self) -> Reading:
        """The groups with the way back; or the key that shows them, and each service: its text,
        which opens the details, then the button that takes its number."""
        pager = self._pager[0].reading() if self._pager else Reading()
        if any(chip.works for chip in self._groups):
            said = nonempty(*(text.text for text in self._texts))
            return Reading(notes=said, items=reachable(*self._groups, *self._back))
        items = [*reachable(*self._asks)]
        start, (first, count) = 0, self._places
        rows = [row for row in self._rows if row.works]
        for i, row in enumerate(rows, start=first + 1):
            if row.lit or (first and i == first + 1):
                start = len(items)
            items.append(ReadItem(row.words, row, place=(i, count)))
            items += reachable(row.ids.take)
        notes = nonempty(self._place_words, *pager.notes)
        return Reading(notes=notes, items=(*items, *pager.items), start=start)

    def _keep(self, rows: int, groups: int, asks: int, back: int, texts: int, pager: int) -> None:
        """Have this many widgets of each kind on the screen."""
        view = self._view
        made: dict[str, Any] = {"look": view.look, "emit": view.emit}
        view.keep(self._rows, rows, lambda: LargeRow(**made))
        view.keep(self._groups, groups, lambda: Chip(**made))
        view.keep(self._asks, asks, lambda: Chip(**made, icon=ASK_ICON, opens=True))
        view.keep(self._back, back, lambda: WideButton(**made, icon="arrow-left"))
        view.keep(self._texts, texts, lambda: Text(look=view.look))
        view.keep(self._pager, pager, lambda: Pager(view.emit, look=view.look))

    def _plan(self, agency: Agency, screen: Services, *, asks: bool) -> LargeServicesPlan:
        """The layout of the screen's page; of the page with the lit service, if that is asked."""
        count, space = len(agency.services), self._view.space
        plan = large_services(space, count, max(0, screen.page), asks=asks)
        if screen.page != PAGE_OF_LIT or plan.pages == 1:
            return plan
        codes = [service.code for service in agency.services]
        at = codes.index(screen.lit) if screen.lit in codes else 0
        return large_services(space, count, at // max(1, len(plan.rows)), asks=asks)

    def _place(self, agency: Agency, context: ViewContext) -> str:
        """Where the agency is and until when numbers are given, as much as fits on one line."""
        phrases, look, view = context.phrases, self._view.look, self._view
        place = phrases.place(agency.place)
        until = OpeningPhrases(phrases).until(context.snapshot.opening(agency))
        room = view.ids.place.width - look.mm(14)
        both = self._place_words = DOT.join(t for t in (place, until) if t)
        fits = measure(both, "semibold", int(look.body)) <= room
        return both if fits else place or until

    def _offer_groups(self, groups: tuple[PriorityGroup, ...], context: ViewContext) -> None:
        key, phrases = self._asks[0], context.phrases
        chosen = [
            phrases.local(g.name, g.code) for g in groups if g.code in context.visit.priorities
        ]
        key.px = self._view.look.name
        key.event, key.chosen = PriorityAsked(open=True), bool(chosen)
        key.label, key.spoken = phrases.say("priority.ask"), ""
        if chosen:
            said = phrases.say("read.chosen", name=phrases.listed(chosen))
            key.spoken = f"{phrases.say('priority.ask')} {said}"
            several = phrases.say("priority.several", n=len(chosen))
            key.label = several if len(chosen) > 1 else chosen[0]

    def _choose(self, groups: tuple[PriorityGroup, ...], context: ViewContext) -> None:
        view, say, look = self._view, context.phrases.say, self._view.look
        plan = large_choices(view.space, len(groups))
        self._keep(0, len(groups), 0, 1, 2, 0)
        for chip, group, place in zip(self._groups, groups, plan.choices, strict=False):
            view.put(chip, place)
            chip.px = look.title if chip.height >= look.mm(30) else look.name
            chip.label = context.phrases.local(group.name, group.code)
            chip.chosen = group.code in context.visit.priorities
            chip.icon = group.icon
            chosen = context.phrases.say("read.chosen", name=chip.label)
            chip.spoken = chosen if chip.chosen else ""
            chip.event = PriorityChosen(group.code)
        for text, words, place in zip(
            self._texts, ("priority.ask", "priority.note"), (plan.ask, plan.note), strict=True
        ):
            view.put(text, place)
            text.text, text.ink = say(words), look.colour.soft_text
            text.px, text.weight = look.body, "regular"
        ask = self._texts[0]
        ask.px, ask.weight, ask.ink = look.name, "bold", look.colour.text
        back = self._back[0]
        view.put(back, plan.back)
        done = bool(context.visit.priorities)
        back.px, back.event = look.name, PriorityAsked(open=False)
        back.main, back.trailing = done, done
        back.icon = "arrow-right" if done else "arrow-left"
        back.label = say("priority.done") if done else say("confirm.no")

    def _describe(
        self, row: LargeRow, agency: Agency, service: Service, context: ViewContext
    ) -> None:
        phrases, snapshot = context.phrases, context.snapshot
        now = snapshot.opening(agency, service)
        gives = now.open and not snapshot.barred
        row.event = DetailsAsked(service.code)
        row.ids.take.event = ServiceChosen(service.code) if gives else ClosedAsked(service.code)
        row.name, row.shut = phrases.service_name(service), not gives
        row.warns = gives and snapshot.late(agency, service)
        if gives and context.visit.priorities:
            row.take = phrases.say("service.take_priority_short")
        elif gives:
            row.take = phrases.say("service.take_short")
        elif now.open or now.why is Why.PAUSED:
            row.take = phrases.say("state.closed_short")
        else:
            row.take = OpeningPhrases(phrases).word(now)
        if row.shut and row.look.theme.dashed:
            row.take = phrases.closed_tag()
        row.ids.take.spoken = f"{row.take}: {row.name}"
        row.facts = self._facts(agency, service, context)

    def _facts(self, agency: Agency, service: Service, context: ViewContext) -> list[str]:
        """What matters most now: why it is closed, that it may be too late, who waits, or where."""
        phrases, snapshot = context.phrases, context.snapshot
        now = snapshot.opening(agency, service)
        if not now.open:
            said = OpeningPhrases(phrases).brief(now, snapshot.now)
            return [said, said.split(DOT)[0]]
        if snapshot.barred:
            return [phrases.say("state.machine_short")]
        if snapshot.late(agency, service):
            return [phrases.say("busy.late"), phrases.say("busy.late_short")]
        queue = phrases.queue(snapshot.live.services.get(service.code), brief=True)
        if queue:
            return [DOT.join(queue[:2]), queue[0]]
        place = phrases.place(service.place) if service.place != agency.place else ""
        minutes = phrases.say("service.minutes", n=service.minutes) if service.minutes else ""
        return [t for t in (place, minutes) if t] or [""]
