"""The printer as the rest of the kiosk sees it: ask how it is, print a slip, hear the truth.

PRINTED is said only on the printer's own word, at the level at which this printer can give
it (``Level``); NOT_PRINTED only when nothing of the slip has left the kiosk. All between is
UNCERTAIN, and after it nothing is sent before the printer has thrown away what it held, or
staff say that it is clear: a slip that appears late is never another visitor's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kiosk.domain.config import PrinterSettings
from kiosk.domain.connection import Queue
from kiosk.domain.delivery import Level
from kiosk.errors import PrinterError
from kiosk.printer.direct import DirectPrinter
from kiosk.printer.port import Printer
from kiosk.printer.queued import QueuedPrinter
from kiosk.printing.connections import read_way, transport_for
from kiosk.printing.cups import CupsQueue
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Album, PictureFinder
from kiosk.printing.text import codec_of

__all__ = ["Printer", "open_printer"]


def open_printer(
    settings: PrinterSettings,
    *,
    pictures: PictureFinder,
    now: Callable[[], datetime],
    logos: tuple[str, ...] = (),
    suspect: bool = False,
) -> Printer:
    """The printer of ``settings``; nothing is connected before the first call.

    ``pictures`` finds a logo's file; ``logos`` are names to put into the printer's memory
    before the first slip asks for them. ``now`` gives aware times. ``suspect``: an earlier
    process may have left a slip half sent, so the printer begins held back. Raises
    PrinterError for settings that cannot work: address, paper, code page or level unknown.
    """
    codec_of(settings.code_page)
    if settings.level != "auto" and settings.level not in {level.value for level in Level}:
        raise PrinterError(f"printer level {settings.level!r}: expected auto, A, B, C or D")
    album = Album(pictures, paper_of(settings.paper_mm))
    album.wanted.update(logos)
    way = read_way(settings.connection)
    if isinstance(way, Queue):
        return QueuedPrinter(settings, CupsQueue(way.name), album, now, suspect)
    return DirectPrinter(settings, transport_for(way), album, now, suspect)
