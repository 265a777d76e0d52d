"""After a restart: offer the last number whose slip may not have been printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty

from kiosk.domain.events import DoneTapped, Event, OfferTaken
from kiosk.domain.visit_screens import (
    Offered,
)
from kiosk.screens.screen_view import HeaderText, ScreenView, ViewContext
from kiosk.widgets import button, panel, text  # noqa: F401 - used by the kv file
from kiosk.widgets.base import load_twin
from kiosk.widgets.reading import Reading, nonempty, reachable

load_twin(__file__)


class OfferedView(ScreenView):
    """The last number before the restart: yes prints a copy of its slip, no goes home."""

    question = StringProperty("")
    number = StringProperty("")
    service = StringProperty("")
    text = StringProperty("")

    def __init__(self, emit: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(emit, **kwargs)
        self.ids.no.emit = emit
        self.ids.no.event = DoneTapped()
        self.ids.yes.emit = emit
        self.ids.yes.event = OfferTaken()

    def head(self, context: ViewContext) -> HeaderText:
        """Nomor Anda DK-027?"""
        screen = context.visit.screen
        number = screen.ticket.number if isinstance(screen, Offered) else ""
        site = context.phrases.local(context.snapshot.catalogue.site.name)
        return HeaderText(context.phrases.say("resume.title", number=number), site)

    def fill(self, context: ViewContext) -> None:
        """Show the offered number."""
        screen, phrases = context.visit.screen, context.phrases
        if not isinstance(screen, Offered):
            return
        found = context.snapshot.catalogue.service(screen.ticket.service)
        self.number = screen.ticket.number
        self.service = phrases.service_name(found.service) if found else ""
        self.text = phrases.say("resume.text")
        self.ids.no.label = phrases.say("resume.no")
        self.ids.yes.label = phrases.say("resume.yes")

    def reading(self) -> Reading:
        """The number in question; then no, then yes."""
        notes = nonempty(self.number, self.service, self.text)
        return Reading(notes=notes, items=reachable(self.ids.no, self.ids.yes))
