"""The use cases: issue a number, print it again, void it.

Independent of screens, SQL and printer commands. Its purpose is the order of steps: check whether
a number may be issued, commit it, show it, only then print the slip, and at last record the
outcome. A crash between any two steps then loses no number and repeats none.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar
from zoneinfo import ZoneInfo

from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import OnFault, Settings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.details_slip import details_slip
from kiosk.domain.health import UNRESPONSIVE, PrinterHealth
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
from kiosk.messages import Message, Text
from kiosk.register import NoQueue, QueuePort, Register, StopsPort, found_in
from kiosk.store.journal import Journal
from kiosk.sync.values import Reservation
from menu.catalogue import Found

if TYPE_CHECKING:
    from kiosk.printer import SlipPrinter

WORKER_GRACE_S = 1.0
"""How long the printer's worker is waited for beyond the printer's own deadlines."""

START_RETRY_S = 0.2
"""Pause between two questions to a printer that is not ready after a start."""

NOT_READY = UNRESPONSIVE | {Fault.HELD_BACK}
"""Faults that pass by themselves after a start: the printer is not found yet, or may still hold a
slip of the last run."""

T = TypeVar("T")
OnCommitted = Callable[[Ticket, Ahead | None], None]
log = logging.getLogger(__name__)


class WorkerPort(Protocol):
    """The thread that owns the printer (``kiosk.background.worker``)."""

    def submit(self, job: Callable[[], T], deadline_s: float) -> Future[T]:
        """Run ``job`` within ``deadline_s`` seconds; a cancelled future's job never runs."""


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
        self._printer = printer
        self._worker = worker
        self._settings = settings
        self._now = now
        self._dated = dated
        self._health = PrinterHealth()
        self._asked_s = float("-inf")
        # Until the printer has been ready once, slips wait for it: within its time limit from the
        # first question on (monotonic).
        self._was_ready = False
        self._starting_since_s: float | None = None
        self._start_lock = threading.Lock()
        # Number of slips that wait for the printer or are being printed.
        self._jobs_waiting = 0
        self._changed = threading.Condition()
        # The ticket whose slip was printed last, and the last known count of slips not taken.
        self._last_slip = ""
        self._not_taken = 0
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
        return self._send(slip_of_details(self._settings(), service, language, today))

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
        return self._health

    def probe(self) -> PrinterHealth:
        """Ask for the printer's state, after earlier jobs; blocks within its deadlines.

        Preempted as soon as a slip waits for the printer.
        """
        self._starting()  # the limit of a start runs from the first question on
        job = partial(self._printer.probe, lambda: self._jobs_waiting > 0)
        future = self._worker.submit(job, self._printer_limit_s())
        if not self._done(future):
            self._set_health(Fault.WEDGED, Message("job.busy"))
        elif (error := future.exception()) is not None:
            log.error("the printer could not be asked", exc_info=error)
            self._set_health(Fault.ERROR, Message("job.not_asked"))
        else:
            self._health = future.result()
            self._note_ready(self._health)
            self._note_not_taken()
        self._asked_s = time.monotonic()
        return self._health

    def _note_not_taken(self) -> None:
        """Record for the last ticket printed that its slip was not taken from the mouth."""
        count, self._not_taken = self._not_taken, self._health.not_taken
        ticket_id = self._last_slip
        if self._health.not_taken <= count or not ticket_id:
            return
        try:
            self._with_sound_journal(
                lambda: self._journal.note_not_taken(ticket_id, self._site_now())
            )
        except JournalError as error:
            log.error("a slip that was not taken is not recorded: %s", error)  # noqa: TRY400

    def _done(self, future: Future[T]) -> bool:
        """Wait for a job on the printer's worker. Returns whether it ran to its end.

        When it did not, ``future.cancelled()`` says whether it certainly never runs.
        """
        wait((future,), self._printer_limit_s() + WORKER_GRACE_S)
        return not future.cancel() and future.done()

    def _printer_limit_s(self) -> float:
        printer = self._settings().kiosk.printer
        return printer.deadline_s + printer.connect_s

    def _set_health(self, fault: Fault | None, detail: Text, *, held: bool = False) -> None:
        now = self._site_now()
        self._health = replace(self._health, fault=fault, detail=detail, held=held, at=now)

    def _update_health(self, result: PrintResult) -> None:
        """Take the printer's state from a job's result, before the next probe."""
        held = result.outcome is Outcome.UNCERTAIN or result.fault is Fault.HELD_BACK
        self._set_health(result.fault, result.detail, held=held)

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
        health = self._health if self._health.at is not None else self.probe()
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
            result = self._send(slip, ticket)
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

    def _send(self, slip: Slip, ticket: Ticket | None = None) -> PrintResult:
        """Print the slip on the printer's worker and update the printer's health.

        ``ticket``: None for a slip without a number."""
        asked_ago_s = time.monotonic() - self._asked_s
        if self._health.skips_visitors(asked_ago_s) and not self._wait_until_ready():
            # An idle probe may be waiting for the printer's answer: do not queue behind it.
            return PrintResult.not_printed(self._health.fault, self._health.detail)
        result = self._run_print_job(slip, ticket)
        if _not_ready(result) and self._wait_until_ready():
            result = self._run_print_job(slip, ticket)
        if result.outcome is not Outcome.NOT_PRINTED:
            self._was_ready = True
            self._last_slip = ticket.id if ticket else ""
        if result.outcome is not Outcome.NOT_PRINTED or result.fault is not None:
            self._update_health(result)
        return result

    def _starting(self) -> bool:
        """Whether the printer has not been ready since the start, and its time limit is not over.

        The limit runs from the first call, so that a missing printer delays few visitors.
        """
        now_s = time.monotonic()
        if self._starting_since_s is None:
            self._starting_since_s = now_s
        limit_s = self._printer_limit_s()
        return not self._was_ready and now_s - self._starting_since_s < limit_s

    def _wait_until_ready(self) -> bool:
        """After a start: wait for the printer within its time limit. Returns whether it became
        ready; False at once where it has been ready before.

        Printers start more slowly than the kiosk, and network boards refuse connections for seconds
        after the kiosk's last run. One thread asks, so that several visitors wait no longer.
        """
        if self._was_ready:
            return False
        with self._start_lock:
            while self._starting():
                self.probe()
                if not self._was_ready:
                    time.sleep(START_RETRY_S)
        return self._was_ready

    def _note_ready(self, health: PrinterHealth) -> None:
        """Slips wait no longer for a printer that has answered, or has a fault that staff mend."""
        passes = health.unresponsive or (health.held and health.fault is None)
        self._was_ready |= health.at is not None and not passes

    def _run_print_job(self, slip: Slip, ticket: Ticket | None) -> PrintResult:
        with self._job_waiting():
            job = partial(self._printer.print, slip)
            if ticket is not None:
                job = partial(self._print_unless_void, ticket, slip)
            future = self._worker.submit(job, self._printer_limit_s())
            done = self._done(future)
        if not done:
            if future.cancelled():
                return PrintResult.not_printed(Fault.WEDGED, Message("job.busy"))
            future.add_done_callback(lambda late: self._record_late(ticket, late))
            return PrintResult.uncertain(Fault.WEDGED, Message("job.wedged"))
        if (error := future.exception()) is not None:
            log.error("printing %s broke off", slip.number or "details", exc_info=error)
            return PrintResult.uncertain(Fault.ERROR, Message("job.broke_off"))
        return future.result()

    def _print_unless_void(self, ticket: Ticket, slip: Slip) -> PrintResult:
        """Print on the printer's thread, unless the number was given back in the meantime."""
        with self._changed:
            void = ticket.id in self._voided_ids
        return _void_result(ticket) if void else self._printer.print(slip)

    @contextlib.contextmanager
    def _job_waiting(self) -> Iterator[None]:
        """Preempt idle probes within the block."""
        with self._changed:
            self._jobs_waiting += 1
        try:
            yield
        finally:
            with self._changed:
                self._jobs_waiting -= 1

    def _record_late(self, ticket: Ticket | None, answer: Future[PrintResult]) -> None:
        """Record a result that came after the visitor was shown "uncertain"."""
        if answer.cancelled() or answer.exception() is not None:
            return
        result = answer.result()
        number = ticket.number if ticket else "details"
        log.warning("the printer answered late for %s: %s", number, result.outcome.value)
        self._update_health(result)
        if ticket is not None:
            self._record(ticket, result.proof)

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


def _not_ready(result: PrintResult) -> bool:
    """Whether nothing of the slip was sent for a reason that may pass after a start."""
    return result.outcome is Outcome.NOT_PRINTED and result.fault in NOT_READY


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
        return _void_result(ticket)
    return _RESULTS.get(ticket.printed) if ticket.printed else None


def _void_result(ticket: Ticket) -> PrintResult:
    """No slip, and no fault of the printer: the number was given back."""
    return PrintResult.not_printed(None, Message.of("issue.void", number=ticket.number))
