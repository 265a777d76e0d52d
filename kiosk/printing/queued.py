"""A printer behind a queue of CUPS: the kiosk hands over, and CUPS speaks to the printer.

CUPS knows that it has handed over the bytes, not that they are on paper: a slip is ``sent``
at best. A job that is not through at its deadline is cancelled, and what the printer has of
it by then nobody can say.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime

from kiosk.domain.config import PrinterSettings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import Capabilities, PrinterHealth, never
from kiosk.domain.slip import Slip
from kiosk.errors import PrinterDeadline, PrinterError
from kiosk.messages import Text
from kiosk.printing import encoder
from kiosk.printing.cups import CupsQueue
from kiosk.printing.direct import PRELUDE
from kiosk.printing.job_result import fault_of
from kiosk.printing.nv_graphics import NvGraphics

LOOK_EVERY_S = 0.05
"""While a job is under way: how often CUPS is asked for it."""

CANCEL_S = 1.0
"""What is kept of a slip's time for taking its job back."""


class QueuedPrinter:
    """See Printer."""

    def __init__(
        self,
        settings: PrinterSettings,
        queue: CupsQueue,
        graphics: NvGraphics,
        now: Callable[[], datetime],
        suspect: bool = False,
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._graphics = graphics
        self._now = now
        self._lock = threading.Lock()
        self._held = self._suspect = suspect
        self._released = False
        # CUPS keeps a reason of a broken job until the next job: what stood there when staff
        # had looked counts no more.
        self._excused: frozenset[str] = frozenset()
        # What a process before this one has left in the queue.
        self._sweep = True
        self._health = PrinterHealth(held=suspect)

    def probe(self, wanted: Callable[[], bool] = never) -> PrinterHealth:  # noqa: ARG002
        """See Printer. CUPS is on this machine and answers in milliseconds: never broken off."""
        if not self._lock.acquire(blocking=False):
            return self._health
        try:
            health = self._look(_in(self._settings.connect_s))
            encoder.warm_up()
            return health
        finally:
            self._lock.release()

    def print(self, slip: Slip) -> PrintResult:
        """See Printer."""
        deadline = _in(self._settings.deadline_s)
        if not self._lock.acquire(timeout=self._settings.deadline_s):
            return _not_printed(Fault.WEDGED, "another slip is still under way")
        try:
            return self._print(slip, deadline)
        finally:
            self._lock.release()

    def survey(self) -> Capabilities:
        """See Printer: through CUPS nothing can be asked."""
        return Capabilities()

    def release(self) -> None:
        """See Printer."""
        if self._held:
            self._released = True

    def close(self) -> None:
        """See Printer: a job under way is CUPS's, and goes on."""

    # -- within -----------------------------------------------------------------------

    def _look(self, deadline: float) -> PrinterHealth:
        fault: Fault | None = None
        near_end, detail = False, ""
        looked, self._released = self._released, False
        self._held = self._held and not looked
        try:
            if self._sweep:
                self._queue.cancel(self._queue.waiting(deadline), deadline)
                self._sweep = False
            state = self._queue.state(deadline)
            lasting = frozenset(r for r in state.reasons if not r.startswith("paused"))
            self._excused = lasting if looked else self._excused & lasting
            state = state.without(self._excused)
            fault, near_end = state.fault, state.near_end
            detail = state.detail if fault else ""
        except PrinterError as error:
            fault, detail = fault_of(error), str(error)
        self._health = PrinterHealth(
            Level.BLIND, fault, near_end, self._now(), detail, held=self._held
        )
        return self._health

    def _print(self, slip: Slip, deadline: float) -> PrintResult:
        health = self._look(deadline)
        if health.held:
            return _not_printed(Fault.HELD_BACK, "an earlier slip is uncertain")
        if health.fault is not None:
            return _not_printed(health.fault, health.detail)
        try:
            data = encoder.encode(
                slip, self._settings.paper_mm, self._settings.code_page, self._graphics.commands
            )
        except PrinterError as error:
            return _not_printed(Fault.ERROR, str(error))
        try:
            job = self._queue.submit((PRELUDE if self._suspect else b"") + data, deadline)
        except PrinterDeadline as error:
            # CUPS may have taken it all the same.
            self._sweep = True
            return self._uncertain(Fault.MUTE, str(error))
        except PrinterError as error:
            return _not_printed(fault_of(error), str(error))
        return self._follow(job, deadline)

    def _follow(self, job: str, deadline: float) -> PrintResult:
        """Wait until ``job`` is through; take it back when it is not in time."""
        enough = max(time.monotonic(), deadline - CANCEL_S)
        fault = Fault.MUTE
        detail = "CUPS did not get the slip through in time"
        try:
            while job in self._queue.waiting(deadline):
                if time.monotonic() >= enough:
                    fault = self._queue.state(deadline).fault or fault
                    break
                time.sleep(LOOK_EVERY_S)
            else:
                if self._queue.completed(job, deadline):
                    self._suspect = False
                    return PrintResult(Outcome.PRINTED, Level.BLIND, detail="sent, through CUPS")
                fault, detail = Fault.ERROR, "CUPS gave the slip up"
        except PrinterError as error:
            fault, detail = fault_of(error), str(error)
        self._sweep = True
        with contextlib.suppress(PrinterError):
            self._queue.cancel((job,), _in(CANCEL_S))
            self._sweep = False
        return self._uncertain(fault, detail)

    def _uncertain(self, fault: Fault, detail: Text) -> PrintResult:
        self._held = self._suspect = True
        self._released = False
        self._health = PrinterHealth(Level.BLIND, fault, at=self._now(), detail=detail, held=True)
        return PrintResult(Outcome.UNCERTAIN, Level.BLIND, fault, detail)


def _not_printed(fault: Fault, detail: Text) -> PrintResult:
    return PrintResult(Outcome.NOT_PRINTED, Level.BLIND, fault, detail)


def _in(seconds: float) -> float:
    return time.monotonic() + seconds
