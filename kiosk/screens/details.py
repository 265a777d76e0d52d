"""What to bring for one service, with the button that takes its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.domain.events import ClosedAsked, DetailsAsked, Event, ServiceChosen
from kiosk.domain.visit_state import Services
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.ui.i18n import DOT
from kiosk.widgets import button  # noqa: F401 - used by the kv file
from kiosk.widgets.base import BaseWidget, load_twin
from kiosk.widgets.reading import Reading, nonempty, reachable
from menu.catalogue import Found

load_twin(__file__)

MOST_ITEMS = 12


class BringItem(BaseWidget):
    """One thing to bring."""

    text = StringProperty("")
    px = NumericProperty(20)


class DetailsView(ScreenView):
    """The list of what to bring, and the button that takes the number.

    ``tight``: on a low screen in large text the list takes the place of all other words."""

    service = StringProperty("")
    place = StringProperty("")
    title = StringProperty("")
    tight = BooleanProperty(False)

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self._items: list[BringItem] = []
        self._texts: list[str] = []
        self.ids.close.emit = emit
        self.ids.take.emit = emit
        self.ids.close.event = DetailsAsked(None)
        self.ids.area.fbind("pos", self._arrange)
        self.ids.area.fbind("size", self._arrange)
        self.fbind("look", self._arrange)

    def head(self, context: ViewContext) -> HeaderText:
        """The agency, as on the services screen."""
        found = _found(context)
        if found is None:
            return super().head(context)
        phrases, agency = context.phrases, found.agency
        return HeaderText(phrases.short_name(agency), phrases.full_name(agency), agency.icon)

    def fill(self, context: ViewContext) -> None:
        """Show the requirements of the service."""
        found, phrases = _found(context), context.phrases
        self.ids.close.label = phrases.say("nav.back")
        if found is None:
            self.ids.take.event = None
            self._texts = []
            self._arrange()
            return
        service = found.service
        self.service = phrases.service_name(service)
        self.title = phrases.say("service.requirements")
        parts = [phrases.place(service.place)]
        if service.minutes:
            parts.append(phrases.say("service.minutes", n=service.minutes))
        self.place = DOT.join(p for p in parts if p)
        self._offer_number(found, context)
        texts = [phrases.local(r) for r in service.requirements]
        self._texts = [t for t in texts if t][:MOST_ITEMS]
        if not self._texts:
            self._texts = [phrases.say("service.bring_nothing")]
        self._arrange()

    def reading(self) -> Reading:
        """The service with what to bring; then back, then the number."""
        notes = nonempty(self.service, self.place, self.title, *self._texts)
        return Reading(notes=notes, items=reachable(self.ids.close, self.ids.take))

    def _offer_number(self, found: Found, context: ViewContext) -> None:
        take, code = self.ids.take, found.service.code
        now = context.snapshot.opening(found.agency, found.service)
        gives = now.open and not context.snapshot.barred
        take.event = ServiceChosen(code) if gives else ClosedAsked(code)
        take.main, take.shut = gives, not gives
        take.icon = "ticket-confirmation-outline" if gives else "clock-outline"
        if not gives:
            closed = "state.closed_short"
            say, word = context.phrases.say, context.phrases.opening_word
            take.label = say(closed) if now.open else word(now)
            if self.look.theme.dashed:
                take.label = context.phrases.closed_tag()
        else:
            key = (
                "service.take_short" if context.visit.priority is None else "service.take_priority"
            )
            take.label = context.phrases.say(key)

    def _arrange(self, *_: object) -> None:
        area, look = self.ids.area, self.look
        while len(self._items) < len(self._texts):
            self._items.append(BringItem(look=look))
        count = len(self._texts)
        most = look.mm(38 if look.metrics.portrait else 28)
        # Two columns on a landscape screen: in large text, and where one has too little room.
        tight = count and area.height / count < look.line(look.heading)
        wide = count > 2 if look.theme.large else tight
        across = 2 if wide and not look.metrics.portrait else 1
        width = (area.width - (across - 1) * look.gap) / across
        step = min(most, area.height / -(-count // across)) if count else 0
        for i, item in enumerate(self._items):
            item.look = look
            item.px = look.title if step >= look.mm(36) else look.heading
            if i < count:
                item.text = self._texts[i]
                item.size = (int(width), int(step))
                item.pos = (
                    round(area.x + i % across * (width + look.gap)),
                    round(area.y + area.height - (i // across + 1) * step),
                )
                if item.parent is None:
                    self.add_widget(item)
            elif item.parent is not None:
                self.remove_widget(item)


def _found(context: ViewContext) -> Found | None:
    screen = context.visit.screen
    if not isinstance(screen, Services) or screen.details is None:
        return None
    return context.snapshot.catalogue.service(screen.details)
