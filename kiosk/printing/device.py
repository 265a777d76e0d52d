"""A printer as a device file of the kernel, or a plain file in its place."""

from __future__ import annotations

import errno
import os
import stat
import termios
import tty
from pathlib import Path

from kiosk.deadline import Deadline
from kiosk.errors import PrinterUnreachable
from kiosk.printing.transport import DescriptorTransport


class DeviceTransport(DescriptorTransport):
    """A printer as a device file: ``/dev/usb/lp0``, a serial line, a FIFO.

    A FIFO is one-way. A terminal (serial line, pty) is set to raw mode, so that the kernel changes
    no byte; its speed is left as it is.
    """

    def _open_descriptor(self, deadline: Deadline) -> int:  # noqa: ARG002 - does not block
        mode = Path(self.name).stat().st_mode
        self.two_way = stat.S_ISCHR(mode)
        if not (self.two_way or stat.S_ISFIFO(mode)):
            raise PrinterUnreachable("printer.no_device", name=self.name)
        way = os.O_RDWR if self.two_way else os.O_WRONLY
        try:
            descriptor = os.open(self.name, way | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            if error.errno == errno.ENXIO and not self.two_way:
                raise PrinterUnreachable("printer.no_reader", name=self.name) from error
            raise
        try:
            if os.isatty(descriptor):
                # TCSANOW: the default waits until bytes of an earlier process have been sent.
                tty.setraw(descriptor, termios.TCSANOW)
        except termios.error:
            os.close(descriptor)
            raise
        return descriptor


class FileTransport(DescriptorTransport):
    """Appends slips to a plain file; it never answers. The file's folder must exist."""

    two_way = False
    remembers = False

    def _open_descriptor(self, deadline: Deadline) -> int:  # noqa: ARG002 - does not block
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(self.name, flags, 0o640)
