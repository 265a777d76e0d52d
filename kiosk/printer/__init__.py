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

from kiosk.domain.config import PrinterSettings
from kiosk.domain.connection import Queue, Serial
from kiosk.domain.delivery import Level
from kiosk.errors import PrinterError
from kiosk.printer.direct import DirectPrinter
from kiosk.printer.port import Printer, never
from kiosk.printer.queued import QueuedPrinter
from kiosk.printing.album import Album, Drawing, PictureFinder
from kiosk.printing.connections import read_way, transport_for
from kiosk.printing.cups import CupsQueue
from kiosk.printing.memory import LONGEST, MemoryBook
from kiosk.printing.paper import paper_of
from kiosk.printing.text import codec_of

__all__ = ["Printer", "never", "open_printer"]

MEMORY_S = 4.0
"""A picture that takes longer over a serial line is not put into the printer's memory."""


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
    paper, notes = paper_of(settings.paper_mm), MemoryBook.read(book)
    album = Album(pictures, paper, settings.code_page.upper(), notes, largest)
    album.wanted.update(keep)
    if isinstance(way, Queue):
        return QueuedPrinter(settings, CupsQueue(way.name), album, now, suspect)
    return DirectPrinter(settings, transport_for(way), album, now, suspect)
