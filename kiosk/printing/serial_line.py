"""A printer on a serial line: pyserial sets speed and flow control, the kiosk reads and writes.

Eight data bits, no parity, one stop bit: the factory setting of receipt printers.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kiosk.deadline import Deadline
from kiosk.errors import PrinterUnreachable
from kiosk.printing.transport import DescriptorTransport

if TYPE_CHECKING:
    import serial


class SerialTransport(DescriptorTransport):
    """A serial line, locked for other processes while it is open.

    ``baud`` is the printer's speed in bit/s; ``flow`` is ``rtscts``, ``xonxoff`` or empty for no
    flow control.
    """

    def __init__(self, path: str, baud: int, flow: str = "") -> None:
        super().__init__(path)
        self._baud = baud
        self._flow = flow
        self._port: serial.Serial | None = None

    def _open_descriptor(self, deadline: Deadline) -> int:  # noqa: ARG002 - does not block
        try:
            import serial
        except ImportError as error:
            raise PrinterUnreachable(
                "printer.package", name=self.name, package="pyserial"
            ) from error
        self._port = serial.Serial(
            self.name,
            self._baud,
            timeout=0,
            write_timeout=0,
            rtscts=self._flow == "rtscts",
            xonxoff=self._flow == "xonxoff",
            exclusive=True,
        )
        return int(self._port.fileno())

    def _close_descriptor(self, descriptor: int) -> None:  # noqa: ARG002 - it is the port's
        if self._port is not None:
            self._port.close()

    def gone(self, error: Exception) -> PrinterUnreachable:
        """With the system's message, without pyserial's text around it."""
        if isinstance(error, OSError) and error.errno:
            error = OSError(error.errno, os.strerror(error.errno))
        return super().gone(error)
