"""A printer on a serial line: pyserial sets speed and flow control, the kiosk reads and writes.

Eight data bits, no parity, one stop bit: the factory setting of receipt printers.
"""

from __future__ import annotations

import contextlib
import os
import termios
from typing import TYPE_CHECKING

from kiosk.deadline import Deadline
from kiosk.errors import PrinterUnreachable
from kiosk.messages import Text, reason
from kiosk.printing.transport import DescriptorTransport, end_terminal

if TYPE_CHECKING:
    import serial


class SerialTransport(DescriptorTransport):
    """A serial line, locked for other processes while it is open.

    ``baud`` is the printer's speed in bit/s; ``flow`` is ``rtscts``, ``xonxoff`` or empty for no
    flow control.
    """

    empty_read_is_end = False

    def __init__(self, path: str, baud: int, flow: str = "") -> None:
        super().__init__(path)
        self._baud = baud
        self._flow = flow
        self._port: serial.Serial | None = None

    def open(self, deadline: Deadline) -> None:  # noqa: ARG002 - opening does not block
        """See Transport."""
        if self.is_open:
            return
        self.sent = 0
        try:
            import serial
        except ImportError as error:
            raise PrinterUnreachable(
                "printer.package", name=self.name, package="pyserial"
            ) from error
        try:
            self._port = serial.Serial(
                self.name,
                self._baud,
                timeout=0,
                write_timeout=0,
                rtscts=self._flow == "rtscts",
                xonxoff=self._flow == "xonxoff",
                exclusive=True,
            )
            self._fd = self._port.fileno()
        except (OSError, ValueError, termios.error) as error:
            self.close()
            raise PrinterUnreachable(
                "printer.failed", name=self.name, why=_reason(error)
            ) from error

    def close(self, *, discard: bool = False) -> None:
        """See Transport."""
        port, descriptor = self._port, self._fd
        self._port, self._fd = None, -1
        if port is None:
            return
        if descriptor >= 0:
            end_terminal(descriptor, discard=discard)
        with contextlib.suppress(OSError, termios.error):
            port.close()


def _reason(error: Exception) -> Text:
    """The system's message without pyserial's text around it."""
    if isinstance(error, OSError) and error.errno:
        return reason(OSError(error.errno, os.strerror(error.errno)))
    return " ".join(str(error).split())
