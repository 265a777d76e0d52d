"""From ``connection`` in ``kiosk.yaml`` to the way that the bytes take."""

from __future__ import annotations

from kiosk.domain import connection as ways
from kiosk.errors import PrinterError
from kiosk.printing.network import Network
from kiosk.printing.transport import DeviceFile, PlainFile, Transport


def read_way(connection: str) -> ways.Connection:
    """What ``connection`` names. PrinterError for a text that names nothing."""
    try:
        return ways.read_connection(connection)
    except ways.BadConnection as error:
        raise PrinterError(
            f"printer connection {connection!r} cannot be read ({error.part}): see docs/printers.md"
        ) from error


def transport_for(way: ways.Connection) -> Transport:
    """The transport of ``way``, not yet open. PrinterError for one that has none.

    What USB and serial lines need is imported when it is first asked for.
    """
    match way:
        case ways.Network(host, port):
            return Network(host, port)
        case ways.Device(path):
            return DeviceFile(path)
        case ways.PlainFile(path):
            return PlainFile(path)
        case ways.Serial(path, baud, flow):
            from kiosk.printing.serial_line import SerialLine

            return SerialLine(path, baud, flow)
        case ways.Usb(vendor, product, serial):
            from kiosk.printing.usb import UsbPrinter

            return UsbPrinter(vendor, product, serial)
        case _:
            raise PrinterError("this connection has no line of its own")
