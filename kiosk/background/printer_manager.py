"""The printer, the thread that owns it and, in the demo, the process of the virtual one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import CancelledError, wait
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kiosk.background.helper_process import HelperProcess
from kiosk.background.worker import Worker
from kiosk.domain.compose import keepsakes
from kiosk.domain.config import Settings
from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import Capabilities, PrinterHealth
from kiosk.domain.slip import Slip
from kiosk.errors import KioskError
from kiosk.printer import Printer, never, open_printer
from kiosk.settings.assets import picture_finder

CLOSE_S = 5.0
SURVEY_S = 13.0
VIRTUAL = "virtual"
MEMORY_NAME = "printer-memory.json"
"""In the state folder: what was written into the printer's memory."""

JOB_NAME = "printer-job"
"""In the state folder while a slip is under way, or one that nobody knows the end of."""


class PrinterManager:
    """The printer of the settings, made at its first use; the desk's port to it.

    ``print`` and ``probe`` are for jobs of ``worker``, whose thread owns the printer. One that
    cannot be made is a printer that cannot be reached; it is tried again each time.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        state: Path,
        now: Callable[[], datetime],
        *,
        suspect: Callable[[], bool],
    ) -> None:
        """``settings`` are read anew at each use, ``suspect`` (see ``open_printer``) at the first;
        ``state`` is the folder that keeps what lies in the printer's memory; ``now`` is aware."""
        self._settings = settings
        self._state = state
        self._now = now
        self._suspect = suspect
        self._job = state / JOB_NAME
        self._child: HelperProcess | None = None
        self._printer: Printer | None = None
        self.worker = Worker("printer")

    def start_virtual(self, slips: Path, *, keep: int | None = None) -> None:
        """Where the settings name no real printer: start a virtual one, its pictures in ``slips``,
        the newest ``keep`` of them (None: as many as it keeps unless told)."""
        printer = self._settings().kiosk.printer
        if printer.connection != VIRTUAL:
            return
        args = ["--port", "0", "--page-port", "0", "--out", str(slips)]
        args += ["--paper-mm", str(printer.paper_mm), "--until-stdin-closes"]
        args += [] if keep is None else ["--keep", str(keep)]
        self._child = HelperProcess("virtual_printer", args)

    def close(self) -> None:
        """Let go of the printer, and let the virtual one end."""
        printer = self._printer
        if printer is not None:
            # A worker that is told to stop drops what waits: this is waited for.
            wait((self.worker.submit(printer.close, CLOSE_S),), CLOSE_S)
        self.worker.stop(CLOSE_S)
        if self._child is not None:
            self._child.close()

    @property
    def page(self) -> str | None:
        """Where the virtual printer's slips can be looked at with a browser; None without it."""
        return str(self._child.greeting["page"]) if self._child is not None else None

    # ── on the worker's thread ───────────────────────────────────────────────────────────

    def print(self, slip: Slip) -> PrintResult:
        """As the printer does."""
        try:
            device = self._device()
        except KioskError as error:
            return PrintResult(
                Outcome.NOT_PRINTED, Level.BLIND, Fault.UNREACHABLE, detail=error.message
            )
        return self._print(device, slip)

    def _print(self, device: Printer, slip: Slip) -> PrintResult:
        """A process that ends meanwhile leaves the mark behind: copies stand in no journal."""
        doubt = self._job.exists()
        with contextlib.suppress(OSError):
            self._job.touch()
        result = device.print(slip)
        unsent = result.outcome is Outcome.NOT_PRINTED and not doubt
        if unsent or result.outcome is Outcome.PRINTED:
            with contextlib.suppress(OSError):
                self._job.unlink(missing_ok=True)
        return result

    def probe(self, wanted: Callable[[], bool] = never) -> PrinterHealth:
        """As the printer does."""
        try:
            device = self._device()
        except KioskError as error:
            return PrinterHealth(fault=Fault.UNREACHABLE, detail=error.message)
        return device.probe(wanted)

    # ── for staff, on any thread ─────────────────────────────────────────────────────────

    def print_test(self, slip: Slip) -> PrintResult:
        """Print a slip that is no ticket; whoever asks for it says that the printer is clear."""
        printer = self._settings().kiosk.printer
        patience_s = printer.deadline_s + printer.connect_s

        def job() -> PrintResult:
            self._device().release()
            return self._print(self._device(), slip)

        try:
            return self.worker.submit(job, patience_s).result(patience_s + 1)
        except (CancelledError, TimeoutError):
            return PrintResult(Outcome.NOT_PRINTED, Level.BLIND, Fault.WEDGED)

    def survey(self) -> Capabilities:
        """What the printer can do. It empties the printer's buffer."""
        patience_s = self._settings().kiosk.printer.connect_s + SURVEY_S
        try:
            asked = self.worker.submit(lambda: self._device().survey(), patience_s)
            return asked.result(patience_s + 1)
        except (CancelledError, TimeoutError):
            return Capabilities()

    def _device(self) -> Printer:
        if self._printer is None:
            settings = self._settings()
            wanted = settings.kiosk.printer
            if self._child is not None:
                port = self._child.greeting["port"]
                wanted = replace(wanted, connection=f"network:127.0.0.1:{port}")
            self._printer = open_printer(
                wanted,
                pictures=picture_finder(settings),
                now=self._now,
                keep=keepsakes(settings),
                suspect=self._suspect() or self._job.exists(),
                # The memory of the virtual printer ends with it.
                book=self._state / MEMORY_NAME if self._child is None else None,
            )
        return self._printer
