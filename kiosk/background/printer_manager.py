"""Owns the printer, its thread and, in the demo, the process of the virtual printer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.background.helper_process import HelperProcess
from kiosk.background.worker import Worker
from kiosk.domain.compose import logo_names
from kiosk.domain.config import Settings
from kiosk.domain.delivery import Fault, Outcome, PrintResult
from kiosk.domain.health import Capabilities, PrinterHealth, no_job_waiting
from kiosk.domain.slip import Slip
from kiosk.errors import KioskError
from kiosk.settings.assets import picture_finder

if TYPE_CHECKING:
    from kiosk.printer import Printer

CLOSE_S = 5.0
CHILD_CLOSE_S = 0.3
"""The virtual printer gets this long to end by itself in any case."""
GRACE_S = 1.0
"""How long a job's result is waited for beyond the printer's own deadlines."""
SURVEY_S = 13.0
VIRTUAL = "virtual"
VIRTUAL_MM_S = 300
"""Speed of the virtual printer's paper: that of a good receipt printer."""
PROFILES_NAME = "printers.json"
"""In the state folder: what the printers of this kiosk were found to be able to do."""

JOB_NAME = "printer-job"
"""In the state folder: exists while a slip is being printed or its end is unknown."""


class PrinterManager:
    """The printer of the settings, opened at its first use; implements ``SlipPrinter``.

    Call ``print`` and ``probe`` from jobs of ``worker``, whose thread owns the printer. A printer
    that cannot be opened counts as unreachable and is tried again at each call.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        state: Path,
        now: Callable[[], datetime],
        *,
        suspect: Callable[[], bool],
    ) -> None:
        """``settings`` returns the present settings. ``suspect`` is asked once, when the printer is
        opened (see ``open_printer``). ``state`` is the state folder; ``now`` is aware.
        """
        self._settings = settings
        self._state = state
        self._now = now
        self._suspect = suspect
        self._job = state / JOB_NAME
        self._child: HelperProcess | None = None
        self._printer: Printer | None = None
        self.worker = Worker("printer")

    def start_virtual(self, slips: Path, *, keep: int | None = None) -> None:
        """Start a virtual printer where the settings say ``virtual``; else do nothing.

        It draws slips into the folder ``slips`` and keeps the newest ``keep`` (None: its default).
        """
        printer = self._settings().kiosk.printer
        if printer.connection != VIRTUAL:
            return
        args = ["--port", "0", "--page-port", "0", "--out", str(slips)]
        args += ["--paper-mm", str(printer.paper_mm), "--until-stdin-closes"]
        args += ["--speed", str(VIRTUAL_MM_S)]
        args += [] if keep is None else ["--keep", str(keep)]
        self._child = HelperProcess("virtual_printer", args)

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """Close the printer and end the virtual printer's process.

        Waits ``timeout_s`` seconds at most: the printer's thread may be in a slip.
        """
        printer, until_s = self._printer, time.monotonic() + timeout_s
        if printer is not None:
            # Wait for this job: stopping the worker would drop it from the queue.
            wait((self.worker.submit(printer.close, CLOSE_S),), timeout_s)
        self.worker.stop(max(0.0, until_s - time.monotonic()))
        if self._child is not None:
            self._child.close(max(CHILD_CLOSE_S, until_s - time.monotonic()))

    @property
    def page(self) -> str | None:
        """The URL of the virtual printer's page; None without a virtual printer."""
        return str(self._child.greeting["page"]) if self._child is not None else None

    # ── on the worker's thread ───────────────────────────────────────────────────────────

    def print(self, slip: Slip) -> PrintResult:
        """See SlipPrinter."""
        try:
            device = self._device()
        except KioskError as error:
            return PrintResult.not_printed(Fault.UNREACHABLE, error.message)
        return self._print(device, slip)

    def _print(self, device: Printer, slip: Slip) -> PrintResult:
        """Print, with the file JOB_NAME as a mark that survives a kill of this process.

        The journal does not record copies, so it alone cannot tell that one was under way.
        """
        marked_before = self._job.exists()
        with contextlib.suppress(OSError):
            self._job.touch()
        result = device.print(slip)
        unsent = result.outcome is Outcome.NOT_PRINTED and not marked_before
        if unsent or result.is_printed:
            with contextlib.suppress(OSError):
                self._job.unlink(missing_ok=True)
        return result

    def probe(self, job_waiting: Callable[[], bool] = no_job_waiting) -> PrinterHealth:
        """See SlipPrinter."""
        try:
            device = self._device()
        except KioskError as error:
            return PrinterHealth(fault=Fault.UNREACHABLE, detail=error.message)
        return device.probe(job_waiting)

    # ── on any other thread ──────────────────────────────────────────────────────────────

    def print_unnumbered(self, slip: Slip) -> PrintResult:
        """Print a slip that is no ticket, while there is no desk; waits for its end."""
        printer = self._settings().kiosk.printer
        limit_s = printer.deadline_s + printer.connect_s
        future = self.worker.submit(partial(self.print, slip), limit_s)
        return _result(future, limit_s)

    def print_test(self, slip: Slip) -> PrintResult:
        """Print a slip that is no ticket, on a printer about which nothing is taken as known.

        Ends a hold: staff stand at the printer.
        """
        printer = self._settings().kiosk.printer
        limit_s = printer.deadline_s + printer.connect_s + SURVEY_S

        def job() -> PrintResult:
            device = self._device()
            device.release()
            device.relearn()
            device.probe()
            return self._print(device, slip)

        return _result(self.worker.submit(job, limit_s), limit_s)

    def survey(self) -> Capabilities:
        """Ask what the printer can do. Empties its buffer."""
        limit_s = self._settings().kiosk.printer.connect_s + SURVEY_S
        try:
            answer = self.worker.submit(lambda: self._device().survey(), limit_s)
            return answer.result(limit_s + GRACE_S)
        except (CancelledError, TimeoutError):
            return Capabilities()

    def _device(self) -> Printer:
        if self._printer is None:
            # Imported here: the first frame does not wait for the printing package.
            from kiosk.printer import open_printer

            settings = self._settings()
            chosen = settings.kiosk.printer
            if self._child is not None:
                port = self._child.greeting["port"]
                chosen = replace(chosen, connection=f"network:127.0.0.1:{port}")
            self._printer = open_printer(
                chosen,
                pictures=picture_finder(settings),
                now=self._now,
                logos=logo_names(settings.template),
                suspect=self._suspect() or self._job.exists(),
                # The virtual printer ends with its process.
                profiles=self._state / PROFILES_NAME if self._child is None else None,
            )
        return self._printer


def _result(job: Future[PrintResult], limit_s: float) -> PrintResult:
    """The result of a print job that has ``limit_s`` seconds; raises what it raises."""
    wait((job,), limit_s + GRACE_S)
    if job.cancel() or job.cancelled():
        return PrintResult.not_printed(Fault.WEDGED)
    return job.result() if job.done() else PrintResult.uncertain(Fault.WEDGED)
