"""What every preview state is made of: a moment, a menu, and those of its services that matter.

Apart from the states because it picks and they show: each module of states asks the same cast, so
that one menu gives the same longest name on every screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from kiosk.clock import demo_start
from kiosk.domain.config import OnFault, Settings
from kiosk.domain.staff_call import CallState, StaffCall
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.visit_screens import (
    Screen,
    Services,
)
from kiosk.domain.visit_state import (
    KioskSnapshot,
    Visit,
)
from menu.catalogue import Agency, Found
from menu.local_text import LocalText

MONO_S = 1000.0


@dataclass(frozen=True, slots=True)
class PreviewState:
    """One picture: its name, and what it shows. ``staff``: with the notice for staff."""

    name: str
    visit: Visit
    snapshot: KioskSnapshot
    staff: bool = False


class Cast:
    """Picks the agencies and services of the menu that show a screen at its extremes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.menu = settings.catalogue
        self.found = list(self.menu.services())
        self.now: datetime = demo_start(settings).replace(minute=12)
        self.snapshot = KioskSnapshot(
            self.menu,
            self.now,
            MONO_S,
            timeouts=settings.kiosk.timeouts,
            on_fault=OnFault.SCREEN,
            call=StaffCall(CallState.READY),
        )

    def visit(self, screen: Screen) -> Visit:
        """A visit on ``screen``."""
        return Visit(self.menu.site.languages[0], screen, touched_s=MONO_S - 3)

    @cached_property
    def busy(self) -> Agency:
        """The agency with the most services."""
        return max(self.menu.agencies, key=lambda a: len(a.services))

    @cached_property
    def few(self) -> Agency:
        """The agency with the fewest services, but more than one."""
        several = [a for a in self.menu.agencies if len(a.services) > 1] or [self.busy]
        return min(several, key=lambda a: len(a.services))

    @property
    def long(self) -> Services:
        """The services screen of the agency with the most services."""
        return Services(self.busy.code)

    @cached_property
    def first(self) -> Found:
        """The service with the most requirements."""
        return max(self.found, key=lambda f: len(f.service.requirements))

    @cached_property
    def wordy(self) -> Found:
        """The service with the longest names."""
        return max(self.found, key=lambda f: sum(map(length, (f.agency.name, f.service.name))))

    def ticket(self, found: Found, number: str, priority: str | None = None) -> Ticket:
        """A ticket of a service."""
        return Ticket(
            "0" * 36,
            "5f" * 16,
            number,
            self.now.date(),
            found.service.code,
            "id",
            self.now,
            priority,
        )

    def request(self) -> TicketRequest:
        """A request for a number."""
        return TicketRequest("0" * 36, "5f" * 16, self.first.service.code, "id", self.now)


def length(text: LocalText) -> int:
    """The length of a text in the language in which it is longest."""
    return max((len(t) for t in text.by_language.values()), default=0)
