"""The mechanism: receive buffer, print head, paper in millimetres, cutter, cover, status.

Real-time commands are executed on arrival. One thread executes everything else in order; it
stops at a fault of paper, cover, cutter or mechanics and continues when the fault is mended, as
printers do. Status bits: Epson ESC/POS command reference, "DLE EOT" and "GS a".
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from virtual_printer.commands import CLEAR_BUFFER, Command, next_command
from virtual_printer.faults import Faults
from virtual_printer.head import Cut, PrintHead
from virtual_printer.sheet import BlankPaper, Element, SlipRecord

BUFFER = 65536
"""Size of the receive buffer in bytes."""

NEAR_END_MM = 1000.0
"""The near-end sensor reports when less paper than this is left."""

SELECTED_BY = (0x02, 0x04, 0x08, 0x00)
"""For each byte of the automatic status, the bit of "GS a" that selects its changes."""


class Machine:
    """``answer`` sends bytes to the connected client; ``ejected`` gets each piece of paper.

    ``dots`` is the width of the head, ``level`` A to D (README.md), ``speed_mm_s`` None to print
    without delay, ``tells_changes`` whether it knows automatic status (``GS a``; never at
    level D). ``received`` counts bytes, ``used_mm`` paper, ``pieces`` pieces of paper;
    ``asked_while_faulty`` says that a status with a fault has been sent. ``changed`` is notified
    of each change.
    """

    def __init__(
        self,
        dots: int,
        level: str,
        speed_mm_s: float | None,
        answer: Callable[[bytes], None],
        ejected: Callable[[SlipRecord], None],
        *,
        tells_changes: bool = True,
    ) -> None:
        self.level = level
        self.tells_changes = tells_changes
        self.speed_mm_s = speed_mm_s
        self.faults = Faults()
        self.changed = threading.Condition()
        self.used_mm = 0.0
        self.received = 0
        self.asked_while_faulty = False
        self.pieces = 0
        self.head = PrintHead(dots)
        self._answer = answer
        self._ejected = ejected
        self._buffer = bytearray()
        self._generation = 0
        self._recent = b""
        # The bits that "GS a" has selected, and the automatic status sent last.
        self._selected = 0
        self._last_sent = b""
        self._paper_ended = False
        self._stopping = False
        self._busy = False
        self._sheet = SlipRecord(0, dots)
        self._thread = threading.Thread(target=self._run, name="virtual-head", daemon=True)
        self._thread.start()

    # -- called from the connection's thread and from tests ------------------------------

    def receive(self, data: bytes) -> None:
        """Take bytes from the client: execute real-time commands, put all into the buffer."""
        kept = 0
        self.received += len(data)
        for command, end in self._real_time(data):
            if command[:2] == b"\x10\x04" and self.level != "D":
                status = self.status(command[2])
                if status is not None:
                    self._answer(bytes((status,)))
                    self._note_asked(status)
            elif self._clears(command):
                self._clear(answer=command == CLEAR_BUFFER)
                kept = end
        with self.changed:
            self._buffer += data[kept:]
            self.changed.notify_all()

    def _clears(self, command: bytes) -> bool:
        """Whether ``command`` clears the buffer: DLE DC4 8 at levels A and B, DLE ENQ 2 on a
        printer that an error has stopped."""
        if command == CLEAR_BUFFER:
            return self.level in "AB"
        return command == b"\x10\x05\x02" and self.level != "D" and self._stopped()

    def _note_asked(self, status: int) -> None:
        with self.changed:
            self.asked_while_faulty = self.asked_while_faulty or status != 0x12
            self.changed.notify_all()

    def room(self) -> int:
        """Free bytes in the buffer."""
        return BUFFER - len(self._buffer)

    def change(self, how: Callable[[Faults], None]) -> None:
        """Set or mend faults, send automatic status, continue a job that was stopped."""
        with self.changed:
            had_paper = self._has_paper()
            how(self.faults)
            left = self.faults.paper_left_mm
            if not had_paper and (left is None or left > 0):
                self._paper_ended = False
                self._new_roll()
            self._state_changed()

    @property
    def unfinished(self) -> SlipRecord:
        """The paper that has not been cut yet, with what is printed on it so far."""
        return self._sheet

    def idle(self) -> bool:
        """Whether nothing more will be printed before a change of faults or new bytes."""
        with self.changed:
            waiting = self._busy or next_command(self._buffer)[0] is not None
            return not waiting or not self._able() or self.faults.cutter_jam

    def stop(self) -> None:
        """Stop the thread."""
        with self.changed:
            self._stopping = True
            self._generation += 1
            self.changed.notify_all()
        self._thread.join(5)

    def status(self, n: int) -> int | None:
        """The status byte for DLE EOT ``n``; None for an n that does not exist."""
        faults, paper = self.faults, self._has_paper()
        stopped = self._stopped()
        offline = faults.cover_open or stopped or faults.offline or not paper
        near = self._near_end()
        bits = {
            1: 0x08 * offline,
            2: 0x04 * faults.cover_open | 0x20 * (not paper) | 0x40 * stopped,
            3: 0x08 * faults.cutter_jam | 0x20 * faults.error | 0x40 * faults.overheated,
            4: 0x0C * near | 0x60 * (not paper),
        }
        return 0x12 | bits[n] if n in bits else None

    # -- state ----------------------------------------------------------------------------

    def _has_paper(self) -> bool:
        left = self.faults.paper_left_mm
        return not self._paper_ended and (left is None or left > 0)

    def _near_end(self) -> bool:
        left = self.faults.paper_left_mm
        return self.faults.near_end or (left is not None and left < NEAR_END_MM)

    def _able(self) -> bool:
        faults = self.faults
        barred = faults.cover_open or faults.error or faults.overheated or faults.offline
        return not barred and self._has_paper()

    def _stopped(self) -> bool:
        """Whether an error has stopped the mechanism."""
        return self.faults.error or self.faults.cutter_jam or self.faults.overheated

    def _automatic_status(self) -> bytes:
        faults, paper = self.faults, self._has_paper()
        offline = faults.cover_open or self._stopped() or faults.offline or not paper
        return bytes(
            (
                0x10 | 0x08 * offline | 0x20 * faults.cover_open,
                0x08 * faults.cutter_jam | 0x20 * faults.error | 0x40 * faults.overheated,
                0x03 * self._near_end() | 0x0C * (not paper),
                0x00,
            )
        )

    def _state_changed(self) -> None:
        """After a fault began or ended: mark the slip, send status, mend passing faults."""
        if self.faults.cover_open and self._begun():
            self._sheet.why = self._sheet.why or "the cover was opened in mid slip"
        self._send_automatic_status()
        self.changed.notify_all()
        for name in [name for name in self.faults.passing if self._is_there(name)]:
            self.change(partial(_mend, name))

    def _is_there(self, name: str) -> bool:
        """Whether the fault ``name`` has begun."""
        return not self._has_paper() if name == "paper_out" else bool(getattr(self.faults, name))

    def _begun(self) -> bool:
        """Whether the paper that has not been cut yet bears any print."""
        return any(not isinstance(element, BlankPaper) for element in self._sheet.elements)

    def _new_roll(self) -> None:
        """The torn slip of the old roll is a piece of its own; the rest begins on the new roll."""
        if self._begun():
            self._eject(complete=False, why="the paper ended in mid slip")
            self._sheet.why = "begins in mid slip"

    def _clear(self, *, answer: bool) -> None:
        with self.changed:
            if self._sheet.elements:
                self._sheet.why = self._sheet.why or "the rest was thrown away"
            self._buffer.clear()
            self._generation += 1
            self._busy = False
            self.head.reset()
            self.changed.notify_all()
        if answer:
            self._answer(b"\x37\x25\x00")

    def _real_time(self, data: bytes) -> Iterator[tuple[bytes, int]]:
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

    # -- the thread -------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self.changed:
                self._busy = False
                self.changed.notify_all()
                command, used = next_command(self._buffer)
                while not self._stopping and (command is None or not self._able()):
                    self.changed.wait()
                    command, used = next_command(self._buffer)
                if self._stopping or command is None:
                    return
                del self._buffer[:used]
                self._busy = True
                generation = self._generation
                self.changed.notify_all()
            self._obey(command, generation)

    def _obey(self, command: Command, generation: int) -> None:
        with self.changed:
            if self._generation != generation:
                return
            if command.name not in ("ignored", "DLE EOT", "DLE ENQ", "DLE DC4"):
                self._sheet.commands.append(command.name)
            if command.name == "ESC @":
                self._selected = 0
            steps = self.head.obey(command)
        while self._step(steps, generation):
            pass
        self._reply(command)

    def _step(self, steps: Iterator[Element | Cut], generation: int) -> bool:
        """Print one element. Returns False when there is none, or the buffer was cleared."""
        with self.changed:
            if self._generation != generation:
                return False
            step = next(steps, None)
            if step is None:
                return False
            if isinstance(step, Cut):
                return self._cut(generation)
            length = step.height / 8
            left = self.faults.paper_left_mm
            if left is not None and length > left:
                self.faults.paper_left_mm = 0.0
                self._paper_ended = True
                self._state_changed()
            if self.faults.fed(length):
                self._state_changed()
            while not self._able():
                self.changed.wait()
                if self._generation != generation:
                    return False
            if self.faults.paper_left_mm is not None:
                self.faults.paper_left_mm -= length
            self.used_mm += length
            self._sheet.elements.append(step)
            # The roll may now be at its end or near it.
            self._state_changed()
        if self.speed_mm_s:
            time.sleep(length / self.speed_mm_s)
        return True

    def _cut(self, generation: int) -> bool:
        while self.faults.cutter_jam or not self._able():
            self.changed.wait()
            if self._generation != generation:
                return False
        if self._sheet.elements:
            self._eject(complete=not self._sheet.why, why=self._sheet.why)
        return True

    def _eject(self, *, complete: bool, why: str) -> None:
        sheet, self.pieces = self._sheet, self.pieces + 1
        self._sheet = SlipRecord(self.pieces, sheet.paper_dots)
        sheet.complete, sheet.why = complete, why
        self._ejected(sheet)

    def _send_automatic_status(self, *, at_once: bool = False) -> None:
        """Send "GS a" status when it is selected (``at_once``) and when a selected byte changes."""
        if not (self._selected and self.tells_changes and self.level in "ABC"):
            return
        status = self._automatic_status()
        chosen = bytes(
            byte if self._selected & bit else 0
            for byte, bit in zip(status, SELECTED_BY, strict=True)
        )
        if at_once or chosen != self._last_sent:
            self._last_sent = chosen
            self._answer(status)

    def _reply(self, command: Command) -> None:
        """Answer a command that is answered in order, where the level includes it."""
        name, args = command.name, command.args
        if name == "GS a":
            with self.changed:
                self._selected = args[0]
                self._send_automatic_status(at_once=True)
        elif name == "GS ( H" and args[:2] == b"00" and self.level == "A":
            self._answer(b"\x37\x22" + args[2:6] + b"\x00")
        elif name == "GS r" and self.level in "AB" and args[0] in (1, 49):
            paper = 0x03 * self._near_end() | 0x0C * (not self._has_paper())
            self._answer(bytes((paper,)))
        elif name == "GS ( L" and args == b"0@KC" and self.level in "AB":
            keys = b"".join(sorted(self.head.memory))[:80]
            self._answer(b"\x37\x72\x41" + keys + b"\x00")
        elif name == "GS I" and self.level in "AB":
            self._introduce(args[0])

    def _introduce(self, n: int) -> None:
        """Answer ``GS I n``: version, maker, model, serial number, fonts; else the type byte."""
        names = {65: b"1.0", 66: b"MPP", 67: b"VIRTUAL", 68: b"0", 69: b""}
        if n in names:
            self._answer(b"\x5f" + names[n] + b"\x00")
        elif n in (1, 2, 3, 49, 50, 51):
            self._answer(bytes((0x02,)))


def _mend(name: str, faults: Faults) -> None:
    faults.mend(name)
