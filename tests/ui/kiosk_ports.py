"""A fake kiosk port without journal and printer; the test decides when a number arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from kiosk.app.ports import Post
from kiosk.domain.config import KioskSettings, Settings, SlipTemplate, Timeouts
from kiosk.domain.delivery import Level, Outcome, PrintResult, Proof
from kiosk.domain.effects import PrintDetails
from kiosk.domain.events import Committed, DetailsPrinted, PrintFinished, SearchAnswered, Voided
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import NOT_LIVE, Live
from kiosk.domain.staff import (
    CheckPin,
    DoStaffTask,
    PinChecked,
    StaffFacts,
    StaffResult,
    StaffTask,
    StaffTaskDone,
)
from kiosk.domain.staff_call import NO_CALL, CallState, StaffCall
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.domain.words import Words
from kiosk.errors import Refusal
from kiosk.search.index import SearchIndex
from menu.catalogue import Catalogue
from tests.domain.menus import MENU, at

PRINTED = PrintResult(Outcome.PRINTED, Level.PROCESS_ID)
Answer = Callable[[TicketRequest, Post], None]


class FakeKioskPort:
    """Answers each request with ``answer``, by default with a number and a printed slip."""

    def __init__(self, menu: Catalogue = MENU, timeouts: Timeouts | None = None) -> None:
        self.settings = Settings(
            menu,
            KioskSettings(timeouts=timeouts or Timeouts()),
            SlipTemplate(()),
            Words.of({"id": {}}),
        )
        self.demo = False
        self.queue = NOT_LIVE
        self.health = PrinterHealth()
        self.waiting: Ticket | None = None
        self.warnings: tuple[str, ...] = ()
        self.disabled: Refusal | None = None
        self.requests: list[TicketRequest] = []
        self.copies: list[Ticket] = []
        self.details: list[PrintDetails] = []
        self.voids: list[Ticket] = []
        self.missed: list[str] = []
        self.pin = "508213"
        self.staff_facts = StaffFacts(pin_set=True)
        self.tasks: list[StaffTask] = []
        self.calls = 0
        self.call = NO_CALL
        self._index: SearchIndex | None = None
        self.tickets: dict[str, Ticket] = {}
        self.answer: Answer = self.number_and_slip
        self.clock: Callable[[], datetime] = lambda: at(9)

    @property
    def staff(self) -> FakeKioskPort:
        return self

    def facts(self) -> StaffFacts:
        return self.staff_facts

    def check_pin(self, wanted: CheckPin, post: Post) -> None:
        post(PinChecked(wanted.pin == self.pin, wanted.id))

    def do(self, wanted: DoStaffTask, post: Post) -> None:
        self.tasks.append(wanted.task)
        post(StaffTaskDone(StaffResult(wanted.task, done=True), wanted.id))

    def now(self) -> datetime:
        return self.clock()

    def printer_health(self) -> PrinterHealth:
        return self.health

    def unfinished(self) -> Ticket | None:
        return self.waiting

    def notices(self) -> tuple[str, ...]:
        return self.warnings

    def trouble(self) -> Refusal | None:
        return self.disabled

    def live(self) -> Live:
        return self.queue

    def issue(self, request: TicketRequest, post: Post) -> None:
        self.requests.append(request)
        self.answer(request, post)

    def print_copy(self, ticket: Ticket, post: Post) -> None:
        self.copies.append(ticket)
        post(PrintFinished(ticket, PRINTED))

    def print_details(self, wanted: PrintDetails, post: Post) -> None:
        self.details.append(wanted)
        post(DetailsPrinted(wanted.job, PRINTED))

    def void(self, ticket: Ticket, post: Post) -> None:
        self.voids.append(ticket)
        post(Voided(replace(ticket, state="void", rev=ticket.rev + 1)))

    def search(self, text: str, post: Post) -> None:
        if not text:
            return
        if self._index is None:
            self._index = SearchIndex(self.settings.catalogue)
        post(SearchAnswered(text, tuple(h.service for h in self._index.find(text))))

    def note_missed(self, text: str) -> None:
        self.missed.append(text)

    def call_staff(self) -> None:
        self.calls += 1
        self.call = StaffCall(CallState.SENDING, "call-0001", self.now())

    def staff_call(self) -> StaffCall:
        return self.call

    # ── answers ──────────────────────────────────────────────────────────────────────────

    def ticket(self, request: TicketRequest) -> Ticket:
        """The ticket of a request: the same one for the same id."""
        number = f"AA-{len(self.tickets) + 1:03d}"
        fresh = Ticket(
            id=request.id,
            track=request.track,
            number=number,
            business_date=self.now().date(),
            service=request.service,
            language=request.language,
            issued_at=self.now(),
            printed=Proof.CONFIRMED,
        )
        return self.tickets.setdefault(request.id, fresh)

    def number_and_slip(self, request: TicketRequest, post: Post) -> None:
        """Post a number and a printed slip."""
        self.number_only(request, post)
        post(PrintFinished(self.ticket(request), PRINTED))

    def number_only(self, request: TicketRequest, post: Post) -> None:
        """Post a number; the printer does not answer."""
        post(Committed(self.ticket(request)))

    def nothing(self, request: TicketRequest, post: Post) -> None:
        """Post nothing."""

    def broken(self, request: TicketRequest, post: Post) -> None:
        """Raise an unexpected error."""
        raise RuntimeError("the desk broke")
