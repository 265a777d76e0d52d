"""The printer's port for those who start before the printer does."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.delivery import Fault, Level, Outcome, PrintResult
from kiosk.domain.health import PrinterHealth
from kiosk.domain.slip import Slip
from kiosk.errors import KioskError
from kiosk.printer import Printer


class DeferredPrinter:
    """The printer's port before the printer is there: ``make`` answers it when first used.

    One that cannot be made is a printer that cannot be reached; it is tried again each time.
    """

    def __init__(self, make: Callable[[], Printer]) -> None:
        self._make = make

    def print(self, slip: Slip) -> PrintResult:
        """As the printer does."""
        try:
            printer = self._make()
        except KioskError as error:
            return PrintResult(
                Outcome.NOT_PRINTED, Level.BLIND, Fault.UNREACHABLE, detail=str(error)
            )
        return printer.print(slip)

    def probe(self) -> PrinterHealth:
        """As the printer does."""
        try:
            printer = self._make()
        except KioskError as error:
            return PrinterHealth(fault=Fault.UNREACHABLE, detail=str(error))
        return printer.probe()
