"""Transports: bytes to a printer and back, each call with a deadline.

Every failure is raised as PrinterUnreachable (no connection, or it ended) or PrinterDeadline (the
printer took no more bytes in time), with one line of detail.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import termios
import time
from typing import Protocol

from kiosk.deadline import Deadline
from kiosk.errors import PrinterDeadline, PrinterUnreachable
from kiosk.messages import reason

CHUNK = 4096

ENDED = "printer.ended"
"""Message of the error for a connection that the other side has closed."""

TAIL_S = 1.0
"""Limit for sending the rest when a serial line is closed: 2 KB at 19200 Bd."""


class Transport(Protocol):
    """A byte stream to one printer; opened and closed many times a day.

    ``name`` identifies it to staff. ``two_way``: whether the printer can answer.
    ``remembers``: whether answers to earlier questions may still arrive after ``open``.
    ``sent`` counts the bytes handed over since the last ``open``.
    """

    name: str
    two_way: bool
    remembers: bool
    sent: int

    def open(self, deadline: Deadline) -> None:
        """Connect; does nothing when open. Raises PrinterUnreachable or PrinterDeadline."""

    def write_all(self, data: bytes, deadline: Deadline) -> None:
        """Hand over all of ``data``. After an error ``sent`` says how much was taken."""

    def read_some(self, deadline: Deadline) -> bytes:
        """Return what has arrived, waiting for the first byte; ``b""`` when none comes in time.

        With an expired deadline it reads without waiting. Raises PrinterUnreachable when the
        connection has ended.
        """

    def received_between(self, *, alone: bool) -> tuple[float, float]:
        """The moments between which an answer of the last read came (monotonic).

        They lie apart where this process did not read for a while: on a busy machine. ``alone``:
        the read brought nothing else, so that its last byte is the answer's. Raises
        PrinterUnreachable when the connection has ended.
        """

    def close(self, *, discard: bool = False) -> None:
        """Close. ``discard``: drop bytes that the printer has not taken yet."""


class DescriptorTransport:
    """Reads and writes one non-blocking file descriptor; base of the transports.

    A subclass has ``_open_descriptor`` and, where closing takes more, ``_close_descriptor``.
    """

    two_way = True
    remembers = True
    empty_read_is_end = False
    """Whether a read of 0 bytes means that the other side has closed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent = 0
        self._fd = -1
        # When a read last found nothing.
        self._empty_s = time.monotonic()

    @property
    def is_open(self) -> bool:
        """Whether ``open`` has succeeded and ``close`` has not followed."""
        return self._fd >= 0

    def open(self, deadline: Deadline) -> None:
        """See Transport."""
        if self.is_open:
            return
        self.sent = 0
        try:
            self._fd = self._open_descriptor(deadline)
        except (OSError, ValueError, termios.error) as error:
            raise self.gone(error) from error

    def close(self, *, discard: bool = False) -> None:
        """See Transport. Of these, only a terminal has bytes left in the kernel."""
        descriptor, self._fd = self._fd, -1
        if descriptor < 0:
            return
        if os.isatty(descriptor):
            end_terminal(descriptor, discard=discard)
        with contextlib.suppress(OSError, termios.error):
            self._close_descriptor(descriptor)

    def _open_descriptor(self, deadline: Deadline) -> int:
        """Open and return it. Raises OSError, ValueError, termios.error or PrinterError."""
        raise NotImplementedError

    def _close_descriptor(self, descriptor: int) -> None:
        os.close(descriptor)

    def write_all(self, data: bytes, deadline: Deadline) -> None:
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
                raise PrinterDeadline("printer.took", name=self.name, n=self.sent)

    def read_some(self, deadline: Deadline) -> bytes:
        """See Transport. A one-way device has no data, but shows that its reader has gone."""
        if not self.two_way:
            if self._hung_up():
                raise PrinterUnreachable(ENDED, name=self.name)
            return b""
        while True:
            asked_s = time.monotonic()
            try:
                data = os.read(self._descriptor(), CHUNK)
            except BlockingIOError:
                data = None
            except OSError as error:
                raise self.gone(error) from error
            if data:
                return data
            self._empty_s = asked_s
            if data is not None:
                if self.empty_read_is_end or self._hung_up():
                    raise PrinterUnreachable(ENDED, name=self.name)
                if deadline.expired:
                    return b""
                # The device polls as readable but has no data: do not spin.
                time.sleep(0.005)
            if not self._wait(select.POLLIN, deadline):
                return b""

    def received_between(self, *, alone: bool) -> tuple[float, float]:  # noqa: ARG002
        """See Transport: after the last read that found nothing."""
        return self._empty_s, time.monotonic()

    def gone(self, error: Exception) -> PrinterUnreachable:
        """The kiosk's error for one of the system or of a package."""
        said = " ".join(str(error).split())
        why = reason(error) if isinstance(error, OSError) else said
        return PrinterUnreachable("printer.failed", name=self.name, why=why)

    def _descriptor(self) -> int:
        if self._fd < 0:
            raise PrinterUnreachable("printer.not_connected", name=self.name)
        return self._fd

    def _wait(self, what: int, deadline: Deadline) -> bool:
        """Wait until the descriptor is ready. Returns False at the deadline."""
        poll = select.poll()
        poll.register(self._descriptor(), what)
        ready = poll.poll(deadline.left() * 1000)
        for _, events in ready:
            if not events & what and events & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
                raise PrinterUnreachable("printer.gone", name=self.name)
        return bool(ready)

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor(), 0)
        return any(events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))


def end_terminal(descriptor: int, *, discard: bool) -> None:
    """Send or discard the unsent bytes of a serial line before it is closed.

    ``close`` with unsent bytes would block in the kernel, for 30 s when the printer has sent XOFF
    (``closing_wait`` of the serial driver).
    """
    limit = Deadline.after(0.0 if discard else TAIL_S)
    with contextlib.suppress(OSError, termios.error):
        while not limit.expired and _unsent(descriptor):
            time.sleep(0.01)
        termios.tcflush(descriptor, termios.TCIOFLUSH)


def _unsent(descriptor: int) -> int:
    """Number of bytes that the kernel has not sent yet (tty_ioctl(4), TIOCOUTQ)."""
    (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)))
    return int(count)
