"""The network side: a listener that serves one client at a time, and what keeps clients out."""

from __future__ import annotations

import contextlib
import math
import select
import socket
import struct
import threading
import time
from collections.abc import Callable

from virtual_printer.faults import LINE, FaultTrigger
from virtual_printer.intake import CHUNK
from virtual_printer.machine import Machine

OPEN, REFUSE, IGNORE, SWALLOW = "open", "refuse", "ignore", "swallow"


class Line:
    """Listens on ``host`` and ``port`` (0: any free port; then ``port`` holds it).

    Passes what arrives to ``machine``, up to the byte at which ``trigger`` finds a fault. ``flood``
    makes the random bytes of the fault ``garbage`` of kind ``endless``. Raises OSError when the
    port is not available.
    """

    def __init__(
        self,
        host: str,
        port: int,
        machine: Machine,
        trigger: FaultTrigger,
        flood: Callable[[], bytes],
    ) -> None:
        self.host, self.port = host, port
        self._machine = machine
        self._trigger = trigger
        self._flood = flood
        self._client: socket.socket | None = None
        self._client_lock = threading.Lock()
        self._stopping = False
        self._not_taken = b""
        self._door = OPEN
        # When the last connection ended (monotonic), for the lock-out that follows.
        self._ended_at = -math.inf
        # Connections of its own that fill the queue of the listener, so that the kernel ignores
        # further ones.
        self._fillers: list[socket.socket] = []
        self._listener: socket.socket | None = None
        # Bound and never listening: while the door is shut, no other program is given this port.
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._place.bind((host, port))
            self.port = self._place.getsockname()[1]
            self._listen(backlog=8)
        except OSError:
            self._place.close()
            raise
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._thread = threading.Thread(target=self._serve, name="virtual-line", daemon=True)
        self._thread.start()

    # -- called from other threads ----------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether a client is being served."""
        return self._client is not None

    def send(self, data: bytes) -> None:
        """Send to the present client; drop ``data`` when there is none or it does not read."""
        with self._client_lock, contextlib.suppress(OSError):
            if self._client is not None:
                self._client.send(data, socket.MSG_DONTWAIT)

    def hang_up(self) -> None:
        """End the present connection."""
        with self._client_lock, contextlib.suppress(OSError):
            if self._client is not None:
                self._client.shutdown(socket.SHUT_RDWR)

    def settle(self) -> None:
        """Wait until the listener is open or closed, as the fault ``refuse`` says."""
        self.nudge()
        changed, faults = self._machine.changed, self._machine.faults
        with changed:
            changed.wait_for(
                lambda: (
                    faults.refuse == (self._door == REFUSE)
                    or self._wanted() == self._door
                    # The door may also be shut to a second client.
                    or (self.connected and not faults.refuse)
                ),
                5,
            )

    def nudge(self) -> None:
        """Make the thread look at the faults and settings again."""
        with contextlib.suppress(OSError):
            self._waker.send(b"!")

    def close(self) -> None:
        """Stop listening and end the present connection."""
        self._stopping = True
        self.nudge()
        self._thread.join(5)
        self._place.close()
        self._wake.close()
        self._waker.close()

    # -- the door ---------------------------------------------------------------------------

    def _wanted(self) -> str:
        """What a new connection is to meet now."""
        if self._machine.faults.refuse:
            return REFUSE
        if not self._machine.powered:
            return IGNORE
        if self._locked_s() > 0:
            return self._machine.character.lockout
        return OPEN

    def _locked_s(self) -> float:
        """Seconds until the lock-out ends; 0 or less when there is none."""
        return self._ended_at + self._machine.character.lockout_s - time.monotonic()

    def _set_door(self, door: str) -> None:
        """Open or close the listener as ``door`` says; ``swallow`` needs an open one."""
        if door != self._door:
            if REFUSE in (door, self._door) or IGNORE in (door, self._door):
                self._drop_listener()
            self._door = door
        if self._listener is None and door != REFUSE:
            self._listen(backlog=0 if door == IGNORE else 8)
            if door == IGNORE:
                self._fill()
        with self._machine.changed:
            self._machine.changed.notify_all()

    def _listen(self, *, backlog: int) -> None:
        self._listener = socket.create_server((self.host, self.port), backlog=backlog)
        self._listener.setblocking(False)

    def _fill(self) -> None:
        filler = socket.socket()
        filler.setblocking(False)
        with contextlib.suppress(OSError):
            filler.connect((self.host, self.port))
        self._fillers.append(filler)

    def _drop_listener(self) -> None:
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    # -- the thread -------------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._stopping:
            door = self._wanted()
            self._set_door(door)
            listener = None if door in (REFUSE, IGNORE) else self._listener
            locked_s = self._locked_s()
            wait_s = min(1.0, locked_s) if locked_s > 0 else 1.0
            if self._ready(listener, wait_s) and listener is not None:
                with contextlib.suppress(OSError):
                    client, _ = listener.accept()
                    self._serve_client(client)
        self._drop_listener()

    def _ready(self, what: socket.socket | None, timeout_s: float) -> bool:
        """Wait for ``what`` or for ``nudge``. Returns whether ``what`` can be read."""
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
        """Serve one client until the client, a fault or a loss of power ends the connection."""
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._not_taken = b""
        if self._wanted() == SWALLOW:
            self._swallow(client)
            return
        with self._client_lock:
            self._client = client
        if self._machine.character.second == "refused":
            self._set_door(REFUSE)
        try:
            while not (self._stopping or self._machine.faults.refuse):
                if not self._machine.powered:
                    self._wait_for_power(client)
                    break
                if not self._read_once(client):
                    break
        finally:
            with self._client_lock:
                self._client = None
            client.close()
            self._ended_at = time.monotonic()

    def _swallow(self, client: socket.socket) -> None:
        """Read and drop everything until the client gives up; the time starts again then."""
        with client:
            while not (self._stopping or self._machine.faults.refuse):
                if self._ready(client, 1.0):
                    try:
                        if not client.recv(CHUNK):
                            break
                    except OSError:
                        break
        self._ended_at = time.monotonic()

    def _wait_for_power(self, client: socket.socket) -> None:
        """Read nothing while the power is off; afterwards the connection is unknown: reset."""
        self._set_door(IGNORE)
        while not (self._stopping or self._machine.powered):
            self._ready(None, 1.0)
        _reset_on_close(client)

    def _read_once(self, client: socket.socket) -> bool:
        """Read once from the client. Returns False when the connection is over."""
        endless = self._machine.faults.garbage == "endless"
        if self._trigger.reached("stall"):
            return self._stall(client)
        if endless:
            self.send(self._flood())
        if self._machine.room() < CHUNK:
            time.sleep(0.01)
            return True
        if not self._not_taken and not self._ready(client, 0.01 if endless else 1.0):
            return True
        try:
            # Bytes that were not taken during a stall come first.
            data = self._not_taken or client.recv(CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._not_taken = b""
        return bool(data) and self._pass_on(client, data)

    def _pass_on(self, client: socket.socket, data: bytes) -> bool:
        """Pass ``data`` to the machine up to the byte at which a line fault begins.

        Returns False when that fault ends the connection.
        """
        while data:
            taken, begins, data = self._trigger.admit(data)
            self._machine.receive(taken)
            if begins in LINE:
                break
            if begins:
                self._begin(begins)
                if not self._machine.powered:
                    return True
        else:
            return True
        if begins == "stall":
            self._not_taken = data
        if begins == "reset":
            _reset_on_close(client)
        return begins not in ("close", "reset")

    def _begin(self, name: str) -> None:
        """Begin a fault whose byte has arrived, unless it was mended concurrently."""
        with self._machine.changed:
            if self._machine.faults.at_bytes.pop(name, None) is not None:
                self._machine.change(lambda faults: faults.begin(name))

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


def _reset_on_close(client: socket.socket) -> None:
    """Make the later close send a reset instead of an orderly end."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
