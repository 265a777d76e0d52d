"""The printer as the rest of the kiosk sees it: ask how it is, print a slip, hear the truth.

PRINTED is said only on the printer's own word, at the level at which this printer can give
it (``Level``); NOT_PRINTED only when nothing of the slip has left the kiosk. All between is
UNCERTAIN, and after it nothing is sent before the printer has thrown away what it held, or
staff say that it is clear: a slip that appears late is never another visitor's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kiosk.domain.config import PrinterSettings
from kiosk.domain.connection import Queue, Serial
from kiosk.domain.delivery import Level, PrintResult
from kiosk.domain.health import Capabilities, PrinterHealth, never
from kiosk.domain.slip import Slip
from kiosk.errors import PrinterError
from kiosk.printing.connections import read_way, transport_for
from kiosk.printing.cups import CupsQueue
from kiosk.printing.direct import DirectPrinter
from kiosk.printing.nv_graphics import Drawing, NvGraphics, PictureFinder
from kiosk.printing.nv_write_ledger import LONGEST, NvWriteLedger
from kiosk.printing.paper import paper_of
from kiosk.printing.queued import QueuedPrinter
from kiosk.printing.text import codec_of

__all__ = ["Printer", "never", "open_printer"]

MEMORY_S = 4.0
"""A picture that takes longer over a serial line is not put into the printer's memory."""


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

    def survey(self) -> Capabilities:
        """Ask the printer what it can do; at most connect_s + 12 s. For staff, never in a visit.

        Empties the printer's buffer: nothing may be under way.
        """

    def release(self) -> None:
        """Staff have looked: no old slip will come. A hold ends."""

    def close(self) -> None:
        """End the connection; what the printer is still taking is not lost."""


def open_printer(
    settings: PrinterSettings,
    *,
    pictures: PictureFinder,
    now: Callable[[], datetime],
    keep: Iterable[Drawing] = (),
    suspect: bool = False,
    book: Path | None = None,
) -> Printer:
    """The printer of ``settings``; nothing is connected before the first call.

    ``pictures`` finds a logo's file; ``keep`` are logos and stamps to put into the printer's
    memory before the first slip asks for them. ``book`` is the file that notes what was written
    there, so that it is not written twice; without one, this process alone knows. ``now`` gives
    aware times. ``suspect``: an earlier process may have left a slip half sent, so the printer
    begins held back. Raises PrinterError for settings that cannot work: address, paper, code
    page or level unknown.
    """
    codec_of(settings.code_page)
    if settings.level != "auto" and settings.level not in {level.value for level in Level}:
        raise PrinterError(f"printer level {settings.level!r}: expected auto, A, B, C or D")
    way = read_way(settings.connection)
    largest = int(way.baud / 10 * MEMORY_S) if isinstance(way, Serial) else LONGEST
    paper, notes = paper_of(settings.paper_mm), NvWriteLedger.read(book)
    graphics = NvGraphics(pictures, paper, settings.code_page.upper(), notes, largest)
    graphics.wanted.update(keep)
    if isinstance(way, Queue):
        return QueuedPrinter(settings, CupsQueue(way.name), graphics, now, suspect)
    return DirectPrinter(settings, transport_for(way), graphics, now, suspect)
