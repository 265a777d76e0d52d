"""One network address at which one virtual printer can replace another."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from types import TracebackType

from tests.printing.oracle.cases import (
    BETWEEN_VISITS,
    HOST_LINE,
    LEVELS,
    POWER_OFF_S,
    SWAP,
)
from tests.printing.oracle.time_scale import SETTINGS, SPEED_MM_S
from virtual_printer import VirtualPrinter
from virtual_printer.sheet import SlipRecord

KEPT, LOST, SECOND_HOST, RELEASE = BETWEEN_VISITS
SETTLE_S = 2.0
SECOND_HOST_S = 0.2


class PrinterAddress:
    """``device`` is the printer connected now; the first one is ``printer`` (see ``cases``)."""

    def __init__(self, printer: str) -> None:
        self.device = _new_printer(printer, 0)
        self.connection = self.device.connection
        self.level = printer if printer in LEVELS else "auto"
        self._removed: list[VirtualPrinter] = []

    def __enter__(self) -> PrinterAddress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.device.close()

    @property
    def tray(self) -> list[SlipRecord]:
        """The paper of every printer that was connected, uncut ends included."""
        printers = (*self._removed, self.device)
        return [sheet for p in printers for sheet in (*p.slips, p.machine.unfinished)]

    def settle(self) -> None:
        """Wait until the printer has printed what it received, or needs more bytes to go on."""
        with suppress(TimeoutError):
            self.device.wait_until_idle(SETTLE_S)

    def bring_about(self, between: str) -> None:
        """Cause the event ``between`` (``cases.BETWEEN_VISITS``) if it concerns the printer."""
        if between.startswith(SWAP):
            self._swap(between.removeprefix(SWAP))
        elif between in (KEPT, LOST):
            buffer = "kept" if between == KEPT else "lost"
            self.device.fault("power_cycle", seconds=POWER_OFF_S, buffer=buffer)
        elif between == SECOND_HOST:
            self._print_from_second_host()

    def _swap(self, character: str) -> None:
        """Remove the printer and connect another one at the same address."""
        port = self.device.port
        self.device.close()
        self._removed.append(self.device)
        self.device = _new_printer(character, port)

    def _print_from_second_host(self) -> None:
        """A second host prints a line, if the printer accepts its connection."""
        with (
            suppress(OSError),
            socket.create_connection((self.device.host, self.device.port), SECOND_HOST_S) as host,
        ):
            host.sendall(f"{HOST_LINE}\n".encode())
            time.sleep(SECOND_HOST_S)


def _new_printer(printer: str, port: int) -> VirtualPrinter:
    if printer in LEVELS:
        return VirtualPrinter(level=printer, port=port, speed_mm_s=SPEED_MM_S)
    settings = SETTINGS.get(printer, {})
    return VirtualPrinter(character=printer, settings=settings, port=port, speed_mm_s=SPEED_MM_S)
