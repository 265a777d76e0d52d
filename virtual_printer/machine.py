"""The machine: a receive buffer, a print head, paper in millimetres, a cutter, a cover.

Real-time commands are obeyed as they come, everything else in its turn by one thread, which
stops when paper, cover or cutter bar it and goes on by itself when they are mended, as
printers do. Status bits after Epson's ESC/POS reference, "DLE EOT" and "GS a".
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from virtual_printer.commands import CLEAR_BUFFER, Command, next_command
from virtual_printer.faults import Faults
from virtual_printer.head import Cut, Head
from virtual_printer.sheet import Element, SlipRecord, Space

BUFFER = 65536
"""Bytes of the receive buffer."""

NEAR_END_MM = 1000.0
"""With less paper than this the near-end sensor reports."""

SELECTED_BY = (0x02, 0x04, 0x08, 0x00)
"""The bit of "GS a" by which a change in each byte of the automatic status is told."""


class Machine:
    """``answer`` sends bytes to whoever is connected; ``ejected`` gets each piece of paper.

    ``level`` is A to D (what it can say), ``speed_mm_s`` None for mechanics in no time;
    ``tells_changes``: whether it knows automatic status (``GS a``), at level D never.
    ``received`` counts bytes, ``used_mm`` paper; ``asked_while_faulty`` says that a status
    other than well has been asked for and told. ``changed`` is notified of each change.
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
        self.head = Head(dots)
        self._answer = answer
        self._ejected = ejected
        self._buffer = bytearray()
        self._generation = 0
        self._recent = b""
        # What "GS a" has selected, and what was told of it last.
        self._selected = 0
        self._told = b""
        self._paper_ended = False
        self._stopping = False
        self._busy = False
        self._sheet = SlipRecord(0, dots)
        self._thread = threading.Thread(target=self._run, name="virtual-head", daemon=True)
        self._thread.start()

    # -- from outside -----------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Bytes from the line: real-time commands first, then into the buffer."""
        kept = 0
        self.received += len(data)
        for command, end in self._real_time(data):
            if command[:2] == b"\x10\x04" and self.level != "D":
                status = self.status(command[2])
                if status is not None:
                    self._answer(bytes((status,)))
                    self._note_asked(status)
            elif self._clears(command):
                self._clear(told=command == CLEAR_BUFFER)
                kept = end
        with self.changed:
            self._buffer += data[kept:]
            self.changed.notify_all()

    def _clears(self, command: bytes) -> bool:
        """Whether this throws away what is not printed: DLE DC4 8 on printers that know it, and
        DLE ENQ 2 on one that an error has stopped."""
        if command == CLEAR_BUFFER:
            return self.level in "AB"
        return command == b"\x10\x05\x02" and self.level != "D" and self._stopped()

    def _note_asked(self, status: int) -> None:
        with self.changed:
            self.asked_while_faulty = self.asked_while_faulty or status != 0x12
            self.changed.notify_all()

    def room(self) -> int:
        """Bytes that still fit into the buffer."""
        return BUFFER - len(self._buffer)

    def change(self, how: Callable[[Faults], None]) -> None:
        """Set or mend faults, tell those who asked to be told, go on where it stopped."""
        with self.changed:
            had_paper = self._has_paper()
            how(self.faults)
            left = self.faults.paper_left_mm
            if not had_paper and (left is None or left > 0):
                self._paper_ended = False
                self._new_roll()
            self._turned()

    @property
    def unfinished(self) -> SlipRecord:
        """The paper that is still in the printer, with what is on it so far."""
        return self._sheet

    def idle(self) -> bool:
        """Whether nothing more will be printed as things stand."""
        with self.changed:
            waiting = self._busy or next_command(self._buffer)[0] is not None
            return not waiting or not self._able() or self.faults.cutter_jam

    def stop(self) -> None:
        """End the machine's thread."""
        with self.changed:
            self._stopping = True
            self._generation += 1
            self.changed.notify_all()
        self._thread.join(5)

    def status(self, n: int) -> int | None:
        """The byte of DLE EOT ``n``; None for an n that does not exist."""
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

    # -- the state of things ----------------------------------------------------------

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
        """Whether an error has stopped the mechanics."""
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

    def _turned(self) -> None:
        """Something has begun or ended: mark the paper, tell, and mend what passes by itself."""
        if self.faults.cover_open and self._begun():
            self._sheet.why = self._sheet.why or "the cover was opened in mid slip"
        self._tell()
        self.changed.notify_all()
        for name in [name for name in self.faults.passing if self._is_there(name)]:
            self.change(partial(_mend, name))

    def _is_there(self, name: str) -> bool:
        """Whether the fault ``name`` has begun."""
        return not self._has_paper() if name == "paper_out" else bool(getattr(self.faults, name))

    def _begun(self) -> bool:
        """Whether something stands on the paper that has not been cut off yet."""
        return any(not isinstance(element, Space) for element in self._sheet.elements)

    def _new_roll(self) -> None:
        """What the old roll held comes away; the rest of a slip begins on the new one."""
        if self._begun():
            self._eject(complete=False, why="the paper ended in mid slip")
            self._sheet.why = "begins in mid slip"

    def _clear(self, *, told: bool) -> None:
        with self.changed:
            if self._sheet.elements:
                self._sheet.why = self._sheet.why or "the rest was thrown away"
            self._buffer.clear()
            self._generation += 1
            self._busy = False
            self.head.reset()
            self.changed.notify_all()
        if told:
            self._answer(b"\x37\x25\x00")

    def _real_time(self, data: bytes) -> Iterator[tuple[bytes, int]]:
        """Real-time commands and where in ``data`` each ends; they may begin earlier."""
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
        """Print one element; False when there is none, or it was thrown away."""
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
                self._turned()
            if self.faults.fed(length):
                self._turned()
            while not self._able():
                self.changed.wait()
                if self._generation != generation:
                    return False
            if self.faults.paper_left_mm is not None:
                self.faults.paper_left_mm -= length
            self.used_mm += length
            self._sheet.elements.append(step)
            # The roll may have ended with it, or be low from here on.
            self._turned()
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

    def _tell(self, *, asked: bool = False) -> None:
        """Automatic status: once when selected, then whenever what is selected changes."""
        if not (self._selected and self.tells_changes and self.level in "ABC"):
            return
        status = self._automatic_status()
        chosen = bytes(
            byte if self._selected & bit else 0
            for byte, bit in zip(status, SELECTED_BY, strict=True)
        )
        if asked or chosen != self._told:
            self._told = chosen
            self._answer(status)

    def _reply(self, command: Command) -> None:
        """Answers in their turn, at the levels that can give them."""
        name, args = command.name, command.args
        if name == "GS a":
            with self.changed:
                self._selected = args[0]
                self._tell(asked=True)
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
        names = {65: b"1.0", 66: b"MPP", 67: b"VIRTUAL", 68: b"0", 69: b""}
        if n in names:
            self._answer(b"\x5f" + names[n] + b"\x00")
        elif n in (1, 2, 3, 49, 50, 51):
            self._answer(bytes((0x02,)))


def _mend(name: str, faults: Faults) -> None:
    faults.mend(name)
