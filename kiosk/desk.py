"""The desk: issue a number, print it again, take it back.

It knows no screen, no SQL and no byte of a printer's language. The order in which things happen
is the point of it: refuse what is to be refused, commit the number, show it, and only then send
the slip; then write down what became of the paper.
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
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from kiosk.domain.compose import SlipFacts, compose
from kiosk.domain.config import OnFault, Settings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult, Proof
from kiosk.domain.health import PrinterHealth
from kiosk.domain.live import Ahead
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket, TicketRequest
from kiosk.errors import (
    IssueRefused,
    JournalDamaged,
    JournalError,
    TicketMismatch,
)
from kiosk.messages import Message, Text
from kiosk.register import NoQueue, QueuePort, Register, found_in
from kiosk.store.journal import Journal
from kiosk.sync.values import Reservation
from menu.catalogue import Found

DEAD = (Fault.UNREACHABLE, Fault.MUTE, Fault.GARBLED)
DEAD_S = 10.0
"""A printer that gave no answer so recently is not waited for by a visitor."""

WORKER_GRACE_S = 1.0
"""How much longer than the printer's own deadlines its worker is waited for."""

T = TypeVar("T")
OnCommitted = Callable[[Ticket, Ahead | None], None]
log = logging.getLogger(__name__)


class PrinterPort(Protocol):
    """What the desk needs of a printer. Both calls block, within the printer's deadlines."""

    def print(self, slip: Slip) -> PrintResult:
        """Print one slip and say what became of it."""

    def probe(self, wanted: Callable[[], bool]) -> PrinterHealth:
        """Ask the printer how it is; break off as soon as somebody has a slip to print."""


class WorkerPort(Protocol):
    """The thread that owns the printer (``kiosk.background.worker``)."""

    def submit(self, job: Callable[[], T], deadline_s: float) -> Future[T]:
        """Have ``job`` run within ``deadline_s``; a cancelled future never ran."""


@dataclass(frozen=True)
class Delivered:
    """A ticket as the journal has it, and what became of its slip.

    ``ticket.printed`` is None when the outcome could not be written down; ``result`` is true
    all the same. ``repeated``: the id had its number already.
    """

    ticket: Ticket
    result: PrintResult
    repeated: bool = False


class Desk:
    """The use cases. Its methods block; several threads may call them at once.

    ``settings`` and ``now`` (aware) answer the present ones; ``date_confirmed`` whether a
    synchronised clock stands behind the date; ``worker`` owns ``printer``; ``queue`` is the
    central server.
    """

    def __init__(
        self,
        journal: Journal,
        printer: PrinterPort,
        worker: WorkerPort,
        *,
        settings: Callable[[], Settings],
        now: Callable[[], datetime],
        date_confirmed: Callable[[], bool],
        queue: QueuePort | None = None,
    ) -> None:
        self._journal = journal
        self._register = Register(
            journal,
            queue or NoQueue(),
            settings=settings,
            now=self._site_now,
            date_confirmed=date_confirmed,
        )
        self._printer = printer
        self._worker = worker
        self._settings = settings
        self._now = now
        self._health = PrinterHealth()
        self._asked_s = float("-inf")
        # Slips that are to be printed, or under way.
        self._wanted = 0
        self._turn = threading.Condition()
        self._under_way: set[str] = set()

    # ── use cases ────────────────────────────────────────────────────────────────────────

    def issue(
        self, request: TicketRequest, on_committed: OnCommitted = lambda _t, _a: None
    ) -> Delivered:
        """Give ``request`` its number and print the slip.

        ``on_committed`` is called on this thread once the number exists, before a byte goes to
        the printer, and told who is ahead of it where the server said so. The same id again
        answers the same ticket; a slip is sent again only when the first one certainly did not
        come out, and as a copy when nobody knows.

        Raises IssueRefused (``ServiceClosed``, or reason ``closed``, ``paused``, ``quota``,
        ``revoked``, ``printer``, ``unknown``), NumberingError or JournalError: then there is no
        number, and none was shown.
        """
        with self._alone(request.id):
            ticket, repeated, reserved = self._commit(request)
            try:
                on_committed(ticket, _ahead(reserved))
            except Exception:
                log.exception("number %s could not be shown", ticket.number)
            if not repeated:
                return self._deliver(ticket, copy=False, reserved=reserved)
            told = _told(ticket)
            if told is not None:
                return Delivered(ticket, told, repeated=True)
            again = self._deliver(ticket, copy=ticket.printed is None)
            return replace(again, repeated=True)

    def reprint(self, ticket_id: str) -> PrintResult:
        """Print a ticket's slip again, marked as a copy.

        Raises IssueRefused (``void``, ``unknown``) or JournalError, also for an unknown id.
        """
        with self._alone(ticket_id):
            ticket = self._sound(lambda: self._journal.get(ticket_id))
            if ticket is None:
                raise JournalError("issue.unknown_ticket", id=ticket_id)
            if ticket.state == "void":
                raise IssueRefused("void", "issue.void", number=ticket.number)
            self._found(ticket.service)
            return self._deliver(ticket, copy=True).result

    def void(self, ticket_id: str) -> Ticket:
        """Take a ticket back. Its number is never given again. Raises JournalError."""
        with self._alone(ticket_id):
            return self._sound(lambda: self._journal.void(ticket_id))

    def numbers_left(self) -> dict[str, int]:
        """Today's numbers left by service, of those with a quota. Raises JournalError."""
        return self._register.numbers_left()

    def unfinished(self) -> Ticket | None:
        """At a start: the young ticket whose slip nobody knows about. Raises JournalError."""
        return self._sound(lambda: self._journal.unfinished(self._site_now()))

    # ── the printer's state ──────────────────────────────────────────────────────────────

    @property
    def printer_health(self) -> PrinterHealth:
        """The printer's last known state, without asking it."""
        return self._health

    def probe(self) -> PrinterHealth:
        """Ask the printer how it is, in its turn; blocks within the printer's deadlines."""
        look = partial(self._printer.probe, self._is_wanted)
        future = self._worker.submit(look, self._patience_s())
        if not self._done(future):
            self._mark(Fault.WEDGED, "the printer is busy with an earlier call")
        elif (error := future.exception()) is not None:
            log.error("the printer could not be asked", exc_info=error)
            self._mark(Fault.ERROR, "the printer could not be asked; the log says why")
        else:
            self._health = future.result()
        self._asked_s = time.monotonic()
        return self._health

    def _done(self, future: Future[T]) -> bool:
        """Wait for a job on the printer's worker: whether it ran to its end.

        When it did not, ``future.cancelled()`` says whether it will certainly never run.
        """
        wait((future,), self._patience_s() + WORKER_GRACE_S)
        return not future.cancel() and future.done()

    def _patience_s(self) -> float:
        printer = self._settings().kiosk.printer
        return printer.deadline_s + printer.connect_s

    def _mark(self, fault: Fault | None, detail: Text, *, held: bool = False) -> None:
        now = self._site_now()
        self._health = replace(self._health, fault=fault, detail=detail, held=held, at=now)

    def _learn(self, result: PrintResult) -> None:
        """A job tells how the printer is, sooner than the next probe."""
        held = result.outcome is Outcome.UNCERTAIN or result.fault is Fault.HELD_BACK
        self._mark(result.fault, result.detail, held=held)

    # ── the number ───────────────────────────────────────────────────────────────────────

    def _commit(self, request: TicketRequest) -> tuple[Ticket, bool, Reservation | None]:
        """The ticket of ``request``, whether it existed before, and what the server reserved."""

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

        return self._sound(attempt)

    def _check_printer(self, settings: Settings) -> None:
        if settings.kiosk.printer.on_fault is not OnFault.STOP:
            return
        health = self._health if self._health.at is not None else self.probe()
        if not health.well:
            fault = health.fault or Fault.HELD_BACK
            why = Message(f"fault.{fault.value}")
            raise IssueRefused("printer", "issue.printer", why=why)

    def _found(self, service: str) -> Found:
        return found_in(self._settings(), service)

    # ── the paper ────────────────────────────────────────────────────────────────────────

    def _deliver(
        self, ticket: Ticket, *, copy: bool, reserved: Reservation | None = None
    ) -> Delivered:
        """Send the slip, and write down what came of it."""
        try:
            slip = self._slip(ticket, copy, reserved)
        except Exception:
            log.exception("the slip of %s could not be made", ticket.number)
            result = _unsent(Fault.ERROR, "the slip could not be made; the log says why")
        else:
            result = self._send(ticket, slip)
            self._learn(result)
        return Delivered(self._record(ticket, result.proof), result)

    def _slip(self, ticket: Ticket, copy: bool, reserved: Reservation | None) -> Slip:
        settings = self._settings()
        groups = settings.catalogue.priority_groups
        facts = SlipFacts(
            ticket=ticket,
            found=self._found(ticket.service),
            site=settings.catalogue.site,
            words=settings.words,
            kiosk_id=settings.kiosk.id,
            priority_name=next((g.name for g in groups if g.code == ticket.priority), None),
            ahead=reserved.ahead if reserved else None,
            wait_minutes=reserved.wait_minutes if reserved else None,
            copy_of=ticket.issued_at if copy else None,
        )
        return compose(settings.template, facts)

    def _send(self, ticket: Ticket, slip: Slip) -> PrintResult:
        """The printer's answer, or what can be said without one."""
        known = self._health
        if known.fault in DEAD and time.monotonic() - self._asked_s < DEAD_S:
            # The idle probe may be waiting for it just now: nobody else has to.
            return _unsent(known.fault, known.detail)
        with self._wanting():
            future = self._worker.submit(lambda: self._printer.print(slip), self._patience_s())
            done = self._done(future)
        if not done:
            if future.cancelled():
                return _unsent(Fault.WEDGED, "the printer is busy with an earlier call")
            future.add_done_callback(lambda late: self._late(ticket, late))
            return _uncertain(Fault.WEDGED, "the printer did not come back in time")
        if (error := future.exception()) is not None:
            log.error("printing %s broke off", ticket.number, exc_info=error)
            return _uncertain(Fault.ERROR, "printing broke off; the log says why")
        return future.result()

    @contextlib.contextmanager
    def _wanting(self) -> Iterator[None]:
        """Meanwhile an idle look at the printer gives way."""
        with self._turn:
            self._wanted += 1
        try:
            yield
        finally:
            with self._turn:
                self._wanted -= 1

    def _is_wanted(self) -> bool:
        return self._wanted > 0

    def _late(self, ticket: Ticket, answer: Future[PrintResult]) -> None:
        """The printer came back after its visitor had been told that nobody knows."""
        if answer.cancelled() or answer.exception() is not None:
            return
        result = answer.result()
        log.warning("the printer answered late for %s: %s", ticket.number, result.outcome.value)
        self._learn(result)
        self._record(ticket, result.proof)

    def _record(self, ticket: Ticket, proof: Proof) -> Ticket:
        """Write ``proof`` down where it says more than what is known; a failure is logged only.

        The number has been shown: whatever the disk does now must not take it back.
        """

        def attempt() -> Ticket:
            held = self._journal.get(ticket.id)
            known = held.printed if held else None
            if held is not None and known is not None and _RANK[known] >= _RANK[proof]:
                return held
            return self._journal.record(ticket.id, proof)

        try:
            return self._sound(attempt)
        except JournalError as error:
            log.error("the outcome of %s is not written down: %s", ticket.number, error)  # noqa: TRY400
            return ticket

    # ── within ───────────────────────────────────────────────────────────────────────────

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._settings().catalogue.site.timezone)

    def _site_now(self) -> datetime:
        return self._now().astimezone(self._zone())

    def _sound(self, attempt: Callable[[], T]) -> T:
        """What ``attempt`` answers; a damaged journal is replaced, and it is tried once more."""
        journal = self._journal.id
        try:
            return attempt()
        except JournalDamaged as error:
            log.error("%s; it is set aside", error)  # noqa: TRY400
            self._journal.replace(self._site_now(), journal)
            return attempt()

    @contextlib.contextmanager
    def _alone(self, ticket_id: str) -> Iterator[None]:
        """One job at a time for one ticket: a second tap waits and then finds the first's work."""
        with self._turn:
            self._turn.wait_for(lambda: ticket_id not in self._under_way)
            self._under_way.add(ticket_id)
        try:
            yield
        finally:
            with self._turn:
                self._under_way.discard(ticket_id)
                self._turn.notify_all()


def _ahead(reserved: Reservation | None) -> Ahead | None:
    if reserved is None or reserved.ahead is None:
        return None
    return Ahead(reserved.ahead, reserved.wait_minutes)


_RANK = {p: i for i, p in enumerate([Proof.NO, Proof.SCREEN, Proof.UNCERTAIN, Proof.SENT])}
_RANK[Proof.CONFIRMED] = len(_RANK)

_PAPER = {
    Proof.CONFIRMED: PrintResult(Outcome.PRINTED, Level.QUEUED_STATUS),
    Proof.SENT: PrintResult(Outcome.PRINTED, Level.BLIND),
    Proof.UNCERTAIN: PrintResult(Outcome.UNCERTAIN, Level.BLIND),
}


def _told(ticket: Ticket) -> PrintResult | None:
    """What a repeat is answered without printing; None when a slip may be sent."""
    if ticket.state == "void":
        return _unsent(None, f"number {ticket.number} was taken back")
    return _PAPER.get(ticket.printed) if ticket.printed else None


def _unsent(fault: Fault | None, detail: Text) -> PrintResult:
    return PrintResult(Outcome.NOT_PRINTED, Level.BLIND, fault, detail)


def _uncertain(fault: Fault, detail: Text) -> PrintResult:
    return PrintResult(Outcome.UNCERTAIN, Level.BLIND, fault, detail)
