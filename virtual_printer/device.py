"""The virtual printer's network side: listener, one client at a time, answers, pictures."""

from __future__ import annotations

import contextlib
import logging
import queue
import random
import re
import select
import socket
import struct
import threading
import time
from functools import partial
from pathlib import Path

from virtual_printer.faults import LINE, Faults, FaultTrigger, corrupted
from virtual_printer.machine import Machine
from virtual_printer.paper import print_dots
from virtual_printer.sheet import SlipRecord

CHUNK = 4096
log = logging.getLogger(__name__)
KEPT_SLIPS = 2500
"""Slips kept in memory; the oldest are dropped first."""

KEPT_PICTURES = 200
"""Pictures kept in the folder; the oldest are deleted first, also those of earlier runs."""

PICTURE = re.compile(r"slip-\d{4,}\.png")


class VirtualPrinter:
    """A network printer that serves one client at a time and records what it printed.

    ``port`` 0 takes a free port; the attribute ``port`` then holds it. ``paper_mm`` is 80 or 58.
    ``level`` A to D selects the questions that it answers (README.md), ``tells_changes`` whether
    it knows automatic status (``GS a``). ``speed_mm_s`` is the paper's speed in mm/s; None prints
    without delay. With ``out_dir`` a background thread draws each piece of paper there as
    ``slip-0001.png`` and so on, and keeps the newest ``keep_pictures``. ``seed`` makes the random
    bytes of the fault ``garbage`` repeatable. Raises OSError when the port is not available,
    ValueError for an unknown level or paper width.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        paper_mm: int = 80,
        level: str = "A",
        speed_mm_s: float | None = None,
        out_dir: Path | None = None,
        keep_pictures: int = KEPT_PICTURES,
        tells_changes: bool = True,
        seed: int = 0,
    ) -> None:
        if level not in ("A", "B", "C", "D"):
            raise ValueError(f"level {level!r}: expected A, B, C or D")
        dots = print_dots(paper_mm)
        self.host, self.port = host, port
        self.slips: list[SlipRecord] = []
        self._out_dir = out_dir
        self._keep_pictures = max(1, keep_pictures)
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._random_lock = threading.Lock()
        self._drawings: queue.SimpleQueue[SlipRecord | None] = queue.SimpleQueue()
        self._late: queue.SimpleQueue[tuple[float, bytes] | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._client: socket.socket | None = None
        self._client_lock = threading.Lock()
        self._stopping = False
        self._not_taken = b""
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._listener: socket.socket | None = None
        self.machine = Machine(
            dots,
            level,
            speed_mm_s,
            self._answer,
            self._ejected,
            tells_changes=tells_changes,
        )
        self._trigger = FaultTrigger(self.machine.faults)
        try:
            self._listen()
        except OSError:
            self._wake.close()
            self._waker.close()
            raise
        self._threads = [
            threading.Thread(target=self._serve, name="virtual-line", daemon=True),
            threading.Thread(target=self._draw, name="virtual-drawing", daemon=True),
            threading.Thread(target=self._send_late, name="virtual-late", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> VirtualPrinter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the interface for tests and the control port -----------------------------------

    @property
    def connection(self) -> str:
        """``network:HOST:PORT``, for the settings of a program that prints."""
        return f"network:{self.host}:{self.port}"

    @property
    def level(self) -> str:
        """Which questions it answers, A to D."""
        return self.machine.level

    @level.setter
    def level(self, level: str) -> None:
        self.machine.level = level

    def fault(self, name: str, **how: object) -> None:
        """Set a fault: see ``Faults.set``. Raises ValueError for an unknown one."""
        self.machine.change(lambda faults: faults.set(name, **how))
        self._settle()

    def mend(self, name: str = "") -> None:
        """Clear the fault ``name``, or all of them. A job that was stopped continues."""
        self.machine.change(lambda faults: faults.mend(name))
        self._settle()

    def hang_up(self) -> None:
        """End the present connection, as printers do after an idle time."""
        with self._client_lock, contextlib.suppress(OSError):
            if self._client is not None:
                self._client.shutdown(socket.SHUT_RDWR)

    def wait_for_slips(self, count: int, timeout_s: float = 5.0) -> list[SlipRecord]:
        """Wait for ``count`` slips and return them. TimeoutError after ``timeout_s`` seconds."""
        with self.machine.changed:
            if not self.machine.changed.wait_for(lambda: self.machine.pieces >= count, timeout_s):
                raise TimeoutError(f"{self.machine.pieces} of {count} slips came in time")
            return list(self.slips)

    def wait_until_idle(self, timeout_s: float = 5.0) -> None:
        """Wait until everything received is printed or stopped by a fault, or TimeoutError."""
        changed = self.machine.changed
        with changed:
            if not changed.wait_for(self.machine.idle, timeout_s):
                raise TimeoutError("the virtual printer is still printing")

    def wait_until_drawn(self, timeout_s: float = 10.0) -> None:
        """Wait until each slip has its picture, or TimeoutError."""
        deadline = time.monotonic() + timeout_s
        for slip in list(self.slips):
            left = deadline - time.monotonic()
            if slip.picture is not None and not slip.drawn.wait(max(0.0, left)):
                raise TimeoutError("slips are still being drawn")

    def state(self) -> dict[str, object]:
        """Faults, paper and number of slips, for the control port."""
        faults = self.machine.faults
        named = {name: getattr(faults, name) for name in faults.__slots__}
        return {
            "port": self.port,
            "level": self.level,
            "faults": {n: v for n, v in named.items() if v or (n == "paper_left_mm" and v == 0)},
            "used_mm": round(self.machine.used_mm, 1),
            "slips": self.machine.pieces,
        }

    def close(self) -> None:
        """Stop all threads; pictures in the queue are finished first."""
        self._stopping = True
        self._nudge()
        self._threads[0].join(5)
        self.machine.stop()
        self._ended.set()
        self._late.put(None)
        self._threads[2].join(5)
        self._drawings.put(None)
        self._threads[1].join(30)
        self._wake.close()
        self._waker.close()

    # -- paper ------------------------------------------------------------------------

    def _ejected(self, slip: SlipRecord) -> None:
        self.slips.append(slip)
        del self.slips[:-KEPT_SLIPS]
        if self._out_dir is not None:
            slip.picture = self._out_dir / f"slip-{slip.index + 1:04d}.png"
            self._drawings.put(slip)
        self.machine.changed.notify_all()

    def _draw(self) -> None:
        while (slip := self._drawings.get()) is not None:
            # Imported here so that a printer without pictures does not load Pillow.
            from virtual_printer.render import save

            if slip.picture is not None:
                try:
                    slip.picture.parent.mkdir(parents=True, exist_ok=True)
                    save(slip, slip.picture)
                    self._prune(slip.picture.parent)
                except OSError as error:
                    log.warning("no picture of the slip: %s", error)
                slip.drawn.set()

    def _prune(self, folder: Path) -> None:
        """Delete the oldest pictures; leave other files in the folder alone."""
        mine = [path for path in folder.iterdir() if PICTURE.fullmatch(path.name)]
        mine.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        for old in mine[: -self._keep_pictures]:
            old.unlink(missing_ok=True)

    # -- answers ----------------------------------------------------------------------

    def _answer(self, data: bytes) -> None:
        faults = self.machine.faults
        if faults.mute or self._trigger.reached("stall"):
            return
        if faults.garbage:
            data = corrupted(faults.garbage, data, self._random_lock, self._random)
        if faults.delay_s:
            self._late.put((time.monotonic() + faults.delay_s, data))
        elif faults.garbage == "split":
            for i in range(len(data)):
                self._send(data[i : i + 1])
        else:
            self._send(data)

    def _send_late(self) -> None:
        """Send delayed answers in the order in which they were made."""
        while (late := self._late.get()) is not None:
            due, data = late
            if self._ended.wait(max(0.0, due - time.monotonic())):
                return
            self._send(data)

    def _send(self, data: bytes) -> None:
        with self._client_lock, contextlib.suppress(OSError):
            if self._client is not None:
                self._client.send(data, socket.MSG_DONTWAIT)

    # -- the line ---------------------------------------------------------------------

    def _settle(self) -> None:
        """Wait until the listener is open or closed, as the fault ``refuse`` says."""
        self._nudge()
        changed, faults = self.machine.changed, self.machine.faults
        with changed:
            changed.wait_for(lambda: faults.refuse == (self._listener is None), 5)

    def _nudge(self) -> None:
        with contextlib.suppress(OSError):
            self._waker.send(b"!")

    def _listen(self) -> None:
        listener = socket.create_server((self.host, self.port), backlog=8)
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self._listener = listener

    def _serve(self) -> None:
        while not self._stopping:
            if self.machine.faults.refuse:
                self._drop_listener()
            elif self._listener is None:
                self._listen()
            with self.machine.changed:
                self.machine.changed.notify_all()
            listener = self._listener
            if self._ready(listener, 1.0) and listener is not None:
                with contextlib.suppress(OSError):
                    client, _ = listener.accept()
                    self._serve_client(client)
        self._drop_listener()

    def _drop_listener(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _ready(self, what: socket.socket | None, timeout_s: float) -> bool:
        """Wait for ``what`` or for ``_nudge``. Returns whether ``what`` can be read."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if what is not None:
            poll.register(what, select.POLLIN)
        events = dict(poll.poll(timeout_s * 1000))
        if self._wake.fileno() in events:
            with contextlib.suppress(OSError):
                self._wake.recv(CHUNK)
        return what is not None and what.fileno() in events

    def _serve_client(self, client: socket.socket) -> None:
        """Serve one client until the client or a fault ends the connection."""
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._not_taken = b""
        with self._client_lock:
            self._client = client
        try:
            while not (self._stopping or self.machine.faults.refuse):
                if not self._read_once(client):
                    break
        finally:
            with self._client_lock:
                self._client = None
            client.close()

    def _read_once(self, client: socket.socket) -> bool:
        """Read once from the client. Returns False when the connection is over."""
        if self._trigger.reached("stall"):
            return self._stall(client)
        if self.machine.faults.garbage == "endless":
            with self._random_lock:
                flood = self._random.randbytes(CHUNK)
            self._send(flood)
        if self.machine.room() < CHUNK:
            time.sleep(0.01)
            return True
        if not self._not_taken and not self._ready(
            client, 0.01 if self.machine.faults.garbage == "endless" else 1.0
        ):
            return True
        try:
            # Bytes that were not taken during a stall come first.
            data = self._not_taken or client.recv(CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._not_taken = b""
        if not data:
            return False
        return self._pass_on(client, data)

    def _pass_on(self, client: socket.socket, data: bytes) -> bool:
        """Pass ``data`` to the machine up to the byte at which a line fault begins.

        Returns False when that fault ends the connection.
        """
        while data:
            taken, begins, data = self._trigger.admit(data)
            self.machine.receive(taken)
            if begins in LINE:
                break
            if begins:
                self.machine.change(partial(_begin, begins))
        else:
            return True
        if begins == "stall":
            self._not_taken = data
        if begins == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return begins not in ("close", "reset")

    def _stall(self, client: socket.socket) -> bool:
        """Stall: read nothing, answer nothing. Returns False when the client has given up."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.register(client, select.POLLRDHUP)
        events = dict(poll.poll(1000))
        if self._wake.fileno() in events:
            with contextlib.suppress(OSError):
                self._wake.recv(CHUNK)
        gone = events.get(client.fileno(), 0)
        return not gone & (select.POLLHUP | select.POLLERR)


def _begin(name: str, faults: Faults) -> None:
    """Begin a fault whose byte has arrived, unless it was mended concurrently."""
    if faults.at_bytes.pop(name, None) is not None:
        faults.set(name)
