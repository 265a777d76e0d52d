"""A printer on the network (raw TCP, port 9100).

One deadline spans the look-up of the name, the connection, writing and reading. A look-up
cannot be interrupted, so it runs in a thread of its own; one that hangs is waited for again
by the next call, never started twice.
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

from kiosk.domain.connection import RAW_PORT
from kiosk.errors import PrinterDeadline, PrinterError, PrinterUnreachable
from kiosk.printing.transport import CHUNK, Descriptor

LINGER_S = 0.1
"""How long ``close`` waits for the printer to have taken the rest."""

Address = tuple[int, tuple[object, ...]]


class Lookup:
    """Host name to addresses, in a thread, so that a hung resolver costs only the deadline."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._done = threading.Event()
        self._found: list[Address] = []
        self._error = ""
        self._thread: threading.Thread | None = None

    def addresses(self, deadline: float) -> list[Address]:
        """The addresses, best first. PrinterUnreachable or PrinterDeadline."""
        with contextlib.suppress(OSError, ValueError):
            return self._ask(socket.AI_NUMERICHOST)
        if self._thread is None:
            self._done.clear()
            self._thread = threading.Thread(target=self._run, name="printer-lookup", daemon=True)
            self._thread.start()
        if not self._done.wait(max(0.0, deadline - time.monotonic())):
            raise PrinterDeadline(f"{self._host}: the name was not found in time")
        self._thread = None
        if self._error:
            raise PrinterUnreachable(f"{self._host}: {self._error}")
        return self._found

    def _run(self) -> None:
        self._found, self._error = [], ""
        try:
            self._found = self._ask(0)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self._error = f"the name is not known ({reason})"
        finally:
            self._done.set()

    def _ask(self, flags: int) -> list[Address]:
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM, flags=flags)
        return [(family, address) for family, _, _, _, address in found]


class Network(Descriptor):
    """A printer that takes raw bytes over TCP."""

    remembers = False

    def __init__(self, host: str, port: int = RAW_PORT) -> None:
        super().__init__(f"{host}:{port}")
        self._lookup = Lookup(host, port)
        self._socket: socket.socket | None = None

    def open(self, deadline: float) -> None:
        """See Transport: tries each address of the name until the deadline."""
        if self.is_open:
            return
        self.sent = 0
        refusal: PrinterError | None = None
        for family, address in self._lookup.addresses(deadline):
            try:
                self._connect(family, address, deadline)
            except PrinterError as error:
                self.close(discard=True)
                refusal = error
            else:
                return
        raise refusal or PrinterUnreachable(f"{self.name}: the name has no address")

    def _connect(self, family: int, address: tuple[object, ...], deadline: float) -> None:
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
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise PrinterDeadline(f"{self.name}: no connection in time")
            code = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise PrinterUnreachable(f"{self.name}: {os.strerror(code)}")

    def close(self, *, discard: bool = False) -> None:
        """See Transport.

        Closing with unread bytes would reset the connection and lose the tail of a slip
        that is still under way: read first, say that nothing follows, let the printer end.
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
    deadline = time.monotonic() + LINGER_S
    poll = select.poll()
    poll.register(made, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        if not poll.poll(left * 1000) or not made.recv(CHUNK):
            return
