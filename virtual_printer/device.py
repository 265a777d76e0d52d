"""A receipt printer made of software, on TCP: for the demo, for tests, for other projects."""

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

from kiosk.printing.paper import paper_of
from virtual_printer.faults import LINE, Faults, Gate, rubbish
from virtual_printer.machine import Machine
from virtual_printer.sheet import SlipRecord

CHUNK = 4096
log = logging.getLogger(__name__)
KEPT_SLIPS = 2500
"""Slips in memory; the oldest go first."""

KEPT_PICTURES = 200
"""Pictures of slips in the folder; the oldest go first, those of an earlier run too."""

PICTURE = re.compile(r"slip-\d{4,}\.png")


class VirtualPrinter:
    """Listens as a network printer does, one client at a time, and keeps what it printed.

    ``port`` 0 takes a free one (then in ``port``). ``level`` A to D is what it can say of
    itself, ``tells_changes`` whether it knows automatic status (``GS a``); ``speed_mm_s``
    None prints in no time. With ``out_dir`` each piece of paper is
    drawn there as ``slip-0001.png``, in a thread of its own, after the answer has gone; the
    newest ``keep_pictures`` of them are kept.
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
        self.host, self.port = host, port
        self.slips: list[SlipRecord] = []
        self._out_dir = out_dir
        self._keep_pictures = max(1, keep_pictures)
        self._random = random.Random(seed)  # noqa: S311 - rubbish that a test can repeat
        self._random_lock = threading.Lock()
        self._drawings: queue.SimpleQueue[SlipRecord | None] = queue.SimpleQueue()
        self._late: queue.SimpleQueue[tuple[float, bytes] | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._client: socket.socket | None = None
        self._client_lock = threading.Lock()
        self._stopping = False
        self._untaken = b""
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._listener: socket.socket | None = None
        self.machine = Machine(
            paper_of(paper_mm).dots,
            level,
            speed_mm_s,
            self._answer,
            self._ejected,
            tells_changes=tells_changes,
        )
        self._gate = Gate(self.machine.faults)
        self._listen()
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

    # -- for whoever holds it ---------------------------------------------------------

    @property
    def connection(self) -> str:
        """As ``kiosk.yaml`` writes it."""
        return f"network:{self.host}:{self.port}"

    @property
    def level(self) -> str:
        """What it can say of itself, A to D."""
        return self.machine.level

    @level.setter
    def level(self, level: str) -> None:
        self.machine.level = level

    def fault(self, name: str, **how: object) -> None:
        """Bring about a fault: see ``Faults.set``. ValueError for one that does not exist."""
        self.machine.change(lambda faults: faults.set(name, **how))
        self._settle()

    def mend(self, name: str = "") -> None:
        """Mend the fault ``name``, or all. A job that was held goes on."""
        self.machine.change(lambda faults: faults.mend(name))
        self._settle()

    def hang_up(self) -> None:
        """End the present connection, as printers do after a while of silence."""
        with self._client_lock, contextlib.suppress(OSError):
            if self._client is not None:
                self._client.shutdown(socket.SHUT_RDWR)

    def wait_for_slips(self, count: int, timeout_s: float = 5.0) -> list[SlipRecord]:
        """The slips, once there are ``count``; TimeoutError when there are not in time."""
        with self.machine.changed:
            if not self.machine.changed.wait_for(lambda: self.machine.pieces >= count, timeout_s):
                raise TimeoutError(f"{self.machine.pieces} of {count} slips came in time")
            return list(self.slips)

    def wait_until_idle(self, timeout_s: float = 5.0) -> None:
        """Until all that was received is printed or barred; TimeoutError when not in time."""
        changed = self.machine.changed
        with changed:
            if not changed.wait_for(self.machine.idle, timeout_s):
                raise TimeoutError("the virtual printer is still printing")

    def wait_until_drawn(self, timeout_s: float = 10.0) -> None:
        """Until each slip has its picture; TimeoutError when not in time."""
        deadline = time.monotonic() + timeout_s
        for slip in list(self.slips):
            left = deadline - time.monotonic()
            if slip.picture is not None and not slip.drawn.wait(max(0.0, left)):
                raise TimeoutError("slips are still being drawn")

    def state(self) -> dict[str, object]:
        """For the control port: faults, paper, slips."""
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
        """End everything; pictures under way are finished."""
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
            # Imported here: answering status needs no Pillow.
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
        """Let the oldest pictures go; nothing else in the folder is touched."""
        mine = [path for path in folder.iterdir() if PICTURE.fullmatch(path.name)]
        mine.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        for old in mine[: -self._keep_pictures]:
            old.unlink(missing_ok=True)

    # -- answers ----------------------------------------------------------------------

    def _answer(self, data: bytes) -> None:
        faults = self.machine.faults
        if faults.mute or self._gate.reached("stall"):
            return
        if faults.garbage:
            data = rubbish(faults.garbage, data, self._random_lock, self._random)
        if faults.delay_s:
            self._late.put((time.monotonic() + faults.delay_s, data))
        elif faults.garbage == "split":
            for i in range(len(data)):
                self._send(data[i : i + 1])
        else:
            self._send(data)

    def _send_late(self) -> None:
        """Answers that are delayed, in the order in which they were given."""
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
        """Until the line is open, or refused, as the faults have it."""
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
                    self._hear_out(client)
        self._drop_listener()

    def _drop_listener(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _ready(self, what: socket.socket | None, timeout_s: float) -> bool:
        """Wait for ``what`` or a nudge; whether ``what`` is ready."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if what is not None:
            poll.register(what, select.POLLIN)
        events = dict(poll.poll(timeout_s * 1000))
        if self._wake.fileno() in events:
            with contextlib.suppress(OSError):
                self._wake.recv(CHUNK)
        return what is not None and what.fileno() in events

    def _hear_out(self, client: socket.socket) -> None:
        """Serve one client until it or a fault ends the connection."""
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._untaken = b""
        with self._client_lock:
            self._client = client
        try:
            while not (self._stopping or self.machine.faults.refuse):
                if not self._take(client):
                    break
        finally:
            with self._client_lock:
                self._client = None
            client.close()

    def _take(self, client: socket.socket) -> bool:
        """Take what the client sent; False when the connection is over."""
        if self._gate.reached("stall"):
            return self._sit_out(client)
        if self.machine.faults.garbage == "endless":
            with self._random_lock:
                flood = self._random.randbytes(CHUNK)
            self._send(flood)
        if self.machine.room() < CHUNK:
            time.sleep(0.01)
            return True
        if not self._untaken and not self._ready(
            client, 0.01 if self.machine.faults.garbage == "endless" else 1.0
        ):
            return True
        try:
            # What it did not take while it stalled waits in front.
            data = self._untaken or client.recv(CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._untaken = b""
        if not data:
            return False
        return self._pass_on(client, data)

    def _pass_on(self, client: socket.socket, data: bytes) -> bool:
        """Hand ``data`` to the machine, up to where the line fails; False when it is over."""
        while data:
            taken, begins, data = self._gate.admit(data)
            self.machine.receive(taken)
            if begins in LINE:
                break
            if begins:
                self.machine.change(partial(_begin, begins))
        else:
            return True
        if begins == "stall":
            self._untaken = data
        if begins == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return begins not in ("close", "reset")

    def _sit_out(self, client: socket.socket) -> bool:
        """A stalled printer takes nothing and says nothing; a client may give up."""
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
    """A state whose byte has come, where nobody has mended it at this very moment."""
    if faults.at_bytes.pop(name, None) is not None:
        faults.set(name)
