"""The port: what the rest of the kiosk may ask of a printer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.domain.delivery import PrintResult
from kiosk.domain.health import Findings, PrinterHealth
from kiosk.domain.slip import Slip


def never() -> bool:
    """Nobody wants the printer."""
    return False


class Printer(Protocol):
    """The port. No method raises for a printer's trouble; each keeps its deadline.

    ``probe`` and ``print`` block: they belong in the thread that owns the printer.
    ``release`` may be called from any thread.
    """

    def probe(self, wanted: Callable[[], bool] = never) -> PrinterHealth:
        """Ask the printer how it is, connecting where needed; at most connect_s + 4.5 s.

        The first call also loads the encoder. While a slip is under way in another thread
        it answers what was known before. As soon as ``wanted`` says that somebody has a slip to
        print, no answer is waited for any longer: then too. A picture on its way into the
        printer's memory is finished first.
        """

    def print(self, slip: Slip) -> PrintResult:
        """Print ``slip`` once; at most deadline_s."""

    def survey(self) -> Findings:
        """Ask the printer what it can do; at most connect_s + 12 s. For staff, never in a visit.

        Empties the printer's buffer: nothing may be under way.
        """

    def release(self) -> None:
        """Staff have looked: no old slip will come. A hold ends."""

    def close(self) -> None:
        """End the connection; what the printer is still taking is not lost."""
