"""A TCP proxy between a kiosk and its servers that injects faults from a seed.

The fault of the n-th connection and the byte at which it occurs depend on seed, name and n only, so
that a seed reproduces the plan. Which request is hit depends on timing.
"""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

MAX_FAULT_BYTE = 3000
"""A fault occurs before this byte of a connection: within the first few requests or answers."""
SILENCE_S = 1.2
"""Longer than the kiosk's deadline for a number; then the connection is reset."""
PATIENCE_S = 20.0


class NetworkFault(Enum):
    """The fault of a connection, at one byte of what the kiosk sends or receives."""

    NONE = "nothing"
    DROP = "the rest is dropped"
    DELAY = "the rest is delayed"
    TRUNCATE = "it is closed with FIN"
    RESET = "it is closed with RST"
    HALF_CLOSE = "one direction is closed, the other goes on"
    DUPLICATE = "its requests are sent again, later, on another connection"


@dataclass(frozen=True)
class FaultPlan:
    """The plan of one connection.

    ``upwards``: the fault hits what the kiosk sends. ``port``: the server it is connected to.
    """

    fault: NetworkFault
    upwards: bool
    at_byte: int
    delay_s: float
    port: int


def plan(seed: int, name: str, connection: int, ports: list[int]) -> FaultPlan:
    """The plan of connection number ``connection`` (from 0)."""
    chance = random.Random(f"{seed} {name} {connection}")
    fault = chance.choice(list(NetworkFault))
    return FaultPlan(
        fault,
        upwards=chance.random() < 0.5,
        at_byte=chance.randrange(MAX_FAULT_BYTE),
        delay_s=chance.choice((0.05, 0.3, 0.8, 1.5)),
        port=chance.choice(ports),
    )


class Proxy:
    """Listens on ``port`` for one kiosk. ``calm`` ends all faults. ``met``: faults injected."""

    def __init__(self, seed: int, name: str, ports: list[int]) -> None:
        self._seed, self._name, self._ports = seed, name, ports
        self._calm = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._duplicates: list[threading.Thread] = []
        self.met: list[NetworkFault] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def calm(self) -> None:
        """Stop injecting faults: wait for duplicates to be sent, close open connections."""
        self._calm = True
        with self._lock:
            opened = list(self._open)
        for one in opened:
            _shut(one)
        for duplicate in self._duplicates:
            duplicate.join(PATIENCE_S)
            assert not duplicate.is_alive(), "a duplicate request is still being sent"

    def close(self) -> None:
        """Stop listening, close all."""
        self.calm()
        _shut(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        count = 0
        while True:
            try:
                kiosk, _ = self._listener.accept()
            except OSError:
                return
            drawn = plan(self._seed, self._name, count, self._ports)
            count += 1
            threading.Thread(target=self._serve, args=(kiosk, drawn), daemon=True).start()

    def _serve(self, kiosk: socket.socket, drawn: FaultPlan) -> None:
        with kiosk:
            try:
                server = socket.create_connection(("127.0.0.1", drawn.port), PATIENCE_S)
            except OSError:
                return
            with server:
                server.settimeout(None)
                with self._lock:
                    self._open |= {kiosk, server}
                down = threading.Thread(target=self._pump, args=(server, kiosk, drawn, False))
                down.start()
                self._pump(kiosk, server, drawn, True)
                down.join()
                with self._lock:
                    self._open -= {kiosk, server}

    def _pump(
        self, source: socket.socket, sink: socket.socket, drawn: FaultPlan, upwards: bool
    ) -> None:
        """Forward bytes until one side closes or the fault ends the connection."""
        faulty = (
            drawn.fault is not NetworkFault.NONE and drawn.upwards is upwards and not self._calm
        )
        if upwards and drawn.fault is NetworkFault.DUPLICATE and not self._calm:
            copies: Callable[[bytes], None] = _Requests(lambda r: self._copy(r, drawn)).add
        else:
            copies = lambda _: None  # noqa: E731
        carried = 0
        try:
            while data := source.recv(1 << 16):
                copies(data)
                if faulty and not self._calm and carried + len(data) > drawn.at_byte:
                    before = max(0, drawn.at_byte - carried)
                    sink.sendall(data[:before])
                    faulty = False
                    if not self._inject(source, sink, drawn):
                        return
                    data = data[before:]
                sink.sendall(data)
                carried += len(data)
        except OSError:
            pass
        finally:
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)

    def _inject(self, source: socket.socket, sink: socket.socket, drawn: FaultPlan) -> bool:
        """Inject the planned fault. Returns whether to continue forwarding."""
        self.met.append(drawn.fault)
        if drawn.fault is NetworkFault.DELAY:
            time.sleep(drawn.delay_s)  # the fault itself
            return True
        if drawn.fault is NetworkFault.DUPLICATE:
            return True
        if drawn.fault is NetworkFault.HALF_CLOSE:
            sink.shutdown(socket.SHUT_WR)
            while source.recv(1 << 16):
                pass
            return False
        if drawn.fault is NetworkFault.DROP:
            source.settimeout(SILENCE_S)
            with contextlib.suppress(TimeoutError):
                while source.recv(1 << 16):
                    pass
        if drawn.fault is not NetworkFault.TRUNCATE:
            for one in (source, sink):
                with contextlib.suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                _shut(one)
            return False
        _shut(source)
        return False

    def _copy(self, request: bytes, drawn: FaultPlan) -> None:
        """Send ``request`` again after the delay; the answer is discarded."""

        def work() -> None:
            time.sleep(drawn.delay_s)  # the fault itself
            with contextlib.suppress(OSError):
                address = "127.0.0.1", drawn.port
                with socket.create_connection(address, 2) as server:
                    server.sendall(request)
                    server.recv(1 << 16)

        duplicate = threading.Thread(target=work, daemon=True)
        self._duplicates.append(duplicate)
        duplicate.start()


class _Requests:
    """Splits a byte stream into HTTP requests and passes each to ``whole``."""

    def __init__(self, whole: Callable[[bytes], None]) -> None:
        self._whole, self._data = whole, b""

    def add(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            length = 0
            for line in head.split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            size = end + 4 + length
            if len(self._data) < size:
                return
            request, self._data = self._data[:size], self._data[size:]
            self._whole(request)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
