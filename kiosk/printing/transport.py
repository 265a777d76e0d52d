"""Ways to a printer: bytes there and bytes back, each call with a deadline.

Deadlines are moments of ``time.monotonic()``. Whatever goes wrong is one of
PrinterUnreachable (no way there, or it ended), PrinterDeadline (no room for more bytes in
time) and PrinterGarbled, with one line of detail.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import stat
import struct
import termios
import time
import tty
from pathlib import Path
from typing import Protocol

from kiosk.errors import PrinterDeadline, PrinterUnreachable

CHUNK = 4096

TAIL_S = 1.0
"""How long closing a serial line waits for what the printer has not taken: 2 KB at 19200 Bd."""


class Transport(Protocol):
    """One way to one printer; opened and closed again and again over a day.

    ``name`` is how staff know it. ``two_way``: whether the printer can answer.
    ``remembers``: whether the answer to a question of before may still come after ``open``.
    ``sent`` counts the bytes handed over since the last ``open``.
    """

    name: str
    two_way: bool
    remembers: bool
    sent: int

    def open(self, deadline: float) -> None:
        """Connect. Raises PrinterUnreachable or PrinterDeadline. Open already: nothing."""

    def write_all(self, data: bytes, deadline: float) -> None:
        """Hand over all of ``data``. On an error ``sent`` says how much went."""

    def read_some(self, deadline: float) -> bytes:
        """What has come, waiting for the first byte; ``b""`` when none came in time.

        A deadline in the past reads what is there. Raises PrinterUnreachable when the
        connection has ended.
        """

    def close(self, *, discard: bool = False) -> None:
        """End it. ``discard``: what the printer has not taken yet is thrown away."""


class Descriptor:
    """Reading and writing of one non-blocking file descriptor: what all transports share."""

    two_way = True
    remembers = True
    empty_read_is_end = True
    """Whether a read of no bytes means that the other side has gone."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent = 0
        self._fd = -1

    @property
    def is_open(self) -> bool:
        """Whether ``open`` has succeeded and ``close`` has not followed."""
        return self._fd >= 0

    def write_all(self, data: bytes, deadline: float) -> None:
        """See Transport."""
        view = memoryview(data)
        while view:
            try:
                written = os.write(self._descriptor(), view)
            except BlockingIOError:
                written = 0
            except OSError as error:
                raise self.gone(error) from error
            self.sent += written
            view = view[written:]
            if view and not self._wait(select.POLLOUT, deadline):
                raise PrinterDeadline(f"{self.name}: took {self.sent} bytes and no more")

    def read_some(self, deadline: float) -> bytes:
        """See Transport."""
        while True:
            try:
                data = os.read(self._descriptor(), CHUNK)
            except BlockingIOError:
                data = None
            except OSError as error:
                raise self.gone(error) from error
            if data:
                return data
            if data is not None:
                if self.empty_read_is_end or self._hung_up():
                    raise PrinterUnreachable(f"{self.name}: the printer ended the connection")
                if time.monotonic() >= deadline:
                    return b""
                # A device that is ready and has nothing: do not spin.
                time.sleep(0.005)
            if not self._wait(select.POLLIN, deadline):
                return b""

    def gone(self, error: OSError) -> PrinterUnreachable:
        """The error of this tree for an error of the system."""
        return PrinterUnreachable(f"{self.name}: {error.strerror or error}")

    def _descriptor(self) -> int:
        if self._fd < 0:
            raise PrinterUnreachable(f"{self.name}: not connected")
        return self._fd

    def _wait(self, what: int, deadline: float) -> bool:
        """Wait until the descriptor is ready; False at the deadline."""
        poll = select.poll()
        poll.register(self._descriptor(), what)
        ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
        for _, events in ready:
            if not events & what and events & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
                raise PrinterUnreachable(f"{self.name}: the printer has gone")
        return bool(ready)

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor(), 0)
        return any(events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))


class DeviceFile(Descriptor):
    """A printer as a file of the kernel: ``/dev/usb/lp0``, a serial line, a FIFO.

    A FIFO goes one way only. A terminal (serial line, pty) is set to raw, so that no byte
    is changed on its way; its speed stays as it is.
    """

    empty_read_is_end = False

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._path = Path(path)

    def open(self, deadline: float) -> None:  # noqa: ARG002 - opening never waits
        """See Transport."""
        if self.is_open:
            return
        self.sent = 0
        try:
            mode = self._path.stat().st_mode
            self.two_way = stat.S_ISCHR(mode)
            if not (self.two_way or stat.S_ISFIFO(mode)):
                raise PrinterUnreachable(f"{self.name}: not a device")
            way = os.O_RDWR if self.two_way else os.O_WRONLY
            self._fd = os.open(self._path, way | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            if os.isatty(self._fd):
                # At once: the usual way waits for what an earlier process has left unsent.
                tty.setraw(self._fd, termios.TCSANOW)
        except (OSError, ValueError, termios.error) as error:
            self.close()
            if isinstance(error, OSError) and error.errno == errno.ENXIO and not self.two_way:
                raise PrinterUnreachable(f"{self.name}: nobody reads this FIFO") from error
            raise PrinterUnreachable(f"{self.name}: {_reason(error)}") from error

    def close(self, *, discard: bool = False) -> None:
        """See Transport. The kernel keeps no tail of a device file, except of a terminal."""
        if self._fd < 0:
            return
        descriptor, self._fd = self._fd, -1
        if os.isatty(descriptor):
            end_terminal(descriptor, discard=discard)
        with contextlib.suppress(OSError):
            os.close(descriptor)


def end_terminal(descriptor: int, *, discard: bool) -> None:
    """Before a serial line is closed: its tail goes out, or what is left is thrown away.

    Closing it with bytes to send would wait for them in the kernel, half a minute where the
    printer has said XOFF (``closing_wait`` of the serial driver).
    """
    until = time.monotonic() + (0.0 if discard else TAIL_S)
    with contextlib.suppress(OSError, termios.error):
        while time.monotonic() < until and _unsent(descriptor):
            time.sleep(0.01)
        termios.tcflush(descriptor, termios.TCIOFLUSH)


def _unsent(descriptor: int) -> int:
    """Bytes that the kernel has not sent yet (tty_ioctl(4), TIOCOUTQ)."""
    (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)))
    return int(count)


class PlainFile(Descriptor):
    """Slips written one after the other to a file: nothing ever answers."""

    two_way = False
    remembers = False

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._path = Path(path)

    def open(self, deadline: float) -> None:  # noqa: ARG002 - opening never waits
        """See Transport. Makes the file; its folder has to be there."""
        if self.is_open:
            return
        self.sent = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            self._fd = os.open(self._path, flags, 0o640)
        except (OSError, ValueError) as error:
            raise PrinterUnreachable(f"{self.name}: {_reason(error)}") from error

    def read_some(self, deadline: float) -> bytes:  # noqa: ARG002 - nothing to wait for
        """See Transport: always nothing."""
        return b""

    def close(self, *, discard: bool = False) -> None:  # noqa: ARG002 - nothing is held back
        """See Transport."""
        if self._fd >= 0:
            descriptor, self._fd = self._fd, -1
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
