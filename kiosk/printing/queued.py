"""A printer behind a queue of CUPS: the kiosk hands jobs over, and CUPS sends them.

CUPS knows that it has sent the bytes, not that they are on paper: a slip is ``sent`` at best. A
job that CUPS has not finished at its deadline is cancelled; how much of it the printer already
has is unknown, so the slip is UNCERTAIN.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from kiosk.deadline import Deadline
from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, PrintResult
from kiosk.domain.health import Capabilities, PrinterHealth, no_job_waiting
from kiosk.domain.printer_hold import JobPrinted, JobUncertain, PrinterHold, Released, step
from kiosk.domain.slip import Slip
from kiosk.errors import PrinterDeadline, PrinterError
from kiosk.messages import Message, Text
from kiosk.printing.cups import CupsQueue, QueueState
from kiosk.printing.direct import SEPARATOR
from kiosk.printing.encoder import SlipEncoder
from kiosk.printing.job_result import fault_of

POLL_S = 0.05
"""How often CUPS is asked for a job that is not finished."""

SETTLE_S = 5.0
"""A hold of an idle queue ends after this time: the printer has printed what it had."""

CANCEL_S = 1.0
"""Part of a slip's time that is reserved for cancelling its job."""


class QueuedPrinter:
    """See ``kiosk.printer.Printer``. A lock serialises the calls of several threads."""

    def __init__(
        self,
        settings: PrinterSettings,
        queue: CupsQueue,
        encoder: SlipEncoder,
        now: Callable[[], datetime],
        suspect: bool = False,
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._encoder = encoder
        self._now = now
        self._lock = threading.Lock()
        self._hold = PrinterHold.at_start(suspect=suspect)
        # Set by any thread, applied by the thread that holds the lock.
        self._release_requested = False
        # CUPS keeps the reasons of a broken job until the next job: those that were present
        # when staff released the printer are ignored.
        self._ignored_reasons: frozenset[str] = frozenset()
        # Whether jobs of an earlier process or of a failed cancel may be in the queue.
        self._must_cancel_all = True
        self._health = PrinterHealth(held=suspect)
        # Since when CUPS has been idle during a hold (monotonic).
        self._idle_since_s = math.inf

    def probe(
        self,
        job_waiting: Callable[[], bool] = no_job_waiting,  # noqa: ARG002
    ) -> PrinterHealth:
        """See Printer. Never preempted: CUPS is on this machine and answers in milliseconds."""
        if not self._lock.acquire(blocking=False):
            return self._health
        try:
            health = self._ask(Deadline.after(self._settings.connect_s))
            self._encoder.warm_up()
            return health
        finally:
            self._lock.release()

    def print(self, slip: Slip) -> PrintResult:
        """See Printer."""
        deadline = Deadline.after(self._settings.deadline_s)
        if not self._lock.acquire(timeout=self._settings.deadline_s):
            return PrintResult.not_printed(Fault.WEDGED, Message("job.under_way"))
        try:
            return self._print(slip, deadline)
        finally:
            self._lock.release()

    def survey(self) -> Capabilities:
        """See Printer: CUPS passes no questions on."""
        return Capabilities()

    def release(self) -> None:
        """See Printer."""
        if not self._hold.may_print:
            self._release_requested = True

    def relearn(self) -> None:
        """See Printer: CUPS passes no questions on."""

    def close(self) -> None:
        """See Printer: CUPS finishes a job that it has taken."""

    # -- internals ------------------------------------------------------------------------

    def _ask(self, deadline: Deadline) -> PrinterHealth:
        """Ask CUPS for the printer's state and remember it."""
        fault: Fault | None = None
        near_end = False
        detail: Text = ""
        released, self._release_requested = self._release_requested, False
        if released:
            self._hold = step(self._hold, Released())
        try:
            if self._must_cancel_all:
                self._queue.cancel(self._queue.waiting(deadline), deadline)
                self._must_cancel_all = False
            state = self._queue.state(deadline)
            if self._settled(state):
                released, self._hold = True, step(self._hold, Released())
            lasting = frozenset(r for r in state.reasons if not r.startswith("paused"))
            self._ignored_reasons = lasting if released else self._ignored_reasons & lasting
            state = state.without(self._ignored_reasons)
            fault, near_end = state.fault, state.near_end
            detail = state.detail if fault else ""
        except PrinterError as error:
            fault, detail = fault_of(error), error.message
        self._health = PrinterHealth(
            Level.BLIND, fault, near_end, self._now(), detail, held=not self._hold.may_print
        )
        return self._health

    def _settled(self, state: QueueState) -> bool:
        """Whether a hold is over: for SETTLE_S CUPS has had no job and has not paused the queue.

        CUPS names the reasons of the broken job until the next one, so that they cannot tell
        whether the printer is well: only the next slip can.
        """
        paused = any(reason.startswith("paused") for reason in state.reasons)
        if self._hold.may_print or paused:
            self._idle_since_s = math.inf
            return False
        now_s = time.monotonic()
        self._idle_since_s = min(self._idle_since_s, now_s)
        return now_s - self._idle_since_s >= SETTLE_S

    def _print(self, slip: Slip, deadline: Deadline) -> PrintResult:
        health = self._ask(deadline)
        if health.held:
            return PrintResult.not_printed(Fault.HELD_BACK, Message("job.held"))
        if health.fault is not None:
            return PrintResult.not_printed(health.fault, health.detail)
        try:
            data = self._encoder.encode(slip, Level.BLIND)
        except PrinterError as error:
            return PrintResult.not_printed(Fault.ERROR, error.message)
        job = (SEPARATOR if self._hold.separate_paper else b"") + data
        try:
            job_id = self._queue.submit(job, deadline)
        except PrinterDeadline as error:
            # CUPS may have taken the job all the same: the next probe cancels it.
            self._must_cancel_all = True
            return self._uncertain(Fault.MUTE, error.message, len(job))
        except PrinterError as error:
            return PrintResult.not_printed(fault_of(error), error.message)
        return self._follow(job_id, len(job), deadline)

    def _follow(self, job_id: str, length: int, deadline: Deadline) -> PrintResult:
        """Wait until CUPS has finished the job; cancel it when it is not finished in time."""
        limit = deadline.before(CANCEL_S)
        fault = Fault.MUTE
        detail: Text = Message("job.cups_late")
        try:
            while job_id in self._queue.waiting(deadline):
                if limit.expired:
                    fault = self._queue.state(deadline).fault or fault
                    break
                time.sleep(POLL_S)
            else:
                if self._queue.completed(job_id, deadline):
                    self._hold = step(self._hold, JobPrinted(length, answered=True))
                    return PrintResult.printed(Level.BLIND, Message("job.cups_sent"))
                fault, detail = Fault.ERROR, Message("job.cups_gave_up")
        except PrinterError as error:
            fault, detail = fault_of(error), error.message
        self._must_cancel_all = True
        with contextlib.suppress(PrinterError):
            self._queue.cancel((job_id,), Deadline.after(CANCEL_S))
            self._must_cancel_all = False
        return self._uncertain(fault, detail, length)

    def _uncertain(self, fault: Fault, detail: Text, length: int) -> PrintResult:
        self._hold = step(self._hold, JobUncertain(length))
        self._release_requested = False
        self._health = PrinterHealth(Level.BLIND, fault, at=self._now(), detail=detail, held=True)
        result = PrintResult.uncertain(fault, detail)
        return replace(result, hold=self._hold.number)
