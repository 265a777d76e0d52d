"""The use cases: issue a number, print it again, void it.

Independent of screens, SQL and printer commands. Its purpose is the order of steps: check whether
a number may be issued, commit it, show it, only then print the slip, and at last record the
outcome. A crash between any two steps then loses no number and repeats none.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import OnFault, Settings
from kiosk.domain.delivery import Fault, Level, PrintResult, Proof
from kiosk.domain.details_slip import details_slip
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Ahead, NumbersLeft
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.errors import (
    IssueRefused,
    JournalDamaged,
    JournalError,
    Refusal,
    TicketMismatch,
)
from kiosk.messages import Message
from kiosk.print_queue import PrintQueue, WorkerPort, void_result
from kiosk.register import NoQueue, QueuePort, Register, StopsPort, found_in
from kiosk.store.journal import Journal
from kiosk.sync.values import Reservation
from menu.catalogue import Found

if TYPE_CHECKING:
    from kiosk.printer import SlipPrinter

T = TypeVar("T")
OnCommitted = Callable[[Ticket, Ahead | None], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IssueResult:
    """A ticket as the journal holds it, and the outcome of its slip.

    ``ticket.printed`` is None when the outcome could not be recorded; ``result`` is valid all the
    same. ``repeated``: the id already had its number.
    """

    ticket: Ticket
    result: PrintResult
    repeated: bool = False


class Desk:
    """The use cases. Methods block; several threads may call them at the same time.

    ``settings`` returns the present settings, ``now`` the aware time, ``date_confirmed`` whether
    a synchronised clock confirms the date, ``dated`` whether a slip may carry date and time.
    ``worker`` is the thread that owns ``printer``; ``queue`` is the central server, ``stops`` what
    staff have stopped at this machine.
    """

    def __init__(
        self,
        journal: Journal,
        printer: SlipPrinter,
        worker: WorkerPort,
        *,
        settings: Callable[[], Settings],
        now: Callable[[], datetime],
        date_confirmed: Callable[[], bool],
        dated: Callable[[], bool] = lambda: True,
        queue: QueuePort | None = None,
        stops: StopsPort | None = None,
    ) -> None:
        self._journal = journal
        self._register = Register(
            journal,
            queue or NoQueue(),
            settings=settings,
            now=self._site_now,
            date_confirmed=date_confirmed,
            stops=stops,
        )
        self._settings = settings
        self._now = now
        self._dated = dated
        self._print_queue = PrintQueue(
            printer,
            worker,
            settings=lambda: settings().kiosk.printer,
            now=self._site_now,
            is_void=self._is_void,
            record_late=self._record,
            note_not_taken=self._note_not_taken,
        )
        self._changed = threading.Condition()
        # Ids of tickets with a use case in progress.
        self._busy_ids: set[str] = set()
        # Those of them that were voided since: a slip that has not begun is not printed.
        self._voided_ids: set[str] = set()

    # ── use cases ────────────────────────────────────────────────────────────────────────

    def issue(
        self, request: TicketRequest, on_committed: OnCommitted = lambda _t, _a: None
    ) -> IssueResult:
        """Give ``request`` its number and print the slip.

        ``on_committed`` is called on this thread once the number is committed, before any byte is
        sent to the printer, with the people ahead where the server sent their number. Idempotent:
        the same id returns the same ticket. Its slip is printed again only when the first one was
        certainly not printed, and as a copy when the journal has no outcome.

        Raises IssueRefused (``ServiceClosed``, or reason ``closed``, ``paused``, ``quota``,
        ``revoked``, ``printer``, ``unknown``), NumberingError or JournalError: then there is no
        number, and none was shown.
        """
        with self._exclusive(request.id):
            ticket, repeated, reserved = self._commit(request)
            try:
                on_committed(ticket, _ahead(reserved))
            except Exception:
                log.exception("number %s could not be shown", ticket.number)
            if not repeated:
                return self._deliver(ticket, copy=False, reserved=reserved)
            earlier = _earlier_result(ticket)
            if earlier is not None:
                return IssueResult(ticket, earlier, repeated=True)
            again = self._deliver(ticket, copy=ticket.printed is None)
            return replace(again, repeated=True)

    def reprint(self, ticket_id: str) -> PrintResult:
        """Print a ticket's slip again, marked as a copy.

        Raises IssueRefused (``void``, ``unknown``) or JournalError, also for an unknown id.
        """
        with self._exclusive(ticket_id):
            ticket = self._with_sound_journal(lambda: self._journal.get(ticket_id))
            if ticket is None:
                raise JournalError("issue.unknown_ticket", id=ticket_id)
            if ticket.state == "void":
                raise IssueRefused(Refusal.VOID, "issue.void", number=ticket.number)
            self._agency_and_service(ticket.service)
            return self._deliver(ticket, copy=True).result

    def void(self, ticket_id: str) -> Ticket:
        """Void a ticket; its number is never issued again. Idempotent.

        Does not wait for a slip that is being printed, so the screen can confirm at once. A slip
        that has not begun is not printed. The outcome of one that has is recorded as usual.
        Raises JournalError, also for an unknown id.
        """
        voided = self._with_sound_journal(lambda: self._journal.void(ticket_id))
        with self._changed:
            if ticket_id in self._busy_ids:
                self._voided_ids.add(ticket_id)
        return voided

    def print_details(self, service: str, language: str) -> PrintResult:
        """Print the details of a service on a slip without a number.

        Neither journal nor server know of it. Raises IssueRefused for an unknown service.
        """
        today = self._site_now() if self._dated() else None
        return self._print_queue.print(slip_of_details(self._settings(), service, language, today))

    def numbers_left(self) -> dict[str, NumbersLeft]:
        """Numbers left today, for each service with a quota. Raises JournalError."""
        return self._register.numbers_left()

    def unfinished(self) -> Ticket | None:
        """At start: the recent ticket without a recorded outcome. Raises JournalError."""
        return self._with_sound_journal(lambda: self._journal.unfinished(self._site_now()))

    # ── the printer's state ──────────────────────────────────────────────────────────────

    @property
    def printer_health(self) -> PrinterHealth:
        """The printer's last known state, without asking it."""
        return self._print_queue.health

    def probe(self) -> PrinterHealth:
        """Ask for the printer's state, after earlier jobs; blocks within its deadlines.

        Preempted as soon as a slip waits for the printer.
        """
        return self._print_queue.probe()

    # ── the number ───────────────────────────────────────────────────────────────────────

    def _commit(self, request: TicketRequest) -> tuple[Ticket, bool, Reservation | None]:
        """The ticket of ``request``, whether it existed before, and the server's reservation."""

        def attempt() -> tuple[Ticket, bool, Reservation | None]:
            held = self._journal.get(request.id)
            if held is None:
                settings = self._settings()
                self._register.check(request, settings)
                self._check_printer(settings)
                ticket, reserved = self._register.enter(request)
                return ticket, False, reserved
            if held.service != request.service:
                raise TicketMismatch("issue.ticket", number=held.number)
            return held, True, None

        return self._with_sound_journal(attempt)

    def _check_printer(self, settings: Settings) -> None:
        if settings.kiosk.printer.on_fault is not OnFault.STOP:
            return
        health = self.printer_health
        if health.at is None:
            health = self.probe()
        if not health.well:
            fault = health.fault or Fault.HELD_BACK
            why = Message(f"fault.{fault.value}")
            raise IssueRefused(Refusal.PRINTER, "issue.printer", why=why)

    def _agency_and_service(self, service: str) -> Found:
        return found_in(self._settings(), service)

    # ── the paper ────────────────────────────────────────────────────────────────────────

    def _deliver(
        self, ticket: Ticket, *, copy: bool, reserved: Reservation | None = None
    ) -> IssueResult:
        """Print the slip and record the outcome."""
        try:
            slip = self._slip(ticket, copy, reserved)
        except Exception:
            log.exception("the slip of %s could not be made", ticket.number)
            result = PrintResult.not_printed(Fault.ERROR, Message("job.no_slip"))
        else:
            result = self._print_queue.print(slip, ticket)
        return IssueResult(self._record(ticket, result.proof), result)

    def _slip(self, ticket: Ticket, copy: bool, reserved: Reservation | None) -> Slip:
        settings, chosen = self._settings(), self._priorities(ticket)
        groups = settings.catalogue.priority_groups
        facts = SlipFacts(
            ticket=ticket,
            found=self._agency_and_service(ticket.service),
            site=settings.catalogue.site,
            words=settings.words,
            kiosk_id=settings.kiosk.id,
            priority_names=tuple(g.name for g in groups if g.code in chosen),
            ahead=reserved.ahead if reserved else None,
            wait_minutes=reserved.wait_minutes if reserved else None,
            copy_of=ticket.issued_at if copy else None,
            dated=self._dated(),
        )
        return compose(settings.template, facts)

    def _priorities(self, ticket: Ticket) -> tuple[str, ...]:
        """The priority groups for the slip; the first alone while the journal cannot be read."""
        try:
            return self._journal.priorities(ticket)
        except JournalError as error:
            log.warning("the priority groups of %s cannot be read: %s", ticket.number, error)
            return (ticket.priority,) if ticket.priority else ()

    def _is_void(self, ticket_id: str) -> bool:
        """Whether the ticket of a use case in progress was voided since it began."""
        with self._changed:
            return ticket_id in self._voided_ids

    def _note_not_taken(self, ticket_id: str) -> None:
        """Record that the slip of a ticket was not taken; log a failure and go on."""
        try:
            self._with_sound_journal(
                lambda: self._journal.note_not_taken(ticket_id, self._site_now())
            )
        except JournalError as error:
            log.error("a slip that was not taken is not recorded: %s", error)  # noqa: TRY400

    def _record(self, ticket: Ticket, proof: Proof) -> Ticket:
        """Record ``proof`` where it ranks above the recorded one; log a failure and go on.

        The number has been shown: a failing disk must not take it back.
        """

        def attempt() -> Ticket:
            held = self._journal.get(ticket.id)
            known = held.printed if held else None
            if held is not None and known is not None and _RANK[known] >= _RANK[proof]:
                return held
            return self._journal.record(ticket.id, proof)

        try:
            return self._with_sound_journal(attempt)
        except JournalError as error:
            log.error("the outcome of %s is not written down: %s", ticket.number, error)  # noqa: TRY400
            return ticket

    # ── internals ────────────────────────────────────────────────────────────────────────

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._settings().catalogue.site.timezone)

    def _site_now(self) -> datetime:
        return self._now().astimezone(self._zone())

    def _with_sound_journal(self, attempt: Callable[[], T]) -> T:
        """Run ``attempt``; when the journal is damaged, replace it and run ``attempt`` again."""
        journal = self._journal.id
        try:
            return attempt()
        except JournalDamaged as error:
            log.error("%s; it is set aside", error)  # noqa: TRY400
            self._journal.replace(self._site_now(), journal)
            return attempt()

    @contextlib.contextmanager
    def _exclusive(self, ticket_id: str) -> Iterator[None]:
        """A lock for one ticket: a second tap waits and then finds the first one's result."""
        with self._changed:
            self._changed.wait_for(lambda: ticket_id not in self._busy_ids)
            self._busy_ids.add(ticket_id)
        try:
            yield
        finally:
            with self._changed:
                self._busy_ids.discard(ticket_id)
                self._voided_ids.discard(ticket_id)
                self._changed.notify_all()


def slip_of_details(
    settings: Settings, service: str, language: str, today: datetime | None
) -> Slip:
    """The slip with the details of a service. Raises IssueRefused for an unknown service."""
    return details_slip(
        found_in(settings, service),
        settings.catalogue.site,
        settings.words,
        language,
        today,
        settings.template.unprintable,
        settings.template.code_page,
    )


def _ahead(reserved: Reservation | None) -> Ahead | None:
    if reserved is None or reserved.ahead is None:
        return None
    return Ahead(reserved.ahead, reserved.wait_minutes)


_RANK = {p: i for i, p in enumerate([Proof.NO, Proof.SCREEN, Proof.UNCERTAIN, Proof.SENT])}
_RANK[Proof.CONFIRMED] = len(_RANK)

_RESULTS = {
    Proof.CONFIRMED: PrintResult.printed(Level.QUEUED_STATUS),
    Proof.SENT: PrintResult.printed(Level.BLIND),
    Proof.UNCERTAIN: PrintResult.uncertain(None),
}


def _earlier_result(ticket: Ticket) -> PrintResult | None:
    """The result to answer for a repeated id without printing; None to print a slip."""
    if ticket.state == "void":
        return void_result(ticket)
    return _RESULTS.get(ticket.printed) if ticket.printed else None
