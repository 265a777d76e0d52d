"""The way of a slip to the printer: its place in the queue, its time limit and its outcome.

One thread owns the printer. This module submits slips and probes to it, keeps the printer's last
known state, and decides how long a visitor may wait: a printer that is stuck or cannot be asked
costs a visitor no more than its time limit. It knows nothing of numbers and of the journal.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Outcome, PrintResult, Proof
from kiosk.domain.health import UNRESPONSIVE, PrinterHealth
from kiosk.domain.slip import Slip
from kiosk.domain.ticket import Ticket
from kiosk.messages import Message, Text

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
log = logging.getLogger(__name__)


class WorkerPort(Protocol):
    """The thread that owns the printer (``kiosk.background.worker``)."""

    def submit(self, job: Callable[[], T], deadline_s: float) -> Future[T]:
        """Run ``job`` within ``deadline_s`` seconds; a cancelled future's job never runs."""


class PrintQueue:
    """The slips that wait for the printer's thread, and the printer's last known state.

    Methods block; several threads may call them at the same time.

    ``worker`` is the thread that owns ``printer``; ``settings`` returns the printer's present
    settings, ``now`` the aware time. Three questions and reports to the owner of the tickets:

    * ``is_void`` (on the printer's thread, before the first byte of a ticket's slip): whether the
      ticket with this id was voided, so that its slip must not be printed;
    * ``record_late`` (on any thread): the proof of a slip whose result came after the caller of
      ``print`` was told "uncertain";
    * ``note_not_taken`` (on the thread of ``probe``): the slip of the ticket with this id was not
      taken from the mouth. It must not raise.
    """

    def __init__(
        self,
        printer: SlipPrinter,
        worker: WorkerPort,
        *,
        settings: Callable[[], PrinterSettings],
        now: Callable[[], datetime],
        is_void: Callable[[str], bool],
        record_late: Callable[[Ticket, Proof], object],
        note_not_taken: Callable[[str], None],
    ) -> None:
        self._printer = printer
        self._worker = worker
        self._settings = settings
        self._now = now
        self._is_void = is_void
        self._record_late = record_late
        self._note_not_taken = note_not_taken
        self._health = PrinterHealth()
        self._asked_s = float("-inf")
        # Until the printer has been ready once, slips wait for it: within its time limit from the
        # first question on (monotonic).
        self._was_ready = False
        self._starting_since_s: float | None = None
        self._start_lock = threading.Lock()
        # Number of slips that wait for the printer or are being printed.
        self._jobs_waiting = 0
        self._jobs_lock = threading.Lock()
        # The ticket whose slip was printed last, and the last known count of slips not taken.
        self._last_slip = ""
        self._not_taken = 0

    # ── the printer's state ──────────────────────────────────────────────────────────────

    @property
    def health(self) -> PrinterHealth:
        """The printer's last known state, without asking it."""
        return self._health

    def probe(self) -> PrinterHealth:
        """Ask for the printer's state, after earlier jobs; blocks within its deadlines.

        Preempted as soon as a slip waits for the printer.
        """
        self._starting()  # the limit of a start runs from the first question on
        job = partial(self._printer.probe, lambda: self._jobs_waiting > 0)
        future = self._worker.submit(job, self._limit_s())
        if not self._done(future):
            self._set_health(Fault.WEDGED, Message("job.busy"))
        elif (error := future.exception()) is not None:
            log.error("the printer could not be asked", exc_info=error)
            self._set_health(Fault.ERROR, Message("job.not_asked"))
        else:
            self._health = future.result()
            self._note_ready(self._health)
            self._count_not_taken()
        self._asked_s = time.monotonic()
        return self._health

    def _count_not_taken(self) -> None:
        """Report for the last ticket printed that its slip was not taken from the mouth."""
        count, self._not_taken = self._not_taken, self._health.not_taken
        ticket_id = self._last_slip
        if self._health.not_taken > count and ticket_id:
            self._note_not_taken(ticket_id)

    def _set_health(self, fault: Fault | None, detail: Text, *, held: bool = False) -> None:
        now = self._now()
        self._health = replace(self._health, fault=fault, detail=detail, held=held, at=now)

    def _update_health(self, result: PrintResult) -> None:
        """Take the printer's state from a job's result, before the next probe."""
        held = result.outcome is Outcome.UNCERTAIN or result.fault is Fault.HELD_BACK
        self._set_health(result.fault, result.detail, held=held)

    # ── after a start ────────────────────────────────────────────────────────────────────

    def _starting(self) -> bool:
        """Whether the printer has not been ready since the start, and its time limit is not over.

        The limit runs from the first call, so that a missing printer delays few visitors.
        """
        now_s = time.monotonic()
        if self._starting_since_s is None:
            self._starting_since_s = now_s
        limit_s = self._limit_s()
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

    # ── the paper ────────────────────────────────────────────────────────────────────────

    def print(self, slip: Slip, ticket: Ticket | None = None) -> PrintResult:
        """Print the slip on the printer's thread and update the printer's state.

        Never raises for a printer's fault. ``ticket``: None for a slip without a number.
        """
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

    def _run_print_job(self, slip: Slip, ticket: Ticket | None) -> PrintResult:
        with self._job_waiting():
            job = partial(self._printer.print, slip)
            if ticket is not None:
                job = partial(self._print_unless_void, ticket, slip)
            future = self._worker.submit(job, self._limit_s())
            done = self._done(future)
        if not done:
            if future.cancelled():
                return PrintResult.not_printed(Fault.WEDGED, Message("job.busy"))
            future.add_done_callback(partial(self._take_late, ticket))
            return PrintResult.uncertain(Fault.WEDGED, Message("job.wedged"))
        if (error := future.exception()) is not None:
            log.error("printing %s broke off", slip.number or "details", exc_info=error)
            return PrintResult.uncertain(Fault.ERROR, Message("job.broke_off"))
        return future.result()

    def _print_unless_void(self, ticket: Ticket, slip: Slip) -> PrintResult:
        """Print on the printer's thread, unless the number was given back in the meantime."""
        return void_result(ticket) if self._is_void(ticket.id) else self._printer.print(slip)

    @contextlib.contextmanager
    def _job_waiting(self) -> Iterator[None]:
        """Preempt idle probes within the block."""
        with self._jobs_lock:
            self._jobs_waiting += 1
        try:
            yield
        finally:
            with self._jobs_lock:
                self._jobs_waiting -= 1

    def _done(self, future: Future[T]) -> bool:
        """Wait for a job on the printer's worker. Returns whether it ran to its end.

        When it did not, ``future.cancelled()`` says whether it certainly never runs.
        """
        wait((future,), self._limit_s() + WORKER_GRACE_S)
        return not future.cancel() and future.done()

    def _limit_s(self) -> float:
        printer = self._settings()
        return printer.deadline_s + printer.connect_s

    def _take_late(self, ticket: Ticket | None, answer: Future[PrintResult]) -> None:
        """Take a result that came after the visitor was shown "uncertain"."""
        if answer.cancelled() or answer.exception() is not None:
            return
        result = answer.result()
        number = ticket.number if ticket else "details"
        log.warning("the printer answered late for %s: %s", number, result.outcome.value)
        self._update_health(result)
        if ticket is not None:
            self._record_late(ticket, result.proof)


def void_result(ticket: Ticket) -> PrintResult:
    """No slip, and no fault of the printer: the number was given back."""
    return PrintResult.not_printed(None, Message.of("issue.void", number=ticket.number))


def _not_ready(result: PrintResult) -> bool:
    """Whether nothing of the slip was sent for a reason that may pass after a start."""
    return result.outcome is Outcome.NOT_PRINTED and result.fault in NOT_READY
