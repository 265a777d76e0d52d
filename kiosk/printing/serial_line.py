"""A printer on a serial line: pyserial sets speed and flow control, reading and writing are ours.

Eight bits, no parity, one stop bit: what receipt printers have when they leave the factory.
"""

from __future__ import annotations

import contextlib
import os
import termios
from typing import TYPE_CHECKING

from kiosk.errors import PrinterUnreachable
from kiosk.printing.transport import Descriptor, end_terminal

if TYPE_CHECKING:
    import serial


class SerialLine(Descriptor):
    """A serial line, the kiosk's alone while it is open.

    ``baud`` bits a second, as the printer is set; ``flow``: ``rtscts`` or ``xonxoff``, empty
    where the cable has no lines for it.
    """

    empty_read_is_end = False

    def __init__(self, path: str, baud: int, flow: str = "") -> None:
        super().__init__(path)
        self._baud = baud
        self._flow = flow
        self._port: serial.Serial | None = None

    def open(self, deadline: float) -> None:  # noqa: ARG002 - opening never waits
        """See Transport."""
        if self.is_open:
            return
        self.sent = 0
        try:
            import serial
        except ImportError as error:
            raise PrinterUnreachable(f"{self.name}: the package pyserial is missing") from error
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
            raise PrinterUnreachable(f"{self.name}: {_reason(error)}") from error

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


def _reason(error: Exception) -> str:
    """One line: pyserial wraps the system's words in its own."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return " ".join(str(error).split())
