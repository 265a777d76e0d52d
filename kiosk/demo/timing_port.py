"""A kiosk port between the app and the kiosk, which records the times that the robot measures."""

from __future__ import annotations

import time
from datetime import datetime

from kiosk.app.ports import KioskPort, Post, StaffPort
from kiosk.domain.config import Settings
from kiosk.domain.effects import PrintDetails
from kiosk.domain.events import Committed, Event, PrintFinished
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Live
from kiosk.domain.staff_call import StaffCall
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.errors import Refusal
from kiosk.messages import Text


class TimingKioskPort:
    """A kiosk port that records when results arrive, on the thread on which they arrive."""

    def __init__(self, kiosk_port: KioskPort) -> None:
        self._kiosk_port = kiosk_port
        self.committed_s: dict[str, float] = {}
        self.delivered_s: dict[str, float] = {}

    @property
    def settings(self) -> Settings:
        """As the real port."""
        return self._kiosk_port.settings

    @property
    def demo(self) -> bool:
        """As the real port."""
        return self._kiosk_port.demo

    @property
    def staff(self) -> StaffPort:
        """As the real port."""
        return self._kiosk_port.staff

    def now(self) -> datetime:
        """As the real port."""
        return self._kiosk_port.now()

    def printer_health(self) -> PrinterHealth:
        """As the real port."""
        return self._kiosk_port.printer_health()

    def trouble(self) -> Refusal | None:
        """As the real port."""
        return self._kiosk_port.trouble()

    def live(self) -> Live:
        """As the real port."""
        return self._kiosk_port.live()

    def issue(self, request: TicketRequest, post: Post) -> None:
        """As the real port; the results are recorded."""
        self._kiosk_port.issue(request, self._noting(post))

    def print_copy(self, ticket: Ticket, post: Post) -> None:
        """As the real port; the results are recorded."""
        self._kiosk_port.print_copy(ticket, self._noting(post))

    def print_details(self, wanted: PrintDetails, post: Post) -> None:
        """As the real port."""
        self._kiosk_port.print_details(wanted, post)

    def void(self, ticket: Ticket, post: Post) -> None:
        """As the real port."""
        self._kiosk_port.void(ticket, post)

    def search(self, text: str, post: Post) -> None:
        """As the real port."""
        self._kiosk_port.search(text, post)

    def note_missed(self, text: str) -> None:
        """As the real port."""
        self._kiosk_port.note_missed(text)

    def call_staff(self) -> None:
        """As the real port."""
        self._kiosk_port.call_staff()

    def staff_call(self) -> StaffCall:
        """As the real port."""
        return self._kiosk_port.staff_call()

    def unfinished(self) -> Ticket | None:
        """As the real port."""
        return self._kiosk_port.unfinished()

    def notices(self) -> tuple[Text, ...]:
        """As the real port."""
        return self._kiosk_port.notices()

    def _noting(self, post: Post) -> Post:
        def noted(event: Event) -> None:
            if isinstance(event, Committed):
                self.committed_s[event.ticket.id] = time.monotonic()
            elif isinstance(event, PrintFinished):
                self.delivered_s[event.ticket.id] = time.monotonic()
            post(event)

        return noted
