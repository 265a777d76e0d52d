"""The printer as the rest of the kiosk sees it: the port and the factory.

PRINTED is answered only on the printer's own word, at the level at which this printer can give it
(``Level``); NOT_PRINTED only when nothing of the slip has left the kiosk; everything between is
UNCERTAIN. After an UNCERTAIN slip nothing is sent until the printer confirms that its buffer is
empty, or staff say so: otherwise a slip that is printed late could reach another visitor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kiosk.domain.config import PrinterSettings
from kiosk.domain.connection import (
    BadConnection,
    Connection,
    Device,
    Network,
    PlainFile,
    Queue,
    Serial,
    Usb,
    read_connection,
)
from kiosk.domain.delivery import Level, PrintResult
from kiosk.domain.health import Capabilities, PrinterHealth, no_job_waiting
from kiosk.domain.slip import Slip
from kiosk.errors import PrinterError
from kiosk.printing.cups import CupsQueue
from kiosk.printing.device import DeviceTransport, FileTransport
from kiosk.printing.direct import DirectPrinter
from kiosk.printing.encoder import SlipEncoder
from kiosk.printing.network import NetworkTransport
from kiosk.printing.paper import paper_of
from kiosk.printing.pictures import Logos, PictureFinder
from kiosk.printing.profile import ProfileFile
from kiosk.printing.queued import QueuedPrinter
from kiosk.printing.text import codec_of
from kiosk.printing.transport import Transport


class SlipPrinter(Protocol):
    """What the desk uses. Neither method raises for a printer's trouble; each keeps its deadline.

    Both block: they belong in the thread that owns the printer.
    """

    def probe(self, job_waiting: Callable[[], bool] = no_job_waiting) -> PrinterHealth:
        """Ask for the printer's state, connecting where needed; at most connect_s + 7.5 s.

        The first call also loads the encoder. While another thread prints, it returns the last
        known state. Once ``job_waiting`` returns True, it stops waiting for answers and returns
        the last known state.
        """

    def print(self, slip: Slip) -> PrintResult:
        """Print ``slip`` once; at most deadline_s."""


class Printer(SlipPrinter, Protocol):
    """The port of one printer."""

    def survey(self) -> Capabilities:
        """Ask what the printer can do; at most connect_s + 12 s. For staff, never in a visit.

        Empties the printer's buffer: no job may be under way.
        """

    def release(self) -> None:
        """End a hold: staff say that no old slip will come. May be called from any thread."""

    def relearn(self) -> None:
        """Forget what the printer can do: staff may have connected another one."""

    def close(self) -> None:
        """Close the connection; a job that the printer is still taking is not cut off."""


def open_printer(
    settings: PrinterSettings,
    *,
    pictures: PictureFinder,
    now: Callable[[], datetime],
    logos: Iterable[str] = (),
    suspect: bool = False,
    profiles: Path | None = None,
) -> Printer:
    """The printer of ``settings``. Connects at the first call, not here.

    ``pictures`` finds a logo's file; ``logos`` are the names of those to read before the first
    slip. ``profiles``: the file that records what printers can do; None keeps the record for this
    process only. ``now`` returns aware times. ``suspect``: an earlier process may have left a slip
    half sent, so the printer begins on hold. Raises PrinterError for settings that cannot work:
    unknown connection, paper, code page or level.
    """
    codec_of(settings.code_page)
    if settings.level != "auto" and settings.level not in {level.value for level in Level}:
        raise PrinterError("printer.level", value=repr(settings.level))
    connection = connection_of(settings.connection)
    line_bytes_s = connection.baud / 10 if isinstance(connection, Serial) else None
    read = Logos(pictures, paper_of(settings.paper_mm), line_bytes_s)
    encoder = SlipEncoder(settings, read.get, logos)
    if isinstance(connection, Queue):
        return QueuedPrinter(settings, CupsQueue(connection.name), encoder, now, suspect)
    transport, kept = transport_for(connection), ProfileFile(profiles)
    return DirectPrinter(settings, transport, encoder, now, suspect, kept)


def connection_of(text: str) -> Connection:
    """The value of ``connection`` in ``kiosk.yaml``. Raises PrinterError when it is malformed."""
    try:
        return read_connection(text)
    except BadConnection as error:
        raise PrinterError("printer.connection", value=repr(text), part=error.part) from error


def transport_for(connection: Connection) -> Transport:
    """The transport of ``connection``, not yet open. Raises PrinterError for a queue of CUPS.

    The packages for USB and serial lines are imported only when they are used.
    """
    match connection:
        case Network(host, port):
            return NetworkTransport(host, port)
        case Device(path):
            return DeviceTransport(path)
        case PlainFile(path):
            return FileTransport(path)
        case Serial(path, baud, flow):
            from kiosk.printing.serial_line import SerialTransport

            return SerialTransport(path, baud, flow)
        case Usb(vendor, product, serial):
            from kiosk.printing.usb import UsbTransport

            return UsbTransport(vendor, product, serial)
        case _:
            raise PrinterError("printer.no_transport")
