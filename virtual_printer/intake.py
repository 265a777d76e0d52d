"""The receive buffer: bytes in order of arrival, real-time commands found anywhere among them."""

from __future__ import annotations

from collections.abc import Iterator

from virtual_printer.commands import Command, next_command

SIZE = 65536
"""Size of the receive buffer in bytes."""

CHUNK = 4096
"""Bytes that a host can send at once."""

SECOND_HOST = "second host"
"""Name of the command that stands for lines of a second host."""


class Intake:
    """Not locked: the machine's lock is held around every method but ``real_time``.

    ``received`` counts all bytes, those that were discarded included.
    """

    def __init__(self) -> None:
        self.received = 0
        self._buffer = bytearray()
        self._recent = b""
        # Copy of the bytes since the last complete command, for answers that come too early.
        self._arriving = bytearray()
        # Lines of a second host, and after how many executed bytes each prints.
        self._foreign: list[tuple[int, bytes]] = []

    def room(self) -> int:
        """Free bytes. A command larger than the buffer is printed while it arrives, so that there
        is always room for the rest of it."""
        free = SIZE - len(self._buffer)
        return free if free >= CHUNK or self.pending() else CHUNK

    def put(self, data: bytes, start: int) -> None:
        """Take ``data``; the bytes before ``start`` were discarded by a command within it."""
        self.received += len(data)
        self._buffer += data[start:]

    def arriving(self, data: bytes) -> Iterator[Command]:
        """The commands that ``data`` completes, whether executed yet or not."""
        self._arriving += data
        while True:
            command, used = next_command(self._arriving)
            if command is None:
                return
            del self._arriving[:used]
            yield command

    def interpose(self, lines: bytes, *, after_received: bool) -> None:
        """Put ``lines`` of a second host after the present command, or ``after_received`` bytes."""
        self._foreign.append((self.received if after_received else 0, lines))
        self._foreign.sort()

    def pending(self) -> bool:
        """Whether a whole command waits."""
        return self._next()[0] is not None

    def take(self) -> Command | None:
        """Remove and return the next command; None while none is complete."""
        command, used = self._next()
        if command is not None and command.name == SECOND_HOST:
            del self._foreign[0]
        del self._buffer[:used]
        return command

    def clear(self) -> None:
        """Discard all bytes."""
        self._buffer.clear()
        self._arriving.clear()

    def _next(self) -> tuple[Command | None, int]:
        executed = self.received - len(self._buffer)
        if self._foreign and self._foreign[0][0] <= executed:
            return Command(SECOND_HOST, self._foreign[0][1]), 0
        command, used = next_command(self._buffer)
        if self._foreign and command is not None and command.name == "text":
            # Characters are a command each: the lines come between two of them.
            used = min(used, self._foreign[0][0] - executed)
            command = Command("text", command.args[:used])
        return command, used

    def real_time(self, data: bytes) -> Iterator[tuple[bytes, int]]:
        """Real-time commands and where in ``data`` each ends. One may begin in earlier data."""
        past = len(self._recent)
        whole = self._recent + data
        at, done = 0, 0
        while (at := whole.find(b"\x10", at)) >= 0:
            command, used = next_command(whole[at:])
            if command is None:
                break
            if command.name in ("DLE EOT", "DLE ENQ", "DLE DC4"):
                yield whole[at : at + used], max(0, at + used - past)
                done = at + used
            at += max(1, used)
        keep = at if at >= 0 else len(whole)
        self._recent = whole[max(done, keep) :]
