"""A TCP relay in front of a queue server that can become a black hole, and its control port.

A black hole accepts connections and bytes and never answers, as behind a firewall that lost its
connection table: nothing is refused or closed, so only a deadline detects it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

HOLD, PASS, DONE = b"h", b"p", b"."
WAIT_LIMIT_S = 10.0


class Relay:
    """Relays between ``port`` and ``upstream`` (both ports of this machine).

    A client of the port ``switch`` sends HOLD or PASS; the answer is DONE once that is in force.
    PASS closes the connections of the black hole; their bytes are lost.
    """

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._held = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.port, self.switch = (door.getsockname()[1] for door in self._doors)
        for door, answer in zip(self._doors, (self._carry, self._obey), strict=True):
            threading.Thread(target=self._serve, args=(door, answer), daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        for door in self._doors:
            with contextlib.suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            door.close()
        self._drop()

    def _serve(self, door: socket.socket, answer: Callable[[socket.socket], None]) -> None:
        with contextlib.suppress(OSError):
            while True:
                answer(door.accept()[0])

    def _obey(self, line: socket.socket) -> None:
        with line:
            self._held = line.recv(1) == HOLD
            if not self._held:
                self._drop()
            line.sendall(DONE)

    def _carry(self, near: socket.socket) -> None:
        """Serve a connection of the kiosk with one to the server, unless this is a black hole."""
        with self._lock:
            self._open.add(near)
        if self._held:
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._upstream), timeout=WAIT_LIMIT_S)
        except OSError:
            self._close(near)  # the server is down; the relay goes on
            return
        far.settimeout(None)
        with self._lock:
            self._open.add(far)
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(1 << 16):
                if not self._held:
                    other.sendall(piece)
        if not self._held:
            self._close(one, other)

    def _drop(self) -> None:
        with self._lock:
            lines = tuple(self._open)
        self._close(*lines)

    def _close(self, *lines: socket.socket) -> None:
        with self._lock:
            self._open.difference_update(lines)
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()


def turn(switch: int, word: bytes) -> None:
    """Send HOLD or PASS to the relay with this control port; return once it is in force."""
    with socket.create_connection(("127.0.0.1", switch), timeout=WAIT_LIMIT_S) as line:
        line.sendall(word)
        if line.recv(1) != DONE:
            raise RuntimeError("the relay did not confirm the command")
