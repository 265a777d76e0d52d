"""Where the printer stands: one network port, behind which one printer may follow another."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from types import TracebackType

from tests.printing.oracle.cases import (
    HOST_LINE,
    LEVELS,
    MEANWHILE,
    POWER_OFF_S,
    SWAP,
)
from tests.printing.oracle.pace import SETTINGS, SPEED_MM_S
from virtual_printer import VirtualPrinter
from virtual_printer.sheet import SlipRecord

KEPT, LOST, SECOND_HOST, RELEASE = MEANWHILE
SETTLE_S = 2.0
RIVAL_S = 0.2


class Place:
    """Starts with ``printer`` (see ``cases``); ``device`` is the one that is there now."""

    def __init__(self, printer: str) -> None:
        self.device = _made(printer, 0)
        self.connection = self.device.connection
        self.level = printer if printer in LEVELS else "auto"
        self._taken_away: list[VirtualPrinter] = []

    def __enter__(self) -> Place:
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
        """All paper of all printers that were here, the uncut ends as well."""
        every = (*self._taken_away, self.device)
        return [sheet for one in every for sheet in (*one.slips, one.machine.unfinished)]

    def settle(self) -> None:
        """Until what was sent is printed, or waits for more bytes."""
        with suppress(TimeoutError):
            self.device.wait_until_idle(SETTLE_S)

    def happens(self, meanwhile: str) -> None:
        """Bring about what ``meanwhile`` says (``cases.MEANWHILE``), as far as it happens here."""
        if meanwhile.startswith(SWAP):
            self._swap(meanwhile.removeprefix(SWAP))
        elif meanwhile in (KEPT, LOST):
            buffer = "kept" if meanwhile == KEPT else "lost"
            self.device.fault("power_cycle", seconds=POWER_OFF_S, buffer=buffer)
        elif meanwhile == SECOND_HOST:
            self._rival()

    def _swap(self, character: str) -> None:
        """Take the printer away and connect another one at the same address."""
        port = self.device.port
        self.device.close()
        self._taken_away.append(self.device)
        self.device = _made(character, port)

    def _rival(self) -> None:
        """Another computer prints a line, where this printer accepts its connection."""
        with (
            suppress(OSError),
            socket.create_connection((self.device.host, self.device.port), RIVAL_S) as rival,
        ):
            rival.sendall(f"{HOST_LINE}\n".encode())
            time.sleep(RIVAL_S)


def _made(printer: str, port: int) -> VirtualPrinter:
    if printer in LEVELS:
        return VirtualPrinter(level=printer, port=port, speed_mm_s=SPEED_MM_S)
    settings = SETTINGS.get(printer, {})
    return VirtualPrinter(character=printer, settings=settings, port=port, speed_mm_s=SPEED_MM_S)
