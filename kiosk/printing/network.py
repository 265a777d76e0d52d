"""A printer on the network (raw TCP, port 9100).

One deadline covers name resolution, connecting, writing and reading. ``getaddrinfo`` cannot be
interrupted, so it runs in a separate thread; the next call waits for the same thread again
instead of starting a second one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import struct
import threading
import time

from kiosk.deadline import Deadline
from kiosk.domain.connection import RAW_PORT
from kiosk.errors import PrinterDeadline, PrinterError, PrinterUnreachable
from kiosk.messages import reason
from kiosk.printing.transport import CHUNK, DescriptorTransport

RETRY_BASE_S = 0.02
RETRY_MAX_S = 0.5
"""Back-off between attempts to connect."""

LINGER_S = 0.1
"""How long ``close`` waits until the printer has taken the rest."""

LAST_DATA_RECV = 52
"""Offset of ``tcpi_last_data_recv``, milliseconds since the last data came, in ``struct tcp_info``
(linux/tcp.h)."""

CLOCK_TICK_S = 0.012
"""The kernel counts these milliseconds in ticks of up to 10 ms. Added to the result, so that the
data never counts as older than it is."""

Address = tuple[int, tuple[object, ...]]


class NameResolver:
    """Resolves a host name in a thread, so that a hung resolver costs only the deadline."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._done = threading.Event()
        self._found: list[Address] = []
        self._error = ""
        self._thread: threading.Thread | None = None

    def addresses(self, deadline: Deadline) -> list[Address]:
        """The addresses, best first. Raises PrinterUnreachable or PrinterDeadline."""
        with contextlib.suppress(OSError, ValueError):
            return self._ask(socket.AI_NUMERICHOST)
        if self._thread is None:
            self._done.clear()
            self._thread = threading.Thread(target=self._run, name="printer-lookup", daemon=True)
            self._thread.start()
        if not self._done.wait(deadline.left()):
            raise PrinterDeadline("printer.lookup_late", name=self._host)
        self._thread = None
        if self._error:
            raise PrinterUnreachable("printer.unknown_name", name=self._host, why=self._error)
        return self._found

    def _run(self) -> None:
        self._found, self._error = [], ""
        try:
            self._found = self._ask(0)
        except (OSError, ValueError) as error:
            self._error = (isinstance(error, OSError) and error.strerror) or str(error)
        finally:
            self._done.set()

    def _ask(self, flags: int) -> list[Address]:
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM, flags=flags)
        return [(family, address) for family, _, _, _, address in found]


class NetworkTransport(DescriptorTransport):
    """A printer that accepts raw bytes over TCP."""

    remembers = False
    empty_read_is_end = True

    def __init__(self, host: str, port: int = RAW_PORT) -> None:
        super().__init__(f"{host}:{port}")
        self._resolver = NameResolver(host, port)
        self._socket: socket.socket | None = None

    def open(self, deadline: Deadline) -> None:
        """See Transport: tries each address of the name, again and again until the deadline.

        Network boards with one socket refuse a new connection for up to some seconds after the
        last one was closed (escpos-php issue 273, ESC-POS-.NET issue 162).
        """
        if self.is_open:
            return
        self.sent = 0
        addresses = self._resolver.addresses(deadline)
        delay_s = RETRY_BASE_S
        while True:
            try:
                self._connect_to_one_of(addresses, deadline)
            except PrinterUnreachable:
                if deadline.left() <= delay_s:
                    raise
            else:
                return
            time.sleep(delay_s)
            delay_s = min(2 * delay_s, RETRY_MAX_S)

    def _connect_to_one_of(self, addresses: list[Address], deadline: Deadline) -> None:
        refusal: PrinterError | None = None
        for family, address in addresses:
            try:
                self._connect(family, address, deadline)
            except PrinterError as error:
                self.close(discard=True)
                refusal = error
            else:
                return
        raise refusal or PrinterUnreachable("printer.no_address", name=self.name)

    def _connect(self, family: int, address: tuple[object, ...], deadline: Deadline) -> None:
        try:
            made = self._socket = socket.socket(family, socket.SOCK_STREAM)
            made.setblocking(False)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._fd = made.fileno()
            code = made.connect_ex(address)
        except OSError as error:
            raise self.gone(error) from error
        if code == errno.EINPROGRESS:
            poll = select.poll()
            poll.register(self._fd, select.POLLOUT)
            if not poll.poll(deadline.left() * 1000):
                raise PrinterDeadline("printer.connect_late", name=self.name)
            code = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise PrinterUnreachable(
                "printer.failed", name=self.name, why=reason(OSError(code, os.strerror(code)))
            )

    def received_between(self, *, alone: bool) -> tuple[float, float]:
        """See Transport: from the kernel, so that it is right on a machine too busy to read. It
        dates the last byte only."""
        now_s = time.monotonic()
        if self._socket is None or not alone:
            return super().received_between(alone=alone)
        try:
            info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_DATA_RECV + 4)
        except OSError as error:
            raise self.gone(error) from error
        (ago_ms,) = struct.unpack_from("I", info, LAST_DATA_RECV)
        came_s = min(now_s, now_s - int(ago_ms) / 1000 + CLOCK_TICK_S)
        return came_s, came_s

    def close(self, *, discard: bool = False) -> None:
        """See Transport.

        Closing a socket with unread bytes resets the connection, and the printer loses the end of
        a slip that is still in transit. So shut down writing, read until the printer closes, and
        only then close.
        """
        made, self._socket, self._fd = self._socket, None, -1
        if made is None:
            return
        with contextlib.suppress(OSError):
            if discard:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                _end_softly(made)
        with contextlib.suppress(OSError):
            made.close()


def _end_softly(made: socket.socket) -> None:
    made.shutdown(socket.SHUT_WR)
    deadline = Deadline.after(LINGER_S)
    poll = select.poll()
    poll.register(made, select.POLLIN)
    while not deadline.expired:
        if not poll.poll(deadline.left() * 1000) or not made.recv(CHUNK):
            return
